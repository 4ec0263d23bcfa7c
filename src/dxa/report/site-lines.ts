import { comparesGrowing } from '../metadata/age.ts';
import type { Density, RegionScan } from '../scan/region-scan.ts';
import type { Comparison } from '../values/assessment.ts';
import { formatMicro } from '../values/quantity.ts';
import { type RegionOfInterest, vertebraeKey } from '../values/region.ts';
import { printLsc, sentence } from '../values/wording.ts';
import { vertebrae, whyNotCompared, whyNotJudged } from './reasons.ts';
import type { ReportedVisit } from './reported-visit.ts';
import { scannerNamed } from './scanner-name.ts';
import { scoreText } from './score-line.ts';
import { type Site, siteText } from './site-text.ts';

/** One line a site: BMD and score, and each change with its reference, or why there is none. */
export function siteLines(view: ReportedVisit): readonly string[] {
  const mean = view.comparisons.filter(({ laterality }) => laterality === 'mean');
  return [...Map.groupBy(view.scans, ({ region }) => region)].flatMap(([region, scans]) => {
    const ofMean = mean.filter(({ roi }) => roi.region === region);
    const [first] = ofMean;
    // Of both hips the mean is followed where it is judged (C10; ISCD 2023).
    if (first === undefined) return scans.map((scan) => lineOfSide(view, scan));
    const sides = scans.map((scan) => `${scan.laterality} ${measured(view, scan, scan.densities[0])}`).join(', ');
    return [`${nameOf(view, first)}: ${grams(first.followUp.bmd)}; ${sides}. ${clausesOf(view, ofMean, first.roi)}`];
  });
}

function lineOfSide(view: ReportedVisit, scan: RegionScan): string {
  const [density] = scan.densities;
  const site: Site = { roi: { region: scan.region, vertebrae: density.vertebrae }, laterality: scan.laterality };
  const compared = view.comparisons.filter(
    ({ roi, laterality }) => roi.region === scan.region && laterality === scan.laterality,
  );
  const changes = compared.length > 0 ? clausesOf(view, compared, site.roi) : withoutReference(view, scan);
  return `${nameOf(view, site)}: ${measured(view, scan, density)}. ${changes}`;
}

function nameOf({ settings }: ReportedVisit, { roi, laterality }: Site): string {
  const secondary = settings.secondaryRegions.includes(roi.region) ? ' (secondary site)' : '';
  return sentence(`${siteText({ roi, laterality })}${secondary}`);
}

const grams = (bmd: number) => `${formatMicro(bmd, 3)} g/cm²`;

function measured(view: ReportedVisit, scan: RegionScan, density: Density): string {
  const score = scoreText(view, scan, density);
  return `${grams(density.bmd)}${score === null ? '' : ` (${score})`}`;
}

function withoutReference({ earlier }: ReportedVisit, { region, laterality }: RegionScan): string {
  const before = earlier.some(({ measurements }) =>
    measurements.some((one) => one.roi.region === region && one.laterality === laterality && one.bmd !== null),
  );
  return before ? 'Not compared: this region is not monitored.' : 'First scan of this site on record.';
}

const clausesOf = (view: ReportedVisit, comparisons: readonly Comparison[], roi: RegionOfInterest) =>
  comparisons.map((comparison) => `${sentence(clauseOf(view, comparison, roi))}.`).join(' ');

/** "compared with 2021-03-01 (same scanner): rose by 0.040 g/cm² (4.7 %), significant at 95 % confidence (LSC 0.033 g/cm²)". */
function clauseOf(view: ReportedVisit, comparison: Comparison, roi: RegionOfInterest): string {
  const { kind, reference, checks, verdict } = comparison;
  const when = `${kind === 'baseline' ? 'the baseline of ' : ''}${reference.scannedOn}`;
  const where = `${when} (${referenceScanner(view, comparison)})`;
  if (verdict === 'not_comparable') return `not compared with ${where}: ${whyNotCompared(checks)}`;
  return `compared with ${where}${passedOver(view, comparison)}${subset(comparison, roi)}: ${movement(comparison)}${judgement(view, comparison)}`;
}

function referenceScanner({ visits }: ReportedVisit, { reference, followUp, checks, referenceConverted }: Comparison) {
  const epoch = checks.find(({ facts }) => facts['epochStartsOn'] !== undefined)?.facts['epochStartsOn'];
  const same = reference.scannerId === followUp.scannerId;
  const scanner =
    !same || checks.some(({ code }) => code === 'SCANNER_NOT_IDENTIFIED')
      ? scannerNamed(visits.get(reference.studyId), reference.scannerId)
      : epoch === undefined
        ? 'same scanner'
        : `same scanner, before its change of ${epoch}`;
  return referenceConverted === null
    ? scanner
    : `${scanner}; its ${grams(reference.bmd)} is ${grams(referenceConverted)} on this scanner by the facility's cross-calibration`;
}

/** Scans of the site between the two that could not be compared: the reader would look for them. */
function passedOver({ earlier, visits }: ReportedVisit, { kind, roi, laterality, reference }: Comparison): string {
  const since = visits.get(reference.studyId);
  const place = earlier.findIndex(({ studyId }) => studyId === since?.studyId);
  if (kind !== 'previous' || place < 0) return '';
  const between = earlier
    .slice(place + 1)
    .filter(({ measurements }) =>
      measurements.some(
        (one) =>
          one.roi.region === roi.region && (laterality === 'mean' || one.laterality === laterality) && one.bmd !== null,
      ),
    );
  return between.length === 0
    ? ''
    : `, the latest comparable scan (not compared with ${between.map(({ scannedAt }) => scannedAt.slice(0, 10)).join(', ')})`;
}

/** Where the scans measured other vertebrae: what was compared of each (C7). */
function subset({ checks, followUp, rebuilt }: Comparison, main: RegionOfInterest): string {
  const facts = checks.find(({ code }) => code === 'VERTEBRAE_REDUCED' || code === 'VERTEBRAE_REBUILT')?.facts;
  if (facts === undefined) return '';
  const how = rebuilt ? ', computed from BMC and area of the vertebrae' : '';
  const now = facts['compared'] === vertebraeKey(main.vertebrae) ? '' : `, ${grams(followUp.bmd)} now`;
  return `, over ${vertebrae(facts['compared'])} in both scans${how} (${vertebrae(facts['reference'])} measured then, ${vertebrae(facts['followUp'])} now)${now}`;
}

function movement({ delta, percent }: Comparison): string {
  const change = delta ?? 0;
  if (change === 0) return 'no change';
  return `${change > 0 ? 'rose' : 'fell'} by ${grams(Math.abs(change))} (${formatMicro(Math.abs(percent ?? 0), 1)} %)`;
}

function judgement({ visits, settings }: ReportedVisit, comparison: Comparison): string {
  const { verdict, lsc, checks, delta } = comparison;
  if (comparesGrowing(comparison, visits, settings))
    return `; not judged, because the person was under ${settings.adultAge} at one of the scans`;
  if (verdict === 'provisional' || lsc === null) {
    return `; significance is not stated, because ${whyNotJudged(checks)}`;
  }
  if (delta === 0) return ` (${lscText(comparison)} at 95 % confidence)`;
  const is = verdict === 'not_significant' ? 'not significant' : 'significant';
  return `, ${is} at 95 % confidence (${lscText(comparison)})`;
}

function lscText({ lsc, referenceConverted }: Comparison): string {
  if (lsc === null) return '';
  return `LSC ${referenceConverted === null ? '' : 'across the cross-calibration '}${printLsc(lsc.leastSignificantChange)} g/cm²`;
}
