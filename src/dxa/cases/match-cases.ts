import { compareText } from '../study/chronology.ts';

/** A case that the rules see now, as far as finding it on file needs it. */
export type SeenCase = { readonly caseKey: string; readonly studyIds: readonly string[] };

/** A case on file, under the studies of its visit when it was last judged. */
export type FiledCase = SeenCase & {
  readonly id: string;
  /** The study that it was opened under. */
  readonly followUpStudyId: string;
  readonly flagged: boolean;
  readonly touched: boolean;
};

/**
 * Which case on file each seen one is: of the same kind, with a study of the visit in common. Each on file is taken once, also
 * where a visit came apart. The visit of the study that a case was opened under comes first; of several cases of one visit,
 * as after two studies turned out to be one, the one that the rules saw last goes on, then the one that a person has acted
 * on, then the oldest.
 */
export function matchCases<Seen extends SeenCase, Filed extends FiledCase>(
  seen: readonly Seen[],
  filed: readonly Filed[],
): ReadonlyMap<Seen, Filed> {
  const pairs = seen.flatMap((one) =>
    filed
      .filter(({ caseKey, studyIds }) => caseKey === one.caseKey && studyIds.some((id) => one.studyIds.includes(id)))
      .map((before) => ({ one, before, atHome: one.studyIds.includes(before.followUpStudyId) })),
  );
  const first = (a: boolean, b: boolean) => Number(b) - Number(a);
  pairs.sort(
    (a, b) =>
      first(a.atHome, b.atHome) ||
      first(a.before.flagged, b.before.flagged) ||
      first(a.before.touched, b.before.touched) ||
      a.before.id.length - b.before.id.length ||
      compareText(a.before.id, b.before.id),
  );
  const found = new Map<Seen, Filed>();
  const taken = new Set<Filed>();
  for (const { one, before } of pairs) {
    if (found.has(one) || taken.has(before)) continue;
    found.set(one, before);
    taken.add(before);
  }
  return found;
}
