/** Maps values to pixels, evenly. */
export type Scale = (value: number) => number;

export function linearScale(from: readonly [number, number], to: readonly [number, number]): Scale {
  const span = from[1] - from[0];
  return (value) => (span === 0 ? (to[0] + to[1]) / 2 : to[0] + ((value - from[0]) / span) * (to[1] - to[0]));
}

/** Round steps of 1, 2 or 5 times a power of ten, so that about `count` fit into the range. */
export function niceTicks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? 10 * power;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step);
}

const DAY_MS = 86_400_000;
export const dayNumber = (isoDate: string): number => Date.parse(`${isoDate}T00:00:00Z`) / DAY_MS;

/** First days of years between two days, every second or fifth where there are many. */
export function yearTicks(fromDay: number, toDay: number): readonly { readonly day: number; readonly label: string }[] {
  const first = new Date(fromDay * DAY_MS).getUTCFullYear();
  const last = new Date(toDay * DAY_MS).getUTCFullYear() + 1;
  const step = last - first > 24 ? 5 : last - first > 11 ? 2 : 1;
  const ticks = [];
  for (let year = first; year <= last; year += 1) {
    const day = Date.UTC(year, 0, 1) / DAY_MS;
    if (year % step === 0 && day >= fromDay && day <= toDay) ticks.push({ day, label: String(year) });
  }
  return ticks;
}
