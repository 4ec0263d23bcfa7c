import { describe, expect, it } from 'vitest';
import { evaluateFloors } from '../../../bench/evaluate/chance-floors.ts';
import { evaluateCourses } from '../../../bench/evaluate/courses.ts';
import { countFloor } from '../../../bench/evaluate/floor.ts';
import { evaluateCohort } from '../../../bench/evaluate/planted-cohort.ts';

describe('npm run evaluate, small', () => {
  it('finds every planted change and loss of a cohort, and nothing opposite elsewhere', { timeout: 240_000 }, () => {
    const { rules, recallOfLosses, counts, violations } = evaluateCohort(100, 3);
    expect(violations).toEqual([]);
    expect(counts.losses).toBeGreaterThan(20);
    expect(recallOfLosses).toBe(1);
    for (const rule of ['D1_SPINE_UP_HIP_DOWN', 'D2_SPINE_DOWN_HIP_UP']) {
      expect(rules.find((one) => one.rule === rule)).toMatchObject({ recall: 1, precision: 1 });
    }
  });

  it('finds what courses over several visits plant, at the visit at which it is', { timeout: 240_000 }, () => {
    const { rules, courses, violations } = evaluateCourses(40, 3);
    const recalls = new Map(rules.map(({ rule, recall }) => [rule, recall]));
    for (const rule of [
      'D1_SPINE_UP_HIP_DOWN',
      'D2_SPINE_DOWN_HIP_UP',
      'D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE',
      'L1_LOSS_AT_BOTH_SITES',
      'L2_CONFIRMED_LOSS',
    ]) {
      expect([rule, recalls.get(rule)]).toEqual([rule, 1]);
    }
    for (const line of ['MAYBE_OTHER_PERSON', 'LEVEL_SHIFT', 'GROWING'])
      expect([line, recalls.get(line)]).toEqual([line, 1]);
    // A visit in two studies is one, and its case is that of one.
    const split = courses.find(({ name }) => name === 'split_visit');
    expect(split).toMatchObject({
      followUps: split?.patients,
      reviewPer1000FollowUps: 1000,
      discordancePer1000FollowUps: 1000,
    });
    expect(violations).toEqual([]);
  });

  it('comes near the published floors with few patients, the same for the same seed', {
    timeout: 240_000,
  }, async () => {
    const floors = await evaluateFloors(300, 3);
    expect(floors).toHaveLength(12);
    const loss = floors.find(({ name }) => name === 'total hip loses 1 percent a year, 5 visits, unrounded');
    expect(loss?.shareOfPatientsNamed).toBeGreaterThan(0.85);
    expect(floors.flatMap(({ violations }) => violations).filter((one) => one.includes('not as published'))).toEqual(
      [],
    );
    const task = { visits: 2, hipRate: 0, sites: 'one_hip', rounded: false, seed: 3, from: 0 } as const;
    const [whole, first, second] = [
      countFloor({ ...task, to: 200 }),
      countFloor({ ...task, to: 120 }),
      countFloor({ ...task, from: 120, to: 200 }),
    ];
    expect(whole.review).toBe(first.review + second.review);
    expect(whole.named).toBe(first.named + second.named);
  });
});
