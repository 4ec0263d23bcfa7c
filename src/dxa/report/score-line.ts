import { ageAt, isGrowing } from '../metadata/age.ts';
import type { Density, RegionScan } from '../scan/region-scan.ts';
import { printTenths } from '../scan/t-score.ts';
import type { ScoredValue } from '../study/history.ts';
import { classifyTScore, type TScoreClass, tenths } from '../values/classification.ts';
import { type Region, type Vertebra, vertebraeKey } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import type { ReportedVisit } from './reported-visit.ts';
import { siteText } from './site-text.ts';

/** Which score a person of this age is read by (R3.1, R3.3); null where the age is not known. */
type Read = 't' | 'z' | null;

function readOf({ visit, settings }: ReportedVisit): Read {
  const age = ageAt(visit);
  if (age === null) return null;
  return age >= settings.tScoreAge ? 't' : 'z';
}

const nameOf = { t: 'T-score', z: 'Z-score' } as const;

/** Scores of the scan that gave a BMD. */
function scoresOf({ study }: RegionScan, { bmdValueId }: Density, read: Read): readonly ScoredValue[] {
  const measurement = study.measurements.find(({ bmd }) => bmd !== null && bmd.valueId === bmdValueId);
  if (measurement === undefined || read === null) return [];
  return read === 't' ? measurement.tScores : measurement.zScores;
}

/** "T-score -2.4": of a person of whom T-scores are read, else the Z-score; null where the file gives none. */
export function scoreText(view: ReportedVisit, scan: RegionScan, density: Density): string | null {
  const read = readOf(view);
  const scores = scoresOf(scan, density, read);
  if (read === null || scores.length === 0) return null;
  const printed = (score: ScoredValue) => printTenths(tenths(score.value));
  const [only] = scores;
  if (scores.length === 1 && only !== undefined) return `${nameOf[read]} ${printed(only)}`;
  const each = scores.map((score) => `${printed(score)} against ${reference(score)}`);
  return `${nameOf[read]}s ${each.join(' and ')}`;
}

const reference = ({ referencePopulation }: ScoredValue) =>
  referencePopulation === '' ? 'not named in the file' : referencePopulation;

/** A class is taken from spine, total hip and neck (R3.1), of hips from the lower side and not from the mean (C10). */
const CLASS_REGIONS: readonly Region[] = ['spine', 'total_hip', 'femoral_neck'];

type Lowest = { readonly score: ScoredValue; readonly site: string };

function siteScores({ scans, settings }: ReportedVisit, read: Read): readonly Lowest[] {
  return scans
    .filter(({ region }) => CLASS_REGIONS.includes(region))
    .flatMap((scan) => {
      const density = scan.densities.find(({ vertebrae }) => mayBeScored(scan.region, vertebrae, settings));
      if (density === undefined) return [];
      const site = siteText({
        roi: { region: scan.region, vertebrae: density.vertebrae },
        laterality: scan.laterality,
      });
      return scoresOf(scan, density, read).map((score) => ({ score, site }));
    })
    .toSorted((a, b) => a.score.value - b.score.value);
}

/** Of a spine two vertebrae at least, L1 to L4 (C8). */
const mayBeScored = (region: Region, vertebrae: readonly Vertebra[], settings: AssessmentSettings) =>
  region !== 'spine' ||
  (vertebrae.length >= settings.minimumVertebrae &&
    vertebrae.every((vertebra) => settings.monitoredVertebrae.includes(vertebra)) &&
    vertebraeKey(vertebrae) !== '');

const CLASS_NAMES: Readonly<Record<TScoreClass, string>> = {
  normal: 'normal',
  low_bone_mass: 'low bone mass (osteopenia)',
  osteoporosis: 'osteoporosis',
};

/** The class by T-score, or the place of the Z-score, only where one may be said; else why not. */
export function classLine(view: ReportedVisit): string {
  const read = readOf(view);
  if (read === null) return 'Class: not stated, because the birth date is not known.';
  const scores = siteScores(view, read);
  const [lowest] = scores;
  if (lowest === undefined)
    return `Class: not stated, because the file gives no ${nameOf[read]} of spine, total hip or femoral neck.`;
  const references = [...new Set(scores.map(({ score }) => score.referencePopulation))];
  if (references.length > 1) {
    return `Class: not stated, because the ${nameOf[read]}s are against ${references.length} references (${scores
      .map(({ score }) => reference(score))
      .filter((name, place, all) => all.indexOf(name) === place)
      .join('; ')}).`;
  }
  const printed = printTenths(tenths(lowest.score.value));
  const at = `${printed} at the ${lowest.site} (reference: ${reference(lowest.score)})`;
  return read === 't'
    ? `Class by the lowest T-score of spine, total hip and femoral neck (WHO): ${CLASS_NAMES[classifyTScore(lowest.score.value)]}, ${at}.${view.visit.sex === 'M' ? '' : ' In women it holds past menopause only.'}`
    : zLine(view, lowest, at);
}

/** Z-scores of -2.0 and below are below the expected range (R3.3); of a child T-scores are never read. */
function zLine(view: ReportedVisit, { score }: Lowest, at: string): string {
  const { visit, settings } = view;
  const below = tenths(score.value) <= -20;
  const woman = !isGrowing(visit, settings) && visit.sex !== 'M';
  const printed = visit.measurements.some(({ tScores }) => tScores.length > 0);
  return [
    `Z-score: ${below ? 'below' : 'within'} the expected range for age, lowest ${at}.`,
    `No class by T-score under ${settings.tScoreAge}${woman ? ', unless the woman is past menopause' : ''}${printed ? '; the T-scores of the printout are not read' : ''}.`,
  ].join(' ');
}
