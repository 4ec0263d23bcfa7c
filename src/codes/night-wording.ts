import type { Counts } from '../db/night/step.ts';

/** In the order in which they are told; jsonb keeps none. */
const COUNT_WORDS: Readonly<Record<string, string>> = {
  examined: 'examined',
  changed: 'changed',
  failed: 'not done',
  damaged: 'archive damage',
  files: 'files differ',
  patients: 'patients differ',
  finished: 'moves finished',
  filesEnqueued: 'files queued',
  patientsEnqueued: 'patients queued',
  failedJobsSettled: 'failed jobs settled',
  sessions: 'sessions removed',
  links: 'links removed',
  attempts: 'sign-in counts removed',
};

/** "examined 20, changed 3": what a step counted, without what it never met. */
export function formatCounts(counts: Counts): string {
  const names = [...new Set([...Object.keys(COUNT_WORDS), ...Object.keys(counts)])];
  const met = names.filter((name) => (counts[name] ?? 0) > 0 || (name === 'examined' && name in counts));
  return met.length === 0 ? 'nothing' : met.map((name) => `${COUNT_WORDS[name] ?? name} ${counts[name]}`).join(', ');
}

/** "43 %"; rounded down, so that 100 % is said of nothing that is not done. */
export const formatPercent = (progress: number): string => `${Math.floor(progress * 100)} %`;
