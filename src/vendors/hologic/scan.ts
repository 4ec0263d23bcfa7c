import type { DocumentHeader } from '../../dicom/document/sr-document.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { finding } from '../report/finding.ts';
import { labelled, type MappingUse, mappedScan } from '../report/site-mapping.ts';
import { shortLabel } from '../text/label.ts';
import { headerSides, readSide } from '../text/side.ts';
import { type Assignments, RESULTS } from './assignments.ts';
import { namesBothSides } from './place-row.ts';
import type { HologicQuirk } from './quirks.ts';
import { type HologicScan, readScanMode } from './vocabulary.ts';

/** What the scan of an image is called, for people; both names of a dual hip. */
export type NamedScan = {
  readonly scan: HologicScan | null;
  readonly label: string;
  readonly findings: readonly Finding[];
};

type Input = {
  readonly assignments: Assignments;
  readonly header: DocumentHeader;
  /** Of the private element. */
  readonly path: string;
  readonly mapping: MappingUse;
  readonly quirks: ReadonlySet<HologicQuirk>;
};

/**
 * Says which scan the results are of. ScanMode names it, of a dual hip one side, and ScanMode2 the other. A side that
 * only the header names completes the name; where two places name different sides, none is believed.
 */
export function readScan(input: Input): NamedScan {
  const { assignments, path, quirks } = input;
  const findings: Finding[] = [];
  const name = (key: string) => (assignments.values.get(key) ?? '').trim();
  const names = quirks.has('second-scan-mode') ? ['ScanMode', 'ScanMode2'] : ['ScanMode'];
  const given = names.filter((key) => name(key) !== '');
  const label = given.map(name).join(' + ');
  const scans: HologicScan[] = [];
  for (const key of given.length === 0 ? ['ScanMode'] : given) {
    const scan = nameScan(name(key), input);
    const known = scan !== null && (scans[0] === undefined || scans[0].scanType === scan.scanType);
    if (known) scans.push(scan);
    else findings.push(finding('UNKNOWN_SCAN', `${path}/${key}`, { label: shortLabel(name(key)) }));
    if (scans[0] === undefined) return { scan: null, label, findings };
  }
  const [first, second] = scans;
  if (first === undefined) return { scan: null, label, findings };
  const scan = withHeaderSide(second === undefined ? first : join(first, second), input, findings);
  const hasStranger = scans.length < given.length;
  return { scan: scan === null || !hasStranger ? scan : { ...scan, alone: false }, label, findings };
}

function nameScan(text: string, { mapping, quirks }: Input): HologicScan | null {
  const known = readScanMode(text, quirks.has('short-sides') ? 'abbreviated' : 'whole');
  if (known !== null) return known;
  const mapped = mappedScan(mapping, labelled(text));
  return mapped === null ? null : { scanType: mapped.scanType, laterality: mapped.laterality, both: false };
}

const isPaired = ({ scanType }: HologicScan) => scanType === 'hip' || scanType === 'forearm';

/** Two scans of one side are that side; of two sides, or where one names none, the rows say which. */
function join(one: HologicScan, other: HologicScan): HologicScan {
  if (!isPaired(one) || (one.laterality !== null && one.laterality === other.laterality)) return one;
  return { ...one, laterality: null, both: true };
}

function withHeaderSide(scan: HologicScan, input: Input, findings: Finding[]): HologicScan | null {
  const { assignments, header, path, quirks } = input;
  const both = scan.both || (scan.laterality === null && namesBothSides(assignments.tables.get(RESULTS) ?? []));
  if (!isPaired(scan) || both) return { ...scan, both };
  const inScript = readSide(assignments.values.get('ImageLaterality') ?? null);
  const named = [
    ...(inScript === null ? [] : [{ side: inScript, path: `${path}/ImageLaterality` }]),
    ...(quirks.has('side-in-header') ? headerSides(header) : []),
  ];
  const side = scan.laterality ?? named[0]?.side ?? null;
  const other = named.find((one) => one.side !== side);
  if (other === undefined) return { ...scan, laterality: side };
  findings.push(finding('LATERALITY_CONFLICT', other.path));
  return null;
}
