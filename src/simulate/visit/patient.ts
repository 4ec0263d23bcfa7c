import { addDays, yearsBetween } from '../scanner/calendar.ts';
import { openRandom, type Random } from '../scanner/random.ts';
import { drawHipProfile, drawParts, drawSpineProfile, type Part, type Profile } from '../scanner/scan-model.ts';
import { lscOf, SCANNERS, type ScannerId } from '../scanner/scanners.ts';
import { drawStyle, type ReportStyle, USUAL_STYLE, type Variety } from '../scanner/style.ts';
import { uidOf } from '../writers/part10.ts';
import { isDoubtful } from './judge-pair.ts';
import { drawPerson, type Person } from './person.ts';
import type { Situation } from './situation.ts';
import { nextTargets, startTargets, type Targets } from './targets.ts';
import type { FemurFiles, Side, Visit } from './visit.ts';

export type SimulatedPatient = {
  readonly index: number;
  readonly situation: Situation;
  readonly person: Person;
  readonly style: ReportStyle;
  readonly visits: readonly Visit[];
};

const PLANTED: ReadonlySet<Situation> = new Set(['key_pattern', 'mirror_image']);
const MAX_DRAWS = 500;

export type Plan = { readonly situation: Situation; readonly variety: Variety; readonly exact: boolean };

/** Draws one patient with all visits; noise that would plant opposite changes by accident is drawn again. */
export function drawPatient(seed: number, index: number, { situation, variety, exact }: Plan): SimulatedPatient {
  const person = drawPerson(openRandom(seed, `person ${index}`), seed, index);
  const drawn = drawStyle(openRandom(seed, `style ${index}`), variety);
  // These two need a second scanner of GE Lunar.
  const lunarOnly = situation === 'no_lsc' || situation === 'other_scanner';
  const style = lunarOnly && drawn.vendor === 'hologic' ? USUAL_STYLE : drawn;
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const visits = drawVisits(
      openRandom(seed, `visits ${index} ${draw}`),
      seed,
      index,
      person,
      situation,
      exact,
      style.vendor,
    );
    if (!hasAccident(visits, situation)) return { index, situation, person, style, visits };
  }
  throw new Error(`no draw without accidental opposite changes for situation ${situation}`);
}

/** In a planted patient only the last study may differ; in all others no pair of studies may. */
function hasAccident(visits: readonly Visit[], situation: Situation): boolean {
  return visits.some((later, end) =>
    visits.slice(0, end).some((earlier) => {
      const planted = PLANTED.has(situation) && end === visits.length - 1;
      return !planted && isDoubtful(earlier, later);
    }),
  );
}

type Body = { readonly spine: Profile; readonly left: Profile; readonly right: Profile };

function drawVisits(
  random: Random,
  seed: number,
  index: number,
  person: Person,
  situation: Situation,
  exact: boolean,
  vendor: ReportStyle['vendor'],
): readonly Visit[] {
  const left = drawHipProfile(random, person.sex);
  const body: Body = { spine: drawSpineProfile(random, person.sex), left, right: left };
  const lunar = situation === 'no_lsc' ? 'idxa-east' : random.pick<ScannerId>(['prodigy', 'idxa']);
  const usual = vendor === 'hologic' ? 'horizon' : lunar;
  const count = situation === 'single_visit' ? 1 : random.uniform() < 0.25 ? 3 : 2;
  const oneHip = situation === 'other_side' || random.uniform() < 0.15;
  const femurFiles: FemurFiles = random.uniform() < 0.6 ? 'dual' : 'separate';
  const treated = random.uniform() < 0.5;
  const visits: Visit[] = [];
  let targets = startTargets(random, person.sex);
  let studyDate = addDays('20150601', random.integer(0, 1100));
  let weight = person.weight;
  for (let number = 1; number <= count; number += 1) {
    const last = number === count && number > 1;
    const scannerId = last && situation === 'other_scanner' ? other(usual) : usual;
    const previous = visits.at(-1);
    if (previous !== undefined) {
      const days = random.integer(365, 1095);
      studyDate = addDays(studyDate, days);
      weight = Math.max(400, Math.round(weight + random.normal(0, 12)));
      const years = days / 365.25;
      targets = nextTargets(random, targets, { situation, last, exact, treated, years, lsc: lscs(usual), scannerId });
    }
    const withoutL2 = last && situation === 'other_vertebrae';
    const spine =
      withoutL2 && previous !== undefined
        ? rescan(random, previous.spine)
        : drawSpine(random, body, targets, situation);
    visits.push({
      number,
      studyInstanceUid: uidOf(`${seed}/${index}/${number}/study`),
      accessionNumber: `ZQ${seed.toString(36)}A${index.toString(36)}V${number}`.toUpperCase().slice(0, 16),
      studyDate,
      studyTime: `${String(random.integer(8, 16)).padStart(2, '0')}${String(random.integer(0, 59)).padStart(2, '0')}00`,
      scannerId,
      age: yearsBetween(person.birthDate, studyDate),
      weight,
      spine,
      withoutL2,
      hips: drawHips(random, body, targets, oneHip, situation === 'other_side' && last),
      femurFiles,
    });
  }
  return visits;
}

function other(scannerId: ScannerId): ScannerId {
  return scannerId === 'prodigy' ? 'idxa' : 'prodigy';
}

function lscs(scannerId: ScannerId): { readonly spine: number; readonly hip: number } {
  const like = SCANNERS[scannerId].hasLsc ? scannerId : 'prodigy';
  return {
    spine: lscOf(like, 'spine', 'L1,L2,L3,L4', 'none') ?? 0,
    hip: lscOf(like, 'total_hip', '', 'left') ?? 0,
  };
}

function drawSpine(random: Random, body: Body, targets: Targets, situation: Situation): readonly Part[] {
  if (situation !== 'other_vertebrae') return drawParts(random, body.spine, targets.spine);
  // A collapsed look: L2 far below its neighbours, so that leaving it out raises "L1-L4" by more than the LSC.
  const shares = body.spine.shares.map((share, level) => (level === 1 ? share * 0.72 : share));
  return drawParts(random, { areas: body.spine.areas, shares }, targets.spine);
}

/** The same bone once more with hardly any change. */
function rescan(random: Random, parts: readonly Part[]): readonly Part[] {
  return parts.map(({ bmc, area }) => ({ area, bmc: Math.round(bmc * random.normal(1, 0.002)) }));
}

function drawHips(
  random: Random,
  body: Body,
  targets: Targets,
  oneHip: boolean,
  rightOnly: boolean,
): Readonly<Partial<Record<Side, readonly Part[]>>> {
  const left = drawParts(random, body.left, targets.left);
  const right = drawParts(random, body.right, targets.right);
  if (rightOnly) return { right };
  return oneHip ? { left } : { left, right };
}
