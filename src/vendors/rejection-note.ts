import { uidOrNull } from '../dicom/document/refused.ts';
import type { EvidenceReference, SrDocument, SrItem } from '../dicom/document/sr-document.ts';
import { KEY_OBJECT_SELECTION } from '../dicom/encoding/sop-classes.ts';
import { conceptKey } from '../dicom/tree/coded-concept.ts';
import type { NamedInstance, RejectionNote, RejectionTitle } from '../dxa/study/rejection.ts';
import type { Finding } from '../dxa/values/finding.ts';
import type { IsoDate } from '../dxa/values/report.ts';
import { finding } from './report/finding.ts';
import { trimmed } from './report/header.ts';
import { chooseDates } from './report/scan-dates.ts';
import { everyItem } from './text/item-text.ts';

/** Raised with every change that can alter what a key object says; the night then reads again those that were refused. */
export const REJECTION_NOTE_VERSION = '1';

/** By code alone: the version of a coding scheme and the meaning play no part (dcm4chee-arc-light #1293). */
const TITLES: ReadonlyMap<string, RejectionTitle> = new Map([
  [conceptKey('DCM', '113001'), 'quality'],
  [conceptKey('DCM', '113037'), 'patient_safety'],
  [conceptKey('DCM', '113038'), 'wrong_worklist_entry'],
  [conceptKey('DCM', '113039'), 'retention_expired'],
  [conceptKey('99DCM4CHEE', 'REVOKE_REJECTION'), 'restore'],
]);

/** PS3.16 TID 2010. */
const TITLE_MODIFIER = conceptKey('DCM', '113011');
const DESCRIPTION = conceptKey('DCM', '113012');
const MOST_REASONS = 8;
const LONGEST_REASON = 64;
const LONGEST_DESCRIPTION = 1024;

export type ReadNote = { readonly note: RejectionNote; readonly findings: readonly Finding[] };

/** What a key object with the title of a rejection note says; null for any other document. */
export function readRejectionNote(document: SrDocument, receivedOn: IsoDate): ReadNote | null {
  const { header, root } = document;
  const title = header.sopClassUid === KEY_OBJECT_SELECTION ? TITLES.get(root.concept?.key ?? '') : undefined;
  if (title === undefined) return null;
  const dates = chooseDates(header, { birthDate: null, receivedOn });
  const patientId = trimmed(header.patient.patientId);
  const { names, findings } = namedInstances(document);
  return {
    note: {
      sopInstanceUid: header.sopInstanceUid,
      contentAt: dates === null || dates.scanDateDoubted ? '' : dates.contentAt,
      title,
      patient:
        patientId === null ? null : { issuerOfPatientId: trimmed(header.patient.issuerOfPatientId) ?? '', patientId },
      studyInstanceUid: trimmed(header.study.studyInstanceUid),
      reasons: root.children.flatMap(reasonOf).slice(0, MOST_REASONS),
      description: trimmed(root.children.map(descriptionOf).find((text) => text !== null) ?? null),
      names,
    },
    findings: [
      ...findings,
      ...(patientId === null ? [finding('NOTE_WITHOUT_PATIENT', '(0010,0020)')] : []),
      ...(dates === null ? [finding('CONTENT_DATE_MISSING', '(0008,0023)')] : dates.findings),
    ],
  };
}

function reasonOf(item: SrItem): readonly string[] {
  if (item.valueType !== 'CODE' || item.concept?.key !== TITLE_MODIFIER) return [];
  const meaning = trimmed(item.code?.meaning ?? null);
  return meaning === null ? [] : [meaning.slice(0, LONGEST_REASON)];
}

const descriptionOf = (item: SrItem): string | null =>
  item.valueType === 'TEXT' && item.concept?.key === DESCRIPTION ? item.text.slice(0, LONGEST_DESCRIPTION) : null;

/**
 * The evidence lists all that the tree names, with what accompanies it (PS3.3 C.17.6.2), and is what archives go by. What only
 * the tree names is meant as well.
 */
function namedInstances({ evidence = [], root }: SrDocument): {
  readonly names: readonly NamedInstance[];
  readonly findings: readonly Finding[];
} {
  const inTree = [...everyItem(root)].flatMap((item) =>
    item.valueType === 'COMPOSITE' || item.valueType === 'IMAGE' || item.valueType === 'WAVEFORM'
      ? item.references
      : [],
  );
  const given: readonly EvidenceReference[] = [
    ...evidence,
    ...inTree.map((one) => ({ ...one, studyInstanceUid: null, seriesInstanceUid: null })),
  ];
  const readable = given.flatMap((one) => {
    const sopInstanceUid = uidOrNull(one.sopInstanceUid);
    return sopInstanceUid === null ? [] : [{ ...one, sopInstanceUid }];
  });
  // The first of a UID stands: that of the evidence knows where it is filed.
  const names = new Map(readable.toReversed().map((one) => [one.sopInstanceUid, one]));
  const listed = new Set(evidence.map((one) => one.sopInstanceUid));
  const missing = [...names.keys()].filter((uid) => !listed.has(uid)).length;
  const findings = [
    ...(readable.length === given.length
      ? []
      : [finding('NOTE_REFERENCE_UNREADABLE', '(0008,1155)', { count: given.length - readable.length })]),
    ...(names.size === 0 ? [finding('NOTE_NAMES_NOTHING', '(0040,A375)')] : []),
    ...(missing === 0 ? [] : [finding('NOTE_REFERENCES_DIFFER', '(0040,A375)', { onlyInTree: missing })]),
  ];
  return { names: [...names.values()].toReversed(), findings };
}
