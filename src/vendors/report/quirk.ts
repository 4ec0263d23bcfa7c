/** How well it is known that a vendor writes something, for readers of docs/vendors.md. */
export const EVIDENCE_GRADES = {
  documented: 'A document of the vendor or of a standards body says so.',
  attested: 'People who read such files say so: public code, its tests, or printouts.',
  inferred: 'Plausible, seen nowhere.',
} as const;

export type EvidenceGrade = keyof typeof EVIDENCE_GRADES;

/** A habit of one vendor's software that a plain reading gets wrong. */
export type Quirk = {
  readonly why: string;
  readonly source: string;
  readonly grade: EvidenceGrade;
  readonly models: string;
  readonly versions: string;
  /** Folder under test/fixtures/ whose expected result needs the quirk. */
  readonly fixture: string;
};
