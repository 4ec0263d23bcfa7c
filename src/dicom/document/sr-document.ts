import type { Finding } from '../../dxa/values/finding.ts';
import type { ElementTable } from './element-table.ts';

/**
 * A coded concept. `key` is the canonical form by which concepts are compared: scheme and value, with SNOMED's SRT/SNM3
 * values mapped to SCT where the pair is known; scheme version and meaning play no part.
 */
export type CodedConcept = {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
  readonly key: string;
};

/** DA/TM/DT as written, with what could be read of it. `date` may be partial ("2024", "2024-03"); no JS Date anywhere. */
export type DicomDateTime = {
  readonly raw: string;
  readonly date: string | null;
  /** "HH", "HH:MM", "HH:MM:SS" or "HH:MM:SS.ffffff". */
  readonly time: string | null;
  readonly offsetMinutes: number | null;
};

/** The three component groups of a PN value. */
export type PersonName = {
  readonly alphabetic: string;
  readonly ideographic: string;
  readonly phonetic: string;
};

/** A DS/IS value: `raw` is always what stood there; `decimal` is set only if it obeys the grammar and is single. */
export type DecimalText = {
  readonly raw: string;
  readonly decimal: string | null;
};

type ItemBase = {
  /** 1-based position in the tree: "1" is the root, "1.4.2" the second child of its fourth child. */
  readonly path: string;
  /** Relationship Type to the parent ("CONTAINS", "HAS OBS CONTEXT", …); null at the root or when absent. */
  readonly relationship: string | null;
  readonly concept: CodedConcept | null;
  readonly observationDateTime: DicomDateTime | null;
  readonly observationUid: string | null;
  readonly templateId: string | null;
  readonly children: readonly SrItem[];
};

export type ReferencedSop = { readonly sopClassUid: string | null; readonly sopInstanceUid: string | null };

/** An instance of Current Requested Procedure Evidence Sequence (0040,A375), with the study and series it is filed in. */
export type EvidenceReference = ReferencedSop & {
  readonly studyInstanceUid: string | null;
  readonly seriesInstanceUid: string | null;
};

export type ContainerItem = ItemBase & { readonly valueType: 'CONTAINER'; readonly continuity: string | null };
export type TextItem = ItemBase & { readonly valueType: 'TEXT'; readonly text: string };
export type NumItem = ItemBase & {
  readonly valueType: 'NUM';
  /** Null when Measured Value Sequence is absent or empty. */
  readonly number: DecimalText | null;
  readonly unit: CodedConcept | null;
  readonly qualifier: CodedConcept | null;
  /** Floating Point Value (0040,A161), when present and finite. */
  readonly floatingValue: number | null;
  readonly rational: { readonly numerator: number; readonly denominator: number } | null;
};
export type CodeItem = ItemBase & { readonly valueType: 'CODE'; readonly code: CodedConcept | null };
export type TimeItem = ItemBase & {
  readonly valueType: 'DATETIME' | 'DATE' | 'TIME';
  readonly value: DicomDateTime | null;
};
export type PersonNameItem = ItemBase & { readonly valueType: 'PNAME'; readonly name: PersonName | null };
export type UidItem = ItemBase & { readonly valueType: 'UIDREF'; readonly uid: string | null };
export type ReferenceItem = ItemBase & {
  readonly valueType: 'COMPOSITE' | 'IMAGE' | 'WAVEFORM';
  readonly references: readonly ReferencedSop[];
};
export type CoordinatesItem = ItemBase & {
  readonly valueType: 'SCOORD' | 'SCOORD3D' | 'TCOORD';
  readonly graphicType: string | null;
  readonly numbers: readonly number[];
};
export type TableItem = ItemBase & { readonly valueType: 'TABLE' };
/** An item that points at another item of the same tree by its path instead of holding a value. */
export type ByReferenceItem = ItemBase & { readonly valueType: 'BY_REFERENCE'; readonly target: string };
/** A value type the standard does not define, kept so that nothing is lost. */
export type UnknownItem = ItemBase & {
  readonly valueType: 'UNKNOWN';
  readonly rawValueType: string | null;
  /** What stood in the first of the usual value attributes, if any did; it must not be taken for a measured value. */
  readonly text?: string | null;
};

export type SrItem =
  | ContainerItem
  | TextItem
  | NumItem
  | CodeItem
  | TimeItem
  | PersonNameItem
  | UidItem
  | ReferenceItem
  | CoordinatesItem
  | TableItem
  | ByReferenceItem
  | UnknownItem;

/** Attributes of the document, decoded, null where the attribute is absent or empty. Texts are trimmed of padding. */
export type DocumentHeader = {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string | null;
  readonly modality: string | null;
  readonly instanceNumber: string | null;
  readonly contentDate: DicomDateTime | null;
  readonly contentTime: DicomDateTime | null;
  readonly acquisitionDateTime: DicomDateTime | null;
  readonly acquisitionDate: DicomDateTime | null;
  readonly acquisitionTime: DicomDateTime | null;
  readonly timezoneOffsetMinutes: number | null;
  readonly completionFlag: string | null;
  readonly verificationFlag: string | null;
  /** (0020,4000); GE Lunar writes its results there a second time, as XML. */
  readonly imageComments: string | null;
  /** Laterality (0020,0060) of the series and Image Laterality (0020,0062): L, R, U or B, as written. */
  readonly laterality: string | null;
  readonly imageLaterality: string | null;
  readonly patient: {
    readonly patientId: string | null;
    readonly issuerOfPatientId: string | null;
    readonly name: PersonName | null;
    readonly birthDate: DicomDateTime | null;
    readonly sex: string | null;
    readonly age: string | null;
    /** Metres. */
    readonly size: DecimalText | null;
    /** Kilograms. */
    readonly weight: DecimalText | null;
    readonly ethnicGroup: string | null;
  };
  readonly study: {
    readonly studyInstanceUid: string | null;
    readonly studyDate: DicomDateTime | null;
    readonly studyTime: DicomDateTime | null;
    readonly accessionNumber: string | null;
    readonly description: string | null;
  };
  readonly series: {
    readonly seriesInstanceUid: string | null;
    readonly seriesDate: DicomDateTime | null;
    readonly seriesTime: DicomDateTime | null;
    readonly description: string | null;
  };
  readonly performedProcedure: {
    readonly stepId: string | null;
    readonly description: string | null;
    /** Of Performed Procedure Code Sequence (0040,A372), as reports have it, or Performed Protocol Code Sequence (0040,0260). */
    readonly codes: readonly CodedConcept[];
  };
  readonly equipment: {
    readonly manufacturer: string | null;
    readonly modelName: string | null;
    readonly deviceSerialNumber: string | null;
    readonly stationName: string | null;
    readonly institutionName: string | null;
    readonly softwareVersions: readonly string[];
  };
};

/** A structured report, read whole. */
export type SrDocument = {
  readonly header: DocumentHeader;
  readonly root: ContainerItem;
  /** Of a key object only: elsewhere nothing looks at it. */
  readonly evidence?: readonly EvidenceReference[];
  readonly findings: readonly Finding[];
};

/** Why bytes are not a report we read: a stable code and where, never what stood there. */
export type Refusal = {
  readonly code: string;
  /** Byte offset in the file (in the inflated data set for deflated files), when one place is to blame. */
  readonly offset: number | null;
  readonly path: string | null;
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
};

/** `table`: the elements that the document was read from. */
export type ReadResult =
  | { readonly ok: true; readonly document: SrDocument; readonly table: ElementTable }
  | { readonly ok: false; readonly refusal: Refusal; readonly sopInstanceUid: string | null };
