import { findRow } from '../document/element-table.ts';
import { addFinding } from '../document/findings.ts';
import { formatTag } from '../document/refused.ts';
import type { NumItem, SrItem } from '../document/sr-document.ts';
import { TAG } from '../encoding/tags.ts';
import { readDate, readDateTime, readTime } from '../text/date-time.ts';
import { readDecimalString } from '../text/decimal.ts';
import { type Reading, readNumbers } from '../text/values.ts';
import { type ConceptCache, type Context, onlyItem, readConcept } from './code-sequence.ts';
import {
  numberAt,
  numbersAt,
  personNameAt,
  referencesOf,
  stringAt,
  templateOf,
  textAt,
  timeAt,
  uidAt,
} from './content-value.ts';

export type ItemContext = Context & { readonly path: string };

/**
 * Reads one content item (PS3.3 C.17.3 and C.18) into the tree; `children` is filled by the caller afterwards. `assumed`
 * is the value type of an item that states none.
 */
export function readItem(
  reading: Reading,
  cache: ConceptCache,
  row: number,
  context: ItemContext,
  children: SrItem[],
  assumed: 'CONTAINER' | null = null,
): SrItem {
  const { path } = context;
  const base = {
    path,
    relationship: stringAt(reading, row, TAG.RelationshipType, path),
    concept: readConcept(reading, cache, row, TAG.ConceptNameCodeSequence, context),
    observationDateTime: timeAt(reading, row, TAG.ObservationDateTime, path, readDateTime),
    observationUid: uidAt(reading, row, TAG.ObservationUID, path),
    templateId: templateOf(reading, row, path),
    children,
  };
  const valueType = stringAt(reading, row, TAG.ValueType, path) ?? assumed;
  switch (valueType) {
    case 'CONTAINER':
      return { ...base, valueType, continuity: stringAt(reading, row, TAG.ContinuityOfContent, path) };
    case 'TEXT':
      return { ...base, valueType, text: textAt(reading, row, TAG.TextValue, context, true) ?? '' };
    case 'NUM':
      return { ...base, valueType, ...readNumeric(reading, cache, row, context) };
    case 'CODE':
      return { ...base, valueType, code: readConcept(reading, cache, row, TAG.ConceptCodeSequence, context) };
    case 'DATETIME':
      return { ...base, valueType, value: timeAt(reading, row, TAG.DateTime, path, readDateTime) };
    case 'DATE':
      return { ...base, valueType, value: timeAt(reading, row, TAG.Date, path, readDate) };
    case 'TIME':
      return { ...base, valueType, value: timeAt(reading, row, TAG.Time, path, readTime) };
    case 'PNAME':
      return { ...base, valueType, name: personNameAt(reading, row, TAG.PersonName, context) };
    case 'UIDREF':
      return { ...base, valueType, uid: uidAt(reading, row, TAG.UID, path) };
    case 'COMPOSITE':
    case 'IMAGE':
    case 'WAVEFORM':
      return { ...base, valueType, references: referencesOf(reading, row, path) };
    case 'SCOORD':
    case 'SCOORD3D':
      return {
        ...base,
        valueType,
        graphicType: stringAt(reading, row, TAG.GraphicType, path),
        numbers: numbersAt(reading, row, TAG.GraphicData, path, 'float32'),
      };
    case 'TCOORD':
      return {
        ...base,
        valueType,
        graphicType: stringAt(reading, row, TAG.TemporalRangeType, path),
        numbers: temporalNumbers(reading, row, path),
      };
    case 'TABLE':
      return { ...base, valueType };
    default: {
      const target = readTarget(reading, row, path);
      if (valueType === null && target !== null) return { ...base, valueType: 'BY_REFERENCE', target };
      addFinding(reading.findings, 'VALUE_TYPE_UNKNOWN', path);
      return { ...base, valueType: 'UNKNOWN', rawValueType: valueType, text: anyText(reading, row, context) };
    }
  }
}

/** NUM, PS3.3 C.18.1. The text of the number is kept whatever it is. */
function readNumeric(reading: Reading, cache: ConceptCache, row: number, context: ItemContext) {
  const { path } = context;
  const qualifier = readConcept(reading, cache, row, TAG.NumericValueQualifierCodeSequence, context);
  const nothing = { number: null, unit: null, qualifier, floatingValue: null, rational: null };
  const measured = onlyItem(reading, row, TAG.MeasuredValueSequence, path);
  if (measured < 0) return nothing;
  const numerator = numberAt(reading, measured, TAG.RationalNumeratorValue, path, 'int32');
  const denominator = numberAt(reading, measured, TAG.RationalDenominatorValue, path, 'uint32');
  return {
    number: readDecimalString(stringAt(reading, measured, TAG.NumericValue, path) ?? ''),
    unit: readConcept(reading, cache, measured, TAG.MeasurementUnitsCodeSequence, context),
    qualifier,
    floatingValue: numberAt(reading, measured, TAG.FloatingPointValue, path, 'float64'),
    rational: numerator === null || denominator === null || denominator === 0 ? null : { numerator, denominator },
  } satisfies Partial<NumItem>;
}

/** Referenced Content Item Identifier: "1\4\2" counts positions from the root, as our own paths do (C.17.3.1). */
function readTarget(reading: Reading, row: number, path: string): string | null {
  const element = findRow(reading.table, row, TAG.ReferencedContentItemIdentifier);
  if (element < 0) return null;
  const positions = readNumbers(reading, element, 'uint32');
  if (positions === null) {
    const tag = formatTag(TAG.ReferencedContentItemIdentifier);
    addFinding(reading.findings, 'VALUE_UNREADABLE', path, { tag });
  }
  return (positions ?? []).join('.');
}

/** TCOORD counts samples, or gives offsets in seconds (C.18.7); ranges by date and time have no numbers. */
function temporalNumbers(reading: Reading, row: number, path: string): number[] {
  const positions = numbersAt(reading, row, TAG.ReferencedSamplePositions, path, 'uint32');
  if (positions.length > 0) return positions;
  const offsets = stringAt(reading, row, TAG.ReferencedTimeOffsets, path);
  if (offsets === null) return [];
  const numbers = offsets.split('\\').map((offset) => readDecimalString(offset).decimal);
  if (numbers.includes(null)) {
    addFinding(reading.findings, 'VALUE_UNREADABLE', path, { tag: formatTag(TAG.ReferencedTimeOffsets) });
    return [];
  }
  return numbers.map(Number);
}

/** What an item of unknown type says, if it says it in one of the usual attributes. */
function anyText(reading: Reading, row: number, context: ItemContext): string | null {
  for (const tag of [TAG.TextValue, TAG.PersonName]) {
    const text = textAt(reading, row, tag, context, true);
    if (text !== null) return text;
  }
  for (const tag of [TAG.DateTime, TAG.Date, TAG.Time, TAG.UID]) {
    const text = stringAt(reading, row, tag, context.path);
    if (text !== null) return text;
  }
  return null;
}
