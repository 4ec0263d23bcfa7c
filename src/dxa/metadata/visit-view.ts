import { dayOf } from '../study/chronology.ts';
import type { OnFile } from '../study/history.ts';
import type { Visit } from '../study/visits.ts';
import type { Comparison, VisitRemark } from '../values/assessment.ts';
import type { AssessmentSettings } from '../values/settings.ts';

/** What a look at the metadata of one visit may see. */
export type VisitView = {
  readonly visit: Visit;
  /** The visits before it, without those that a person found to be another's; the latest last. */
  readonly earlier: readonly Visit[];
  /** The patient's visits by the id of each of their studies. */
  readonly visits: ReadonlyMap<string, Visit>;
  /** Comparisons of the visit, with the previous comparable scan and with the baseline. */
  readonly compared: readonly Comparison[];
  readonly onFile: OnFile;
  readonly settings: AssessmentSettings;
};

/** Those with the previous comparable scan. */
export const withPrevious = ({ compared }: VisitView): readonly Comparison[] =>
  compared.filter(({ kind }) => kind === 'previous');

/** The latest visit of an earlier day that has what is asked for. */
export const visitBefore = (
  { visit, earlier }: Pick<VisitView, 'visit' | 'earlier'>,
  has: (before: Visit) => boolean,
): Visit | undefined => earlier.findLast((before) => dayOf(before.scannedAt) < dayOf(visit.scannedAt) && has(before));

/** Looks for one kind of error, or of information, in a visit (surveillance 6). */
export type VisitCheck = (view: VisitView) => readonly VisitRemark[];

/** A fraction as a percentage with one decimal: 0.1234 -> 12.3. */
export const percentOf = (fraction: number): number => Math.round(1000 * fraction) / 10;
