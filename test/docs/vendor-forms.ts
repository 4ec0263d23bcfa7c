import { formatMicro } from '../../src/dxa/values/quantity.ts';
import type { Vertebra } from '../../src/dxa/values/region.ts';
import { describeVertebrae } from '../../src/dxa/values/region.ts';
import { readTrendDates } from '../../src/vendors/ge-lunar/trend-date.ts';
import { readAssignments } from '../../src/vendors/hologic/assignments.ts';
import { ALL_HOLOGIC_QUIRKS } from '../../src/vendors/hologic/quirks.ts';
import { readResultsTable } from '../../src/vendors/hologic/results-table.ts';
import { readScanMode } from '../../src/vendors/hologic/vocabulary.ts';
import type { EvidenceGrade } from '../../src/vendors/report/quirk.ts';
import { NO_MAPPING, useMapping } from '../../src/vendors/report/site-mapping.ts';
import { readNumberText } from '../../src/vendors/text/number-text.ts';
import { readSpineLabel } from '../../src/vendors/text/spine-label.ts';
import { code } from './page.ts';

/** A form in which something is written, and how well it is known that somebody writes it so. */
type Form = readonly [form: string, grade: EvidenceGrade];
type Row = readonly [form: string, read: string, grade: string];

const HEADER_CELLS: readonly Form[] = [
  ['Area (cm<sup>2</sup>)', 'inferred'],
  ['BMC (g)', 'inferred'],
  ['BMD (g/cm<sup>2</sup>)', 'inferred'],
  ['BMD (g/cm&sup2;)', 'inferred'],
  ['T -<br>score', 'attested'],
  ['Z -<br>score', 'attested'],
  ['PR (%)', 'inferred'],
  ['AM (%)', 'inferred'],
  ['Area[cm<sup><small>2</small></sup>]', 'attested'],
  ['BMC[(g)]', 'attested'],
  ['BMD[g/cm<sup><small>2</small></sup>]', 'attested'],
  ['BMD[g/cm&sup2;]', 'attested'],
  ['BMD[g/cm^2]', 'attested'],
  ['PR (Peak Reference)', 'attested'],
  ['AM (Age Matched)', 'attested'],
  ['BMD[g/cm2] change', 'inferred'],
];

/** What becomes of a column whose header is written so, in a table that is otherwise in order. */
export function hologicHeaders(): readonly Row[] {
  return HEADER_CELLS.map(([form, grade]) => {
    const cells = [
      ['Region', form],
      ['Neck', '1'],
    ];
    const script = cells.flatMap((row, r) => row.map((text, c) => `ResultsTable1[ ${r}][ ${c}] = "${text}";`));
    const { regions, findings } = readResultsTable({
      rows: readAssignments(script.join('\r\n')).tables.get('ResultsTable1') ?? [],
      unreadCells: 0,
      scan: { scanType: 'hip', laterality: 'left' },
      scanLabel: 'a Left Hip',
      referencePopulation: '',
      path: 'ResultsTable1',
      quirks: ALL_HOLOGIC_QUIRKS,
      mapping: useMapping(NO_MAPPING),
    });
    const [measure] = regions[0]?.measures ?? [];
    if (measure === undefined) return [code(form), `not read: ${code(findings[0]?.code ?? '')}`, grade];
    const name = measure.quantity.replaceAll('_', ' ');
    const unit =
      measure.unit === null
        ? ''
        : measure.unitVerdict === 'ok'
          ? ` in ${measure.unit}`
          : `, unit ${measure.unit} not its own`;
    return [code(form), `${name}${unit}`, grade];
  });
}

const SCAN_MODES: readonly Form[] = [
  ['a Lumbar Spine', 'attested'],
  ['a Left Hip', 'attested'],
  ['a Right Hip', 'attested'],
  ['a Whole Body', 'attested'],
  ['a Left Forearm', 'attested'],
  ['a Dual Hip', 'inferred'],
  ['a R.Forearm', 'attested'],
  ['f Lumbar Spine', 'documented'],
  ['a AP Lumbar Spine', 'inferred'],
  ['a Lateral Spine', 'inferred'],
  ['a Thoracic Spine', 'inferred'],
  ['a AP Spine IVA', 'inferred'],
  ['a Left Hip HSA', 'inferred'],
  ['a Prosthetic Left Hip', 'inferred'],
];

export function hologicScanModes(): readonly Row[] {
  return SCAN_MODES.map(([form, grade]) => {
    const scan = readScanMode(form, 'abbreviated');
    const side = scan?.laterality ?? 'side from elsewhere';
    return [
      code(form),
      scan === null
        ? `not read: ${code('UNKNOWN_SCAN')}`
        : `${scan.scanType.replaceAll('_', ' ')}, ${side === 'none' ? 'no side' : side}`,
      grade,
    ];
  });
}

const SPINE_LABELS: readonly Form[] = [
  ['L2', 'attested'],
  ['L1-L4', 'attested'],
  ['L2-4', 'inferred'],
  ['L1-L4 (L2)', 'attested'],
  ['L2-L4 (L3)', 'attested'],
  ['L1,L3-L4', 'attested'],
  ['L1-L2,L4', 'attested'],
  ['L1-L4 excl. L2', 'inferred'],
];

const setText = (vertebrae: readonly Vertebra[]) => describeVertebrae(vertebrae);

export function spineLabels(): readonly Row[] {
  return SPINE_LABELS.map(([form, grade]) => {
    const vertebrae = readSpineLabel(form);
    return [code(form), vertebrae === null ? `not read: ${code('UNKNOWN_REGION')}` : setText(vertebrae), grade];
  });
}

const NUMBERS: readonly Form[] = [
  ['0.985', 'attested'],
  ['0,985', 'attested'],
  ['1,023', 'attested'],
  ['2,377', 'attested'],
  ['1.234,5', 'inferred'],
  ['9.85e-01', 'documented'],
  ['9.85e-001', 'attested'],
  ['-', 'attested'],
  ['*****', 'attested'],
  ['<0.5', 'inferred'],
  ['n/a', 'inferred'],
];

export function numberForms(): readonly Row[] {
  const text = (value: number) => formatMicro(value, 6).replace(/\.?0+$/, '');
  return NUMBERS.map(([form, grade]) => {
    const read = readNumberText(form);
    switch (read.kind) {
      case 'absent':
        return [code(form), 'no value', grade];
      case 'number':
        return [code(form), text(read.value), grade];
      case 'comma': {
        const both = [read.decimal, read.thousands].filter((value) => value !== null).map(text);
        return [
          code(form),
          both.length === 1 ? both.join() : `${both.join(' or ')}: unit, range and BMD = BMC / area decide`,
          grade,
        ];
      }
      case 'unreadable':
        return [code(form), `not read: ${code('UNREADABLE_VALUE')}`, grade];
      default:
        return read satisfies never;
    }
  });
}

/** Dates of one trend each, in a study of 2023-04-12. */
const TREND_DATES: readonly (readonly [dates: readonly string[], grade: EvidenceGrade])[] = [
  [['04/12/2023', '04/28/2021'], 'attested'],
  [['12/04/2023', '28/04/2021'], 'attested'],
  [['12-Apr-2023', '28-Apr-2021'], 'attested'],
  [['12.04.2023', '28.04.2021'], 'inferred'],
  [['2023-04-12', '2021-04-28'], 'inferred'],
  [['03/04/2021'], 'attested'],
  [['spring 2021'], 'inferred'],
];

export function trendDates(): readonly Row[] {
  return TREND_DATES.map(([texts, grade]) => {
    const read = readTrendDates(texts, '2023-04-12').map(
      ({ date, problem }) => date ?? code(problem === 'ambiguous' ? 'TREND_DATE_AMBIGUOUS' : 'TREND_DATE_UNREADABLE'),
    );
    return [texts.map(code).join(' and '), read.join(' and '), grade];
  });
}
