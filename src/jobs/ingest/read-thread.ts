import { createHash } from 'node:crypto';
import { type ReportRow, reportRow } from '../../db/records/report-row.ts';
import type { ElementTable } from '../../dicom/document/element-table.ts';
import type { DocumentHeader, SrItem } from '../../dicom/document/sr-document.ts';
import { canonicalContent } from '../../dicom/encoding/canonical-content.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { READER_VERSION, readReport } from '../../dicom/read-report.ts';
import { openLabelScreen } from '../../dicom/text/label-screen.ts';
import type { RejectionNote } from '../../dxa/study/rejection.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import type { IsoDate, NormalisedReport } from '../../dxa/values/report.ts';
import { adaptImage } from '../../vendors/adapt-image.ts';
import { adaptReport } from '../../vendors/adapt-report.ts';
import { chooseMapping, type MappingRule } from '../../vendors/choose-mapping.ts';
import { readRejectionNote } from '../../vendors/rejection-note.ts';
import { readingOf } from '../versions.ts';

export type ReadTask = {
  readonly bytes: Uint8Array;
  readonly limits: ReadLimits;
  /** The day, in UTC, on which the file came for the first time: reading it years later gives the same. */
  readonly receivedOn: IsoDate;
  /** What the site says about codes and labels that no adapter knows. */
  readonly mappings?: readonly MappingRule[];
  /** Of the report on record: the same report again need not leave the thread. */
  readonly digest?: string;
};

type Read = {
  /** The same for every encoding of one data set, and another for every other: SHA-256 of its canonical content. */
  readonly contentIdentity?: string | null;
  /** The latest change of the site's mappings that reading it saw. */
  readonly mappingRevision?: string | null;
};

export type ReadReport = Read & { readonly ok: true; readonly same?: undefined; readonly report: ReportRow };

/** A report that says what the one on record says: what confirms that one. */
export type SameReport = Read &
  Pick<ReportRow, 'digest' | 'sopInstanceUid' | 'adapterVersion' | 'readerVersion'> & {
    readonly ok: true;
    readonly same: true;
    /** How many reading it makes. */
    readonly findings: number;
  };

/** A rejection note: no report, and not refused. */
export type ReadNote = Read & {
  readonly ok: false;
  readonly note: RejectionNote;
  readonly sopInstanceUid: string;
  readonly findings: readonly Finding[];
};

export type Refused = {
  readonly ok: false;
  readonly note?: undefined;
  readonly code: string;
  readonly path: string | null;
  readonly facts: NonNullable<Finding['facts']>;
  readonly sopInstanceUid: string | null;
  readonly findings: readonly Finding[];
  readonly mappingRevision?: string | null;
  /** What the refusal hangs on, where that is more than this release: under other limits the file may be a report. */
  readonly reading?: string;
};

/** What a file says, or why it is none of ours. Plain data: it crosses from the thread that read it. */
export type ReadOutcome = ReadReport | ReadNote | Refused;

const identify = (table: ElementTable, { limits }: ReadTask): string =>
  createHash('sha256').update(canonicalContent(table, limits)).digest('hex');

/** A report with every finding that was made of its file, and the elements that it was read from. */
type Normalised = { readonly ok: true; readonly report: NormalisedReport; readonly table: ElementTable };

/** A densitometer may send its results inside an image; any other image keeps the refusal it already has. */
function readImage(task: ReadTask, refused: Refused): Normalised | Refused {
  const { bytes, limits, receivedOn, mappings = [] } = task;
  const image = adaptImage(bytes, limits, receivedOn, mappings);
  if (image.ok) {
    const screened = screenLabels(image.report.findings, { header: image.header, root: null });
    const findings = [...image.readerFindings, ...screened];
    return { ok: true, report: { ...image.report, findings }, table: image.table };
  }
  return image.code === 'NO_PRIVATE_RESULTS'
    ? refused
    : { ...image, findings: [], reading: readingOf(image.code, limits) };
}

/** Reads and adapts one file. */
export function readNormalised(task: ReadTask): Normalised | ReadNote | Refused {
  const read = readReport(task.bytes, task.limits);
  if (!read.ok) {
    const { code, path, offset, facts } = read.refusal;
    const refused: Refused = {
      ok: false,
      code,
      path,
      facts: offset === null ? (facts ?? {}) : { ...facts, offset },
      sopInstanceUid: read.sopInstanceUid,
      findings: [],
      reading: readingOf(code, task.limits),
    };
    return code === 'NOT_STRUCTURED_REPORT' ? readImage(task, refused) : refused;
  }
  const { receivedOn, mappings = [] } = task;
  const noted = readRejectionNote(read.document, receivedOn);
  if (noted !== null) {
    const { note } = noted;
    const findings = [...read.document.findings, ...noted.findings];
    const contentIdentity = identify(read.table, task);
    return { ok: false, note, sopInstanceUid: note.sopInstanceUid, findings, contentIdentity };
  }
  const adapted = adaptReport(read.document, receivedOn, chooseMapping(mappings, read.document, receivedOn));
  if (!adapted.ok) {
    return {
      ok: false,
      code: adapted.code,
      path: adapted.path,
      facts: adapted.facts,
      sopInstanceUid: read.document.header.sopInstanceUid,
      findings: read.document.findings,
      reading: readingOf(adapted.code, task.limits),
    };
  }
  const findings = [...read.document.findings, ...screenLabels(adapted.report.findings, read.document)];
  return { ok: true, report: { ...adapted.report, findings }, table: read.table };
}

/** The same with the report as what stores it: the whole of what runs in a reading thread. */
export function readAndAdapt(task: ReadTask): ReadOutcome {
  const read = readNormalised(task);
  if (!read.ok) return read;
  return { ok: true, report: reportRow(read.report, READER_VERSION), contentIdentity: identify(read.table, task) };
}

/** The same of a file whose report is on record: says no more than that it is the same where its digest is. */
export function readAndCompare(task: ReadTask): ReadOutcome | SameReport {
  const outcome = readAndAdapt(task);
  if (!outcome.ok || outcome.report.digest !== task.digest) return outcome;
  const { report, contentIdentity = null } = outcome;
  const { digest, sopInstanceUid, adapterVersion, readerVersion, findings } = report;
  return {
    ...{ ok: true, same: true, digest, sopInstanceUid, adapterVersion, readerVersion, contentIdentity },
    findings: findings.length,
  };
}

/** Labels of unknown items are stored and listed; whatever could name a patient is taken out of them first. */
function screenLabels(
  findings: readonly Finding[],
  document: { readonly header: DocumentHeader; readonly root: SrItem | null },
): readonly Finding[] {
  const named = (finding: Finding) => typeof finding.facts?.['label'] === 'string' && finding.facts['label'] !== '';
  if (!findings.some(named)) return findings;
  const screen = openLabelScreen(document);
  return findings.map((finding) => {
    if (!named(finding)) return finding;
    const text = (name: string) => String(finding.facts?.[name] ?? '');
    const [value, scheme, meaning] = [text('value'), text('scheme'), text('label')];
    if (value === '') return { ...finding, facts: { ...finding.facts, label: screen.label(meaning) } };
    const shown = screen.concept({ value, scheme, meaning, key: `${scheme}:${value}` });
    const known = shown.key === null || !shown.key.includes('<');
    return { ...finding, facts: { ...finding.facts, value: known ? value : '', label: shown.meaning ?? '' } };
  });
}
