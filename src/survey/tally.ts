/** Places of all forms together; what comes after them is counted as left out. */
const MOST_PLACES = 20_000;

export type Budget = { left: number; leftOut: number };

export const openBudget = (): Budget => ({ left: MOST_PLACES, leftOut: 0 });

/** How often something stands, and in how many files. */
export type Tally = { times: number; files: number; lastFile: number };

export const newTally = (): Tally => ({ times: 0, files: 0, lastFile: -1 });

/** Counts one more; files have numbers that do not come back. */
export function countIn(tally: Tally, file: number): void {
  tally.times += 1;
  if (tally.lastFile !== file) tally.files += 1;
  tally.lastFile = file;
}

/** The tally of a key, made while the budget lasts. */
export function tallyOf<T extends Tally>(map: Map<string, T>, key: string, budget: Budget, make: () => T): T | null {
  const known = map.get(key);
  if (known !== undefined) return known;
  if (budget.left === 0) {
    budget.leftOut += 1;
    return null;
  }
  budget.left -= 1;
  const made = make();
  map.set(key, made);
  return made;
}

export const addCount = (counts: Map<string, number>, key: string, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by);
};

/** Counts by what their keys are shown as, the most frequent first. */
export function shownCounts(
  counts: ReadonlyMap<string, number>,
  show: (key: string) => string,
): Record<string, number> {
  const shown = new Map<string, number>();
  for (const [key, count] of counts) addCount(shown, show(key), count);
  return Object.fromEntries([...shown].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
