import type { DicomElements } from 'dcmjs';
import type { ReportStyle } from '../scanner/style.ts';
import { writePart10 } from './part10.ts';
import { type Code, codeSequence, codeValueItem, element, elements, textElement, textItem } from './sr-elements.ts';

const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';

/** PS3.16 CID 7010, and the code with which dcm4chee takes a rejection back. */
export const KEY_OBJECT_TITLES = {
  of_interest: ['113000', 'DCM', 'Of Interest'],
  quality: ['113001', 'DCM', 'Rejected for Quality Reasons'],
  patient_safety: ['113037', 'DCM', 'Rejected for Patient Safety Reasons'],
  wrong_worklist_entry: ['113038', 'DCM', 'Incorrect Modality Worklist Entry'],
  retention_expired: ['113039', 'DCM', 'Data Retention Policy Expired'],
  restore: ['REVOKE_REJECTION', '99DCM4CHEE', 'Restore rejected Instances'],
} as const satisfies Record<string, Code>;

export type KeyObjectReference = {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
};

export type KeyObject = {
  readonly title: keyof typeof KEY_OBJECT_TITLES;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly patient: {
    readonly name: string;
    readonly id: string;
    readonly issuer: string | null;
    /** "YYYYMMDD". */
    readonly birthDate: string;
    readonly sex: 'F' | 'M';
  };
  /** "YYYYMMDD" and "HHMMSS". */
  readonly contentDate: string;
  readonly contentTime: string;
  /** What the evidence lists. */
  readonly names: readonly KeyObjectReference[];
  /** What the content names, where that is something else. */
  readonly inTree?: readonly KeyObjectReference[];
  /** PS3.16 CID 7011. */
  readonly reason?: Code;
  readonly description?: string;
  readonly codingSchemeVersion?: string;
  readonly transferSyntax?: ReportStyle['transferSyntax'];
};

const IMAGE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?!88\.)/;

const sopReference = ({ sopClassUid, sopInstanceUid }: KeyObjectReference): DicomElements =>
  elements({ '00081150': element('UI', sopClassUid), '00081155': element('UI', sopInstanceUid) });

const treeItem = (reference: KeyObjectReference): DicomElements =>
  elements({
    '0040A010': element('CS', 'CONTAINS'),
    '0040A040': element('CS', IMAGE.test(reference.sopClassUid) ? 'IMAGE' : 'COMPOSITE'),
    '00081199': element('SQ', sopReference(reference)),
  });

/** By study and series (PS3.3 table C.17-3). */
function evidenceOf(names: readonly KeyObjectReference[]): readonly DicomElements[] {
  return [...Map.groupBy(names, ({ studyInstanceUid }) => studyInstanceUid)].map(([studyUid, ofStudy]) => {
    const series = [...Map.groupBy(ofStudy, ({ seriesInstanceUid }) => seriesInstanceUid)].map(
      ([seriesUid, ofSeries]) =>
        elements({ '00081199': element('SQ', ...ofSeries.map(sopReference)), '0020000E': element('UI', seriesUid) }),
    );
    return elements({ '00081115': element('SQ', ...series), '0020000D': element('UI', studyUid) });
  });
}

/** Writes a key object (PS3.3 A.35.4, PS3.16 TID 2010); under four of the titles it is a rejection note of IHE. */
export function writeKeyObject(note: KeyObject): Uint8Array {
  const { patient, names, inTree = names, reason, description, codingSchemeVersion } = note;
  const [title] = codeSequence(KEY_OBJECT_TITLES[note.title]).Value as readonly DicomElements[];
  const version = codingSchemeVersion === undefined ? {} : { '00080103': element('SH', codingSchemeVersion) };
  const content = [
    ...(reason === undefined
      ? []
      : [codeValueItem('HAS CONCEPT MOD', ['113011', 'DCM', 'Document Title Modifier'], reason)]),
    ...(description === undefined ? [] : [textItem(['113012', 'DCM', 'Key Object Description'], description)]),
    ...inTree.map(treeItem),
  ];
  const dataset = elements({
    '00080005': element('CS', 'ISO_IR 192'),
    '00080016': element('UI', KEY_OBJECT_SELECTION),
    '00080018': element('UI', note.sopInstanceUid),
    '00080020': element('DA', note.contentDate),
    '00080023': element('DA', note.contentDate),
    '00080030': element('TM', note.contentTime),
    '00080033': element('TM', note.contentTime),
    '00080050': element('SH'),
    '00080060': element('CS', 'KO'),
    '00080070': element('LO', 'Made-up Archive'),
    '00080090': element('PN'),
    '00081111': element('SQ'),
    '00100010': textElement('PN', patient.name),
    '00100020': textElement('LO', patient.id),
    '00100021': patient.issuer === null ? null : element('LO', patient.issuer),
    '00100030': textElement('DA', patient.birthDate),
    '00100040': element('CS', patient.sex),
    '0020000D': element('UI', note.studyInstanceUid),
    '0020000E': element('UI', note.seriesInstanceUid),
    '00200010': element('SH', '1'),
    '00200011': element('IS', '99'),
    '00200013': element('IS', '1'),
    '0040A040': element('CS', 'CONTAINER'),
    '0040A043': element('SQ', elements({ ...title, ...version })),
    '0040A050': element('CS', 'SEPARATE'),
    '0040A375': names.length === 0 ? null : element('SQ', ...evidenceOf(names)),
    '0040A504': element('SQ', elements({ '00080105': element('CS', 'DCMR'), '0040DB00': element('CS', '2010') })),
    '0040A730': element('SQ', ...content),
  });
  return writePart10(KEY_OBJECT_SELECTION, note.sopInstanceUid, dataset, note.transferSyntax);
}
