import type { EvidenceGrade } from '../../../src/vendors/report/quirk.ts';

/** A file, what must be made of it, and what must not; each is the beginning of a line of `readLines`. */
export type FactCase = {
  readonly bytes: () => Uint8Array;
  readonly must: readonly string[];
  readonly never?: readonly string[];
};

/** What is known of the files of densitometers, with files that imitate it and its siblings. */
export type Fact = {
  readonly id: string;
  readonly says: string;
  readonly grade: EvidenceGrade;
  readonly source: string;
  /** By what they are, in a word or two. */
  readonly cases: Readonly<Record<string, FactCase>>;
};
