import {
  formatMoment,
  formatPersonName,
  formatRegion,
  roundDecimal,
  ruleLabel,
  signedDecimal,
} from '../../codes/wording.ts';
import type { CaseEvent, CaseTick, ReviewCase } from '../../db/cases/review-case.ts';
import { outcomeOf } from '../../dxa/comparability/checks.ts';

const plain = (word: string) => word.replaceAll('_', ' ');

function evidenceLines(evidence: ReviewCase['evidence']): readonly string[] {
  return evidence.comparisons.map((one) => {
    const from = `${roundDecimal(one.reference.bmdGramsPerCm2, 3)} on ${one.reference.scannedOn}`;
    const to = `${roundDecimal(one.followUp.bmdGramsPerCm2, 3)} on ${one.followUp.scannedOn}`;
    const change = `${signedDecimal(one.deltaGramsPerCm2, 3)} g/cm² (${signedDecimal(one.deltaPercent, 1)} %)`;
    const region = formatRegion(one.region, one.vertebrae, one.laterality);
    const unknown = one.checks.filter((check) => outcomeOf(check) === 'unknown').map(({ code }) => code);
    const beside = unknown.length === 0 ? '' : `; not known: ${unknown.join(' ')}`;
    return `  ${region}: ${from}, ${to}: ${change}, LSC ${roundDecimal(one.lscGramsPerCm2, 3)}${beside}`;
  });
}

/** What other rules, or the checks of the visit, saw beside the case. */
const supportLines = ({ supporting = [] }: ReviewCase['evidence']): readonly string[] =>
  supporting.map(({ rule, statement }) => `  Also seen (${rule}): ${statement}`);

function tickLine({ code, text, known }: ReviewCase['checklist'][number], ticks: readonly CaseTick[]): string {
  const tick = ticks.find((one) => one.item === code);
  const box = tick === undefined ? '[ ]' : tick.onThisEvidence ? '[x]' : '[~]';
  const by = tick === undefined ? '' : ` — ${tick.tickedBy}${tick.note === '' ? '' : `: ${tick.note}`}`;
  return `  ${box} ${code}  ${text} (${known})${by}`;
}

/** What an event says beside its name; evidence is shown with the event that changed it. */
function eventLines(event: CaseEvent): readonly string[] {
  const { detail } = event;
  const said = (['reason', 'to', 'disposition', 'item', 'text', 'note'] as const).flatMap((key) =>
    typeof detail[key] === 'string' && detail[key] !== '' ? [plain(detail[key])] : [],
  );
  return [
    `  ${formatMoment(event.happenedAt)}  ${plain(event.event)} by ${event.actor}${said.length === 0 ? '' : `: ${said.join('; ')}`}`,
  ];
}

/** A change of what the rule looked at: what a person decided on, and what it is now. */
function sideBySide(found: ReviewCase, events: readonly CaseEvent[]): readonly string[] {
  const decided = events.findLast(({ event }) => event === 'resolved');
  if (decided === undefined || found.state === 'resolved' || found.timesReopened === 0) return [];
  const before = decided.detail['evidence'];
  if (typeof before !== 'object' || before === null || !('comparisons' in before)) return [];
  return [
    '',
    `Resolved before as ${plain(String(decided.detail['disposition']))} by ${decided.actor}, on this evidence:`,
    ...evidenceLines(before as ReviewCase['evidence']),
  ];
}

/** One case for a terminal. */
export function renderCase(found: ReviewCase, ticks: readonly CaseTick[], events: readonly CaseEvent[]): string {
  const explanations = found.explanations.map(
    ({ says, weight, source }, index) => `  ${index + 1}. ${says} [${weight}; ${source}]`,
  );
  return [
    `Case ${found.id}, version ${found.version}: ${ruleLabel(found.rule)} (${found.tier})`,
    `State: ${plain(found.state)}${found.disposition === null ? '' : ` as ${plain(found.disposition)} by ${found.resolvedBy}`}${
      found.assignee === null ? '' : `, assigned to ${found.assignee}`
    }${found.flagged ? '' : ', the rule no longer applies'}`,
    `Patient: ${formatPersonName(found.patientName)}, ${found.patientId}; follow-up ${found.followUpOn}`,
    '',
    found.statement,
    ...evidenceLines(found.evidence),
    ...supportLines(found.evidence),
    ...sideBySide(found, events),
    '',
    'Possible explanations, most likely first:',
    ...(explanations.length === 0 ? ['  nothing on file supports an explanation'] : explanations),
    '',
    'What to check:',
    ...found.checklist.map((item) => tickLine(item, ticks)),
    '',
    'Case history:',
    ...events.flatMap(eventLines),
  ].join('\n');
}
