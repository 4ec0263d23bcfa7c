/** How well the product knows a fact, for readers of docs/clinical-rules.md. */
export const GRADES = {
  VERIFIED: 'Read in the named source itself.',
  'VERIFIED-2nd': 'Read in a source that quotes the named one; the named one was not seen.',
  DERIVED: 'Computed from facts that are VERIFIED; the arithmetic can be repeated.',
  RECALLED: 'General knowledge of the field. The source is named but was not seen.',
  own: 'A choice of this project. No source asks for it.',
} as const;

export type Grade = keyof typeof GRADES;
