import { z } from 'zod';
import type { CaseEvent, CaseTick, ReviewCase } from '../../db/cases/review-case.ts';
import type { WorklistRow } from '../../db/qa-list/worklist.ts';
import type { RejectedInstance } from '../../db/rejection/shown.ts';
import { RULE_TOPICS } from '../../dxa/values/assessment.ts';
import { ROW_ID } from '../answer/context.ts';

/** Decimal text: a JSON number would pass through a binary fraction on the other side. */
const DECIMAL = z.string().describe('decimal text');
const MOMENT = z.iso.datetime();

const CHANGE = z.object({
  region: z.string(),
  vertebrae: z.string(),
  laterality: z.string(),
  verdict: z.string(),
  referenceOn: z.string(),
  deltaGramsPerCm2: DECIMAL.nullable(),
  deltaPercent: DECIMAL.nullable(),
  strength: z.number().nullable(),
});

export const CASE_SUMMARY = z.object({
  id: ROW_ID,
  version: z.int(),
  rule: z.string(),
  tier: z.string(),
  topic: z.enum(RULE_TOPICS),
  state: z.string(),
  strength: z.number().describe('smaller |change| / LSC of the regions involved'),
  assignee: z.string().nullable(),
  openedAt: MOMENT,
  followUpOn: z.string(),
  patientKey: ROW_ID,
  patientId: z.string(),
  patientName: z.string().nullable(),
  changes: z.array(CHANGE),
  reasons: z.array(z.string()).describe('groups of the explanations, most likely first'),
  warnings: z.array(z.string()).describe('codes of comparability rules'),
  notKnown: z.array(z.string()).describe('codes of comparability rules that could not be asked'),
});
export const CASE_PAGE = z.object({
  cases: z.array(CASE_SUMMARY),
  next: z.string().nullable().describe('value of "after" for the next page'),
});

export const summaryOf = ({ openedAt, regionPair: _pair, ...row }: WorklistRow): z.infer<typeof CASE_SUMMARY> => ({
  ...row,
  changes: [...row.changes],
  reasons: [...row.reasons],
  warnings: [...row.warnings],
  notKnown: [...row.notKnown],
  openedAt: openedAt.toISOString(),
});

const EVENT = z.object({
  happenedAt: MOMENT,
  actor: z.string(),
  actorKind: z.enum(['system', 'person']),
  event: z.string(),
  caseVersion: z.int(),
  detail: z.record(z.string(), z.unknown()),
});
const TICK = z.object({
  item: z.string(),
  note: z.string(),
  tickedBy: z.string(),
  tickedAt: MOMENT,
  onThisEvidence: z.boolean(),
});

export const CASE_DETAIL = CASE_SUMMARY.omit({ changes: true, reasons: true, warnings: true, notKnown: true }).extend({
  statement: z.string(),
  disposition: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  resolvedAt: MOMENT.nullable(),
  flagged: z.boolean().describe('whether the rule still applies to the current values'),
  timesReopened: z.int(),
  ruleSetVersion: z.string(),
  studyInstanceUid: z.string(),
  accessionNumber: z.string().nullable(),
  evidence: z.unknown(),
  explanations: z.array(z.unknown()),
  checklist: z.array(z.object({ code: z.string(), text: z.string(), source: z.string(), known: z.string() })),
  ticks: z.array(TICK),
  events: z.array(EVENT),
  rejections: z
    .array(z.record(z.string(), z.unknown()))
    .describe('instances of the evidence named by a rejection note or a decision'),
});

export function detailOf(
  found: ReviewCase,
  events: readonly CaseEvent[],
  ticks: readonly CaseTick[],
  rejections: readonly RejectedInstance[],
): z.infer<typeof CASE_DETAIL> {
  const { id, version, rule, tier, topic, state, strength, assignee, followUpOn, patientKey, patientId, patientName } =
    found;
  const { statement, disposition, resolvedBy, flagged, timesReopened, studyInstanceUid, accessionNumber } = found;
  return {
    ...{ id, version, rule, tier, topic, state, strength, assignee, followUpOn, patientKey, patientId, patientName },
    ...{ statement, disposition, resolvedBy, flagged, timesReopened, studyInstanceUid, accessionNumber },
    openedAt: found.openedAt.toISOString(),
    resolvedAt: found.resolvedAt?.toISOString() ?? null,
    ruleSetVersion: String(found.ruleSetVersion),
    evidence: found.evidence,
    explanations: [...found.explanations],
    checklist: [...found.checklist],
    ticks: ticks.map((tick) => ({ ...tick, tickedAt: tick.tickedAt.toISOString() })),
    events: events.map((event) => ({ ...event, happenedAt: event.happenedAt.toISOString() })),
    rejections: rejections.map((one) => ({ ...one })),
  };
}
