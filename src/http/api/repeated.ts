import type { CaseEvent } from '../../db/cases/review-case.ts';
import type { CaseAction } from '../../jobs/cases/review.ts';

/** Event and detail that an action leaves behind. */
function traceOf(action: CaseAction): { readonly event: string; readonly detail: Readonly<Record<string, unknown>> } {
  switch (action.kind) {
    case 'assign':
      return { event: action.to === null ? 'unassigned' : 'assigned', detail: { to: action.to } };
    case 'comment':
      return { event: 'commented', detail: { text: action.text } };
    case 'tick':
      return { event: action.ticked ? 'ticked' : 'unticked', detail: { item: action.item, note: action.note } };
    case 'resolve':
      return { event: 'resolved', detail: { disposition: action.disposition, note: action.note } };
    case 'reopen':
      return { event: 'reopened', detail: { note: action.note } };
    default:
      return action satisfies never;
  }
}

/**
 * Whether the first thing that happened after the version a caller names is the very action the caller sends: an answer
 * got lost and the request came again (RFC 9110, 13.1.1). It is then answered as done and not done twice.
 */
export function wasThisAction(change: CaseEvent | undefined, action: CaseAction): boolean {
  if (change === undefined || change.actor !== action.by || change.caseVersion !== (action.version ?? 0) + 1)
    return false;
  const { event, detail } = traceOf(action);
  return change.event === event && Object.entries(detail).every(([name, value]) => change.detail[name] === value);
}
