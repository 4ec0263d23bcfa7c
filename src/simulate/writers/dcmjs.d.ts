/**
 * What we use of dcmjs 0.52, which ships no types. It writes every SR that we write, and it is the independent second
 * reader of the differential test; the product's own reader is src/dicom/.
 */
declare module 'dcmjs' {
  /** One element of the DICOM JSON-like model: `Value` holds items (SQ), numbers, strings or ArrayBuffers (OB, UN). */
  export type DicomElement = { vr: string; Value?: unknown[]; _rawValue?: unknown };
  /** Elements by eight upper-case hexadecimal digits, e.g. "0040A730". */
  export type DicomElements = Record<string, DicomElement>;
  /** A data set by keyword (`PatientID`); sequences are arrays of the same. `_vrMap`, `_meta` steer the writer. */
  export type NaturalDataset = Record<string, unknown>;

  export type ReadFileOptions = { ignoreErrors?: boolean; untilTag?: string | null; includeUntilTagValue?: boolean };
  export type WriteOptions = { allowInvalidVRLength?: boolean; fragmentMultiframe?: boolean };

  export class DicomDict {
    constructor(meta: DicomElements);
    meta: DicomElements;
    dict: DicomElements;
    write(options?: WriteOptions): ArrayBuffer;
    upsertTag(tag: string, vr: string, values: unknown): void;
  }

  export const data: {
    DicomDict: typeof DicomDict;
    DicomMessage: {
      readFile(buffer: ArrayBuffer, options?: ReadFileOptions): DicomDict;
    };
    DicomMetaDictionary: {
      uid(): string;
      date(): string;
      time(): string;
      dateTime(): string;
      naturalizeDataset(elements: DicomElements): NaturalDataset;
      denaturalizeDataset(dataset: NaturalDataset): DicomElements;
      dictionary: Record<string, { tag: string; vr: string; name: string; vm: string; version: string }>;
      nameMap: Record<string, { tag: string; vr: string; name: string; vm: string; version: string }>;
    };
    datasetToDict(dataset: NaturalDataset): DicomDict;
    datasetToBuffer(dataset: NaturalDataset): Buffer;
  };

  /** A loglevel logger; dcmjs prints to the console on odd input unless it is silenced. */
  export const log: {
    setLevel(level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent', persist?: boolean): void;
    disableAll(): void;
    getLogger(name: string): { setLevel(level: string): void; disableAll(): void };
    getLoggers(): Record<string, { setLevel(level: string): void }>;
  };
}
