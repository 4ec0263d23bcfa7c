import type {
  CodedConcept,
  DicomDateTime,
  DocumentHeader,
  PersonName,
  SrDocument,
  SrItem,
} from './document/sr-document.ts';
import { sopClassName } from './encoding/sop-classes.ts';
import { printable } from './text/printable.ts';

/** Writes a document for a person to read: its header, then one line per content item with its path. Holds patient values. */
export function describeDocument(document: SrDocument): string {
  return [...describeHeader(document.header), '', ...describeTree(document.root)].join('\n');
}

function describeHeader(header: DocumentHeader): string[] {
  const { patient, study, series, equipment, performedProcedure: procedure } = header;
  const device = [equipment.manufacturer, equipment.modelName, equipment.stationName, equipment.institutionName];
  const rows: (readonly [string, string | null])[] = [
    ['Document', sopClassName(header.sopClassUid) ?? header.sopClassUid],
    ['SOP Instance UID', header.sopInstanceUid],
    ['Transfer syntax', header.transferSyntaxUid],
    ['Patient', list([person(patient.name), patient.sex, when(patient.birthDate), patient.age])],
    ['Patient ID', list([patient.patientId, patient.issuerOfPatientId])],
    [
      'Size, weight',
      list([quantity(patient.size?.raw, 'm'), quantity(patient.weight?.raw, 'kg'), patient.ethnicGroup]),
    ],
    ['Study', list([study.description, when(study.studyDate), when(study.studyTime)])],
    ['Accession number', study.accessionNumber],
    ['Study UID', study.studyInstanceUid],
    ['Series', list([series.description, when(series.seriesDate), when(series.seriesTime)])],
    ['Series UID', series.seriesInstanceUid],
    ['Side', list([header.laterality, header.imageLaterality])],
    ['Performed procedure', list([procedure.stepId, procedure.description, ...procedure.codes.map(code)])],
    ['Equipment', list([...device, quantity(equipment.deviceSerialNumber ?? undefined, 'serial')])],
    ['Software', list(equipment.softwareVersions)],
    [
      'Content date, time',
      list([when(header.contentDate), when(header.contentTime), zone(header.timezoneOffsetMinutes)]),
    ],
    ['Flags', list([header.completionFlag, header.verificationFlag])],
    ['Image comments', header.imageComments === null ? null : `${header.imageComments.length} characters`],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [`${label.padEnd(19)}: ${printable(value)}`]));
}

function describeTree(root: SrItem): string[] {
  const lines: (readonly [path: string, text: string])[] = [];
  const stack: { readonly item: SrItem; readonly depth: number }[] = [{ item: root, depth: 0 }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { item, depth } = entry;
    lines.push([item.path, '  '.repeat(depth) + describeItem(item)]);
    for (const child of item.children.toReversed()) stack.push({ item: child, depth: depth + 1 });
  }
  const width = Math.min(
    lines.reduce((widest, [path]) => Math.max(widest, path.length), 0),
    24,
  );
  return lines.map(([path, text]) => `${path.padEnd(width)}  ${text}`);
}

function describeItem(item: SrItem): string {
  const value = describeValue(item);
  const observed = item.observationDateTime === null ? '' : ` {${when(item.observationDateTime)}}`;
  const template = item.templateId === null ? '' : ` [TID ${item.templateId}]`;
  const head = `${item.relationship === null ? '' : `${item.relationship.toLowerCase()} `}${item.valueType}`;
  const concept = item.concept === null ? '' : ` ${code(item.concept)}`;
  return printable(`${head}${concept}${value === '' ? '' : ` = ${value}`}${template}${observed}`);
}

function describeValue(item: SrItem): string {
  switch (item.valueType) {
    case 'CONTAINER':
      return '';
    case 'TEXT':
      return quoted(item.text);
    case 'NUM': {
      const unread = item.number !== null && item.number.decimal === null ? ' (not a number)' : '';
      const number = item.number === null ? 'no value' : `${quoted(item.number.raw)}${unread}`;
      const qualifier = item.qualifier === null ? '' : `, ${code(item.qualifier)}`;
      return `${number}${item.unit === null ? '' : ` ${item.unit.value || quoted(item.unit.meaning)}`}${qualifier}`;
    }
    case 'CODE':
      return item.code === null ? 'no value' : code(item.code);
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
      return when(item.value) ?? 'no value';
    case 'PNAME':
      return person(item.name) ?? 'no value';
    case 'UIDREF':
      return item.uid ?? 'no value';
    case 'COMPOSITE':
    case 'IMAGE':
    case 'WAVEFORM':
      return item.references
        .map(({ sopClassUid, sopInstanceUid }) => {
          return `(${sopClassUid === null ? '?' : (sopClassName(sopClassUid) ?? sopClassUid)}, ${sopInstanceUid ?? '?'})`;
        })
        .join(' ');
    case 'SCOORD':
    case 'SCOORD3D':
    case 'TCOORD':
      return `${item.graphicType ?? '?'} (${item.numbers.slice(0, 12).join(', ')}${item.numbers.length > 12 ? ', ...' : ''})`;
    case 'TABLE':
      return 'a table, not read';
    case 'BY_REFERENCE':
      return `see ${item.target}`;
    case 'UNKNOWN':
      return `${item.rawValueType ?? 'no value type'}${item.text ? `: ${quoted(item.text)}` : ''}`;
    default:
      return item satisfies never;
  }
}

function code({ value, scheme, meaning }: CodedConcept): string {
  return `${quoted(meaning)} (${value}, ${scheme})`;
}

function when(value: DicomDateTime | null): string | null {
  if (value === null) return null;
  if (value.date === null && value.time === null) return `${quoted(value.raw)} (unreadable)`;
  return list([value.date, value.time, zone(value.offsetMinutes)], ' ');
}

function zone(minutes: number | null): string | null {
  if (minutes === null) return null;
  const size = Math.abs(minutes);
  const digits = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
  return `UTC${minutes < 0 ? '-' : '+'}${digits.join(':')}`;
}

function person(name: PersonName | null): string | null {
  return name === null ? null : list([name.alphabetic, name.ideographic, name.phonetic], ' = ');
}

function quantity(value: string | undefined, unit: string): string | null {
  return value === undefined ? null : unit === 'serial' ? `serial ${value}` : `${value} ${unit}`;
}

function list(parts: readonly (string | null)[], separator = ', '): string | null {
  const present = parts.filter((part) => part !== null && part !== '');
  return present.length === 0 ? null : present.join(separator);
}

function quoted(text: string): string {
  return `"${text}"`;
}
