import { describe, expect, it } from 'vitest';
import { checklistOf, type NOTHING_KNOWN } from '../nothing-known.ts';

const known = (context: Partial<typeof NOTHING_KNOWN>) =>
  Object.fromEntries(checklistOf(context).map((item) => [item.code, item.known]));

const marker = (name: 'P1NP' | 'CTX', takenOn: string, value: number) => ({ marker: name, takenOn, value });

describe('the review checklist', () => {
  it('has the items of section 4.5, each with its source', () => {
    const items = checklistOf();
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

  it('holds turnover markers of the agent that is going on against the response limits of IOF-ECTS 2017', () => {
    const alendronate = { agent: 'alendronate', startedOn: '2021-10-01', endedOn: null } as const;
    const markers = [
      marker('P1NP', '2022-01-01', 31),
      marker('P1NP', '2021-09-30', 50.5),
      marker('CTX', '2021-09-30', 0.5),
      marker('CTX', '2022-01-01', 0.22),
    ];
    const said = (more: Partial<typeof NOTHING_KNOWN>) => known({ markers, ...more })['TURNOVER_MARKERS'];
    expect(said({ therapies: [alendronate] })).toBe(
      'P1NP fell by 39 % (2021-09-30 to 2022-01-01): above the limit; CTX fell by 56 % (2021-09-30 to 2022-01-01): not above the limit, on alendronate from 2021-10-01',
    );
    expect(said({ therapies: [] })).toBe('samples are on file, but no treatment at this scan: no response can be told');
    expect(said({})).toBe('samples are on file, but treatment is not known: no response can be told');
    expect(said({ therapies: [{ ...alendronate, startedOn: '2021-08-01' }] })).toBe(
      'no marker with a sample before and after the start of alendronate on 2021-08-01',
    );
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
