import { isGrowing } from '../metadata/age.ts';
import { lscAt95, lscOfDay } from '../precision/lsc.ts';
import { monitoringDays } from '../precision/monitoring-interval.ts';
import type { RegionScan } from '../scan/region-scan.ts';
import { formatMicro } from '../values/quantity.ts';
import type { IsoDate } from '../values/report.ts';
import { printLsc } from '../values/wording.ts';
import { isDiscordant } from './pattern-lines.ts';
import { type ReportedVisit, scannedOn } from './reported-visit.ts';
import { siteText } from './site-text.ts';

const DAY_MS = 86_400_000;

const addDays = (day: IsoDate, days: number): IsoDate =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The same day of a later year; of 29 February the day before. */
function addYears(day: IsoDate, years: number): IsoDate {
  const later = `${Number(day.slice(0, 4)) + years}${day.slice(4)}`;
  return Number.isNaN(Date.parse(later)) || addDays(later, 0) !== later ? `${later.slice(0, 4)}-02-28` : later;
}

type Interval = { readonly days: number; readonly says: string };

/** When an expected change of a primary site reaches its LSC (R1.10); the site that shows it first. Null without a rate. */
function shortestInterval(view: ReportedVisit): Interval | null {
  const intervals = view.scans.flatMap((scan) => intervalOf(view, scan) ?? []);
  return intervals.toSorted((a, b) => a.days - b.days)[0] ?? null;
}

function intervalOf(view: ReportedVisit, { region, laterality, scanner, densities }: RegionScan): Interval | null {
  const { onFile, settings } = view;
  const rate = settings.expectedAnnualChange[region];
  if (rate === undefined || rate === 0 || settings.secondaryRegions.includes(region)) return null;
  const day = scannedOn(view);
  const roi = { region, vertebrae: densities[0].vertebrae };
  const place = { scannerId: scanner.scannerId, roi, laterality };
  const lsc = lscOfDay(place, day, onFile.lscEntries, onFile.scannerEpochs, settings);
  if (lsc === null) return null;
  const leastSignificantChange = lscAt95(lsc.entry, settings);
  return {
    days: monitoringDays(leastSignificantChange, rate),
    says: `when an expected change of ${formatMicro(Math.abs(rate), 3)} g/cm² a year at the ${siteText({ roi, laterality })} reaches its LSC of ${printLsc(leastSignificantChange)} g/cm²`,
  };
}

/** When the next scan is due: by the monitoring time interval, else by the usual one; not sooner than a year. */
export function nextScanLine(view: ReportedVisit): string {
  const { visit, settings } = view;
  const day = scannedOn(view);
  if (isGrowing(visit, settings)) {
    return 'Next scan: in a growing person not sooner than after six to twelve months (ISCD Pediatric).';
  }
  const [soonest, latest] = [addYears(day, 1), addYears(day, 2)];
  if (isDiscordant(view)) {
    return `Next scan: due ${soonest} to ${latest}, one to two years after a discordant visit (ISCD 2019), on the same scanner once the measurement is verified.`;
  }
  const interval = shortestInterval(view);
  if (interval === null) {
    return `Next scan: due ${soonest} to ${latest}; usually after one to two years, not sooner than after one unless rapid loss is expected (ISCD 2019).`;
  }
  const by = addDays(day, interval.days);
  return by < soonest
    ? `Next scan: due ${soonest}, not sooner than after a year (ISCD 2019); already on ${by}, ${interval.says}.`
    : `Next scan: due ${by}, ${interval.says} (monitoring time interval).`;
}
