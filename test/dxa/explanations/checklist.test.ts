import { describe, expect, it } from 'vitest';
import { checklistFor, markerFall } from '../../../src/dxa/explanations/checklist.ts';
import { NOTHING_KNOWN } from '../nothing-known.ts';

const known = (context: Partial<typeof NOTHING_KNOWN>) =>
  Object.fromEntries(checklistFor({ ...NOTHING_KNOWN, ...context }).map((item) => [item.code, item.known]));

const marker = (name: 'P1NP' | 'CTX', takenOn: string, value: number) => ({ marker: name, takenOn, value });

describe('the review checklist', () => {
  it('has the items of section 4.5, each with its source', () => {
    const items = checklistFor(NOTHING_KNOWN);
    expect(items.map(({ code }) => code)).toEqual([
      'IMAGES',
      'ARTEFACTS',
      'SAME_CONDITIONS',
      'WEIGHT',
      'ADHERENCE',
      'TURNOVER_MARKERS',
      'DRUG_AND_SEQUENCE',
      'SECONDARY_CAUSES',
      'FALL_RISK',
      'VFA',
      'REPEAT',
    ]);
    expect(items.every(({ source, text }) => source !== '' && text !== '')).toBe(true);
  });

  it('shows absent context as not known, and never as none', () => {
    const nothing = known({});
    for (const code of ['ADHERENCE', 'TURNOVER_MARKERS', 'DRUG_AND_SEQUENCE', 'SECONDARY_CAUSES', 'FALL_RISK', 'VFA']) {
      expect(nothing[code]).toBe('not known');
    }
    expect(known({ therapies: [], secondaryCauses: [] })).toMatchObject({
      DRUG_AND_SEQUENCE: 'none on file',
      SECONDARY_CAUSES: 'none on file',
    });
  });

  it('holds turnover markers against the response limits of IOF-ECTS 2017', () => {
    const markers = [
      marker('P1NP', '2022-04-01', 31),
      marker('P1NP', '2022-01-01', 50.5),
      marker('CTX', '2022-01-01', 0.5),
      marker('CTX', '2022-04-01', 0.22),
    ];
    expect(known({ markers })['TURNOVER_MARKERS']).toBe(
      'P1NP fell by 39 % (above the response limit); CTX fell by 56 % (not above the response limit)',
    );
    expect(known({ markers: [marker('CTX', '2022-01-01', 0.5)] })['TURNOVER_MARKERS']).toBe(
      'no two values of one marker',
    );
    expect(markerFall([marker('CTX', '2022-01-01', 0.5), marker('CTX', '2022-04-01', 0.6)], 'CTX')).toBeCloseTo(-20, 9);
  });

  it('lists therapies in the order of their start', () => {
    const therapies = [
      { agent: 'teriparatide', startedOn: '2021-04-01', endedOn: null },
      { agent: 'alendronate', startedOn: '2018-01-01', endedOn: '2021-03-01' },
    ] as const;
    expect(
      known({ therapies, fallsInLastYear: 2, adherence: 'partly_taken', vertebralFractureAssessment: 'not_done' }),
    ).toMatchObject({
      DRUG_AND_SEQUENCE: 'alendronate 2018-01-01 to 2021-03-01; teriparatide 2021-04-01 to now',
      FALL_RISK: '2 in the last year',
      ADHERENCE: 'partly taken',
      VFA: 'not done',
    });
  });
});
