import type { NamedByNote, RejectedInstance } from '../db/rejection/shown.ts';
import { lookup } from '../dxa/values/lookup.ts';

const TITLE_WORDS = lookup({
  quality: 'rejected for quality reasons',
  patient_safety: 'rejected for patient safety reasons',
  wrong_worklist_entry: 'scanned under the wrong worklist entry',
  retention_expired: 'retention period expired at the archive',
  restore: 'restored by the archive after a rejection',
});

export const titleLabel = (title: string): string => TITLE_WORDS[title] ?? title;

const STATUS_WORDS = lookup({
  waiting: 'waiting: no report of it received yet',
  no_values: 'its file was received and contains no values',
  applied: 'out of use',
  other_patient: 'names another patient than the report; nothing was changed, needs review',
  overruled: 'put back in use by a person, despite this note',
  confirmed: 'taken out of use by a person who had seen this note',
  note_rejected: 'without effect: the note was itself rejected later',
});

/** What a note does to an instance, in words. */
export function statusLabel({ status, title }: Pick<NamedByNote, 'status' | 'title'>): string {
  if (status !== 'no_effect') return STATUS_WORDS[status] ?? status;
  if (title === 'retention_expired') return 'still in use: an expired retention period does not affect its values';
  if (title === 'restore') return 'a person has to decide whether to put it back in use here';
  return 'without effect on a later note';
}

/** "rejected for quality reasons: Positioning; text". */
export const noteLabel = ({
  title,
  reasons,
  description,
}: Omit<NamedByNote, 'noteFileId' | 'status' | 'since'>): string =>
  [titleLabel(title), [...reasons, ...(description === null ? [] : [description])].join('; ')]
    .filter((text) => text !== '')
    .join(': ');

export const formatDay = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** Whether an instance counts, in a word. */
export const useLabel = ({ outOfUse }: Pick<RejectedInstance, 'outOfUse'>): string =>
  outOfUse === null ? 'not on record' : outOfUse ? 'out of use' : 'in use';

/** What a person decided, with the reason; null where there is no decision. */
export const decisionLabel = ({ decision }: Pick<RejectedInstance, 'decision'>): string | null =>
  decision === null
    ? null
    : `${decision.decision === 'in_use' ? 'put back in use' : 'taken out of use'} by ${decision.by}, ${formatDay(decision.at)}: ${decision.note}`;
