import { describe, expect, it } from 'vitest';
import type { FollowUpView, ReadByRule } from '../../../src/dxa/discordance/rule.ts';
import { DISCORDANCE_RULES } from '../../../src/dxa/discordance/rules.ts';
import type { Measurement } from '../../../src/dxa/study/history.ts';
import type { Visit } from '../../../src/dxa/study/visits.ts';
import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { randomFrom } from '../../support/dicom/dicom-mutate.ts';
import { hip, history, L1_L4, lsc, MH, onFile, spine, study } from '../build-history.ts';
import { viewsOf } from './views.ts';

const PATIENTS = 400;
const FILE = onFile(
  ...MH.lscEntries,
  lsc('radius_33', '0.040'),
  lsc('total_hip', '0.014', { lscId: 'lsc-mean', laterality: 'mean' }),
);

/** Three visits whose values jump about, so that every rule finds something sooner or later. */
function views(): readonly FollowUpView[] {
  const random = randomFrom(20_261_127);
  const bmd = (from: number) => ((from + random(300)) / 1000).toFixed(3);
  const score = () => ((random(50) - 40) / 10).toFixed(1);
  const visit = (id: string, day: string) => {
    const levels = L1_L4.map((vertebra: Vertebra) => {
      const area = 12 + random(4);
      const value = Number(bmd(700));
      const given = { vertebrae: [vertebra], bmc: (area * value).toFixed(3), area: String(area), tScore: score() };
      return { value, area, scan: spine(value.toFixed(3), given) };
    });
    const area = levels.reduce((sum, one) => sum + one.area, 0);
    const bmc = levels.reduce((sum, one) => sum + one.area * one.value, 0);
    const whole = { bmc: bmc.toFixed(3), area: String(area), tScore: score() };
    return study(
      id,
      day,
      [
        ...levels.map(({ scan }) => scan),
        spine((bmc / area).toFixed(6), whole),
        hip('left', bmd(600), { tScore: score() }),
        hip('right', bmd(600), { tScore: score() }),
        hip('left', bmd(500), { region: 'femoral_neck', tScore: score() }),
        hip('right', bmd(500), { region: 'femoral_neck', tScore: score() }),
        hip('left', bmd(400), { region: 'radius_33', tScore: score() }),
      ],
      { birthDate: '1950-06-15' },
    );
  };
  return Array.from({ length: PATIENTS }, () => {
    const patient = history(visit('1', '2019-03-01'), visit('2', '2021-03-01'), visit('3', '2023-03-01'));
    return viewsOf(patient, FILE);
  }).flat();
}

const WITHOUT: Readonly<Record<ReadByRule, (measurement: Measurement) => Measurement>> = {
  t_scores: (measurement) => ({ ...measurement, tScores: [] }),
  single_vertebrae: (measurement) =>
    measurement.roi.vertebrae.length === 1 ? { ...measurement, bmc: null, area: null } : measurement,
};

/** The view without what the rule does not declare; its comparisons stay. */
function withoutUndeclared(view: FollowUpView, reads: readonly ReadByRule[]): FollowUpView {
  const gone = (Object.keys(WITHOUT) as ReadByRule[]).filter((read) => !reads.includes(read));
  const strip = (one: Visit): Visit => ({
    ...one,
    measurements: one.measurements.map((measurement) => gone.reduce((left, read) => WITHOUT[read](left), measurement)),
  });
  const studies = new Map([...view.studies].map(([id, one]) => [id, strip(one)]));
  return { ...view, study: strip(view.study), studies, earlier: view.earlier.map(strip) };
}

describe('what the rules read', () => {
  const seen = views();

  it.each(DISCORDANCE_RULES.map((rule) => [rule.code, rule] as const))(
    '%s sees the same without what it does not declare',
    (_code, rule) => {
      const hits = seen.map((view) => rule.evaluate(view));
      expect(hits.flat().length).toBeGreaterThan(0);
      expect(seen.map((view) => rule.evaluate(withoutUndeclared(view, rule.reads)))).toEqual(hits);
    },
  );

  it('is declared truly where something is declared: without it no case is found', () => {
    // Whose scan it is, is read off single vertebrae only where the two visits measured other sets of them.
    const declaring = DISCORDANCE_RULES.filter(
      ({ reads, standsBeforeAll }) => reads.length > 0 && standsBeforeAll !== true,
    );
    expect(declaring.map(({ code }) => code)).toContain('D6_VERTEBRAL_OUTLIER');
    for (const rule of declaring) {
      expect(seen.flatMap((view) => rule.evaluate(withoutUndeclared(view, [])))).toEqual([]);
    }
  });
});
