export type CaseState = 'open' | 'in_review' | 'resolved' | 'withdrawn' | 'reopened';

const WAITING: readonly CaseState[] = ['open', 'in_review', 'reopened'];

/** Whether a case of this state waits for a person. */
export const isWaiting = (state: CaseState): boolean => WAITING.includes(state);

/** What a new judgement does to a case. The machine never resolves, and never touches a resolution it has no reason to. */
export type CaseDecision =
  /** Same evidence: the case stays as it is, whatever a person has made of it. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'change';
      readonly state: CaseState;
      readonly flagged: boolean;
      readonly event: 'evidence_changed' | 'reopened' | 'flagged_again' | 'withdrawn' | 'no_longer_flagged';
      readonly withdrawnReason: WithdrawnReason | null;
    };

export type WithdrawnReason =
  | 'NO_LONGER_FLAGGED'
  | 'NO_LONGER_COMPARABLE'
  | 'OTHER_REGIONS_FLAGGED'
  | 'PART_OF_ANOTHER_CASE'
  | 'WHOSE_SCAN_IS_OPEN'
  | 'SCAN_OF_ANOTHER_PERSON'
  | 'VALUES_OUT_OF_USE';

export type CaseBefore = {
  readonly state: CaseState;
  /** Whether the rule saw it at the last judgement. */
  readonly flagged: boolean;
  readonly evidenceHash: string;
  /** True when a person has acted on the case, ever. */
  readonly touched: boolean;
};

/** The rule sees the case, with evidence of this hash. */
export function decideFlagged(before: CaseBefore, evidenceHash: string): CaseDecision {
  const same = before.evidenceHash === evidenceHash;
  if (before.flagged && same) return { kind: 'nothing' };
  const change = { kind: 'change', flagged: true, withdrawnReason: null } as const;
  switch (before.state) {
    case 'open':
    case 'in_review':
    case 'reopened':
      return { ...change, state: before.state, event: same ? 'flagged_again' : 'evidence_changed' };
    case 'resolved':
      // A decision stands for the evidence it was made on, and for no other.
      return same
        ? { ...change, state: 'resolved', event: 'flagged_again' }
        : { ...change, state: 'reopened', event: 'reopened' };
    case 'withdrawn':
      return { ...change, state: before.touched ? 'reopened' : 'open', event: 'flagged_again' };
    default:
      return before.state satisfies never;
  }
}

/**
 * The rule does not see the case any more. Only the moment at which it ceases to see it counts: a case that a person
 * reopened afterwards is that person's.
 */
export function decideNoLongerFlagged(before: CaseBefore, reason: WithdrawnReason): CaseDecision {
  if (!before.flagged) return { kind: 'nothing' };
  const change = { kind: 'change', flagged: false } as const;
  switch (before.state) {
    case 'open':
    case 'in_review':
    case 'reopened':
      return { ...change, state: 'withdrawn', event: 'withdrawn', withdrawnReason: reason };
    case 'resolved':
      return { ...change, state: 'resolved', event: 'no_longer_flagged', withdrawnReason: null };
    case 'withdrawn':
      return { kind: 'nothing' };
    default:
      return before.state satisfies never;
  }
}
