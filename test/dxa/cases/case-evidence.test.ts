import { describe, expect, it } from 'vitest';
import { decideFlagged, decideNoLongerFlagged } from '../../../src/dxa/cases/case-decision.ts';
import { type CaseEvidence, type ComparisonEvidence, hashEvidence } from '../../../src/dxa/cases/case-evidence.ts';

import { NOT_KNOWN_CODES, outcomeOf } from '../../../src/dxa/comparability/checks.ts';
import { hip } from '../build-history.ts';
import { compare } from '../compare-pair.ts';

const scan = (studyId: string, bmd: string) => ({
  studyId,
  scannedOn: '2020-01-10',
  bmdGramsPerCm2: bmd,
  bmcGrams: '50.000000',
  areaCm2: '55.000000',
  sources: [`1.2.${studyId}#1.4`],
});

const comparison: ComparisonEvidence = {
  region: 'spine',
  vertebrae: 'L1,L2,L3,L4',
  laterality: 'none',
  kind: 'previous',
  verdict: 'up',
  rebuilt: false,
  reference: scan('1', '0.900000'),
  followUp: scan('2', '0.950000'),
  deltaGramsPerCm2: '0.050000',
  deltaPercent: '5.555556',
  lscGramsPerCm2: '0.030000',
  lscId: '7',
  lscSource: 'precision study of 2019',
  strength: 1.67,
  robust: true,
  checks: [
    { rule: 'C14', outcome: 'warn', code: 'WEIGHT_DIFFERS', facts: { weightChangeMicroKg: 6_000_000 } },
    { rule: 'C16', outcome: 'ok', code: 'LSC_ON_FILE', facts: { lscIds: '7' } },
  ],
};

const measured = [
  {
    scannedOn: '2020-01-10',
    region: 'spine',
    vertebrae: 'L1',
    laterality: 'none',
    quantity: 't_score',
    referencePopulation: 'USA',
    value: '-1.200000',
    source: '1.2.2#1.5',
  },
] as const;

const D1 = { rule: 'D1_SPINE_UP_HIP_DOWN', tier: 'review' } as const;
const hashOf = (one: ComparisonEvidence, numbers: CaseEvidence['measured'] = measured) =>
  hashEvidence(D1, { comparisons: [one], measured: numbers });
const before = hashOf(comparison);

describe('the hash of what a rule looked at', () => {
  it('is the same in another database, at another place of the file and under another name of the LSC', () => {
    const elsewhere: ComparisonEvidence = {
      ...comparison,
      reference: { ...comparison.reference, studyId: '901', sources: ['1.2.1#1.9'] },
      followUp: { ...comparison.followUp, studyId: '902', sources: ['1.2.2#1.9'] },
      lscId: '903',
      lscSource: 'precision study of 2019, page 2',
      checks: comparison.checks.filter(({ outcome }) => outcome !== 'ok'),
    };
    expect(hashOf(elsewhere)).toBe(before);
    expect(
      hashOf(
        comparison,
        measured.map((number) => ({ ...number, source: '1.2.3#9' })),
      ),
    ).toBe(before);
  });

  it.each<[string, Partial<ComparisonEvidence>]>([
    ['a BMD', { followUp: scan('2', '0.951000') }],
    ['an area', { followUp: { ...scan('2', '0.950000'), areaCm2: '56.000000' } }],
    ['a day', { reference: { ...scan('1', '0.900000'), scannedOn: '2019-01-10' } }],
    ['the size of the LSC', { lscGramsPerCm2: '0.031000' }],
    ['the verdict', { verdict: 'not_significant' }],
    ['a warning', { checks: [] }],
    [
      'the facts of a warning',
      { checks: comparison.checks.map((one) => ({ ...one, facts: { weightChangeMicroKg: 7_000_000 } })) },
    ],
  ])('changes with %s', (_what, changed) => {
    expect(hashOf({ ...comparison, ...changed })).not.toBe(before);
  });

  it('is the same whether a check that finds nothing is called in order, not known or not made at all', () => {
    const [warning, fine] = comparison.checks;
    if (warning === undefined || fine === undefined) throw new Error('no checks');
    for (const code of NOT_KNOWN_CODES) {
      const called = (outcome: 'ok' | 'unknown'): ComparisonEvidence => ({
        ...comparison,
        checks: [warning, fine, { rule: 'C6', outcome, code, facts: { reference: null } }],
      });
      expect(hashOf(called('ok'))).toBe(before);
      expect(hashOf(called('unknown'))).toBe(before);
      expect(outcomeOf({ outcome: 'ok', code })).toBe('unknown');
      expect(outcomeOf({ outcome: 'unknown', code })).toBe('unknown');
    }
    expect(NOT_KNOWN_CODES.length).toBeGreaterThan(6);
    expect(outcomeOf({ outcome: 'ok', code: 'LSC_ON_FILE' })).toBe('ok');
    expect(outcomeOf({ outcome: 'warn', code: 'SIDE_NOT_STATED' })).toBe('warn');
  });

  it('does not move with how a sentence rounds: the facts of a warning are stored as before', () => {
    const pair = {
      before: hip('left', '0.800', { bmc: '24', area: '30' }),
      after: hip('left', '0.770', { bmc: '22.4', area: '29.09' }),
    };
    const warned = compare(pair).checks.filter(({ outcome }) => outcome === 'warn');
    expect(warned).toEqual([
      {
        rule: 'C13',
        outcome: 'warn',
        code: 'AREA_DIFFERS',
        facts: {
          areaPercent: -3.0333,
          bmcPercent: -6.6667,
          residualPercent: -1.3667,
          areaShare: -0.8059,
          twoPercentRule: true,
          oneSquareCentimetreRule: false,
          residualRule: false,
        },
      },
    ]);
    const demographics = compare({ studyAfter: { sex: 'M' } }).checks.find(({ rule }) => rule === 'C17');
    expect(demographics?.facts).toEqual({ sexDiffers: true, birthDateDiffers: false, ethnicGroupDiffers: false });
  });

  it('changes with a T-score that the rule reads, and with the tier', () => {
    expect(
      hashOf(
        comparison,
        measured.map((number) => ({ ...number, value: '-1.300000' })),
      ),
    ).not.toBe(before);
    expect(hashEvidence({ ...D1, tier: 'check' }, { comparisons: [comparison], measured })).not.toBe(before);
  });
});

describe('the table of decisions', () => {
  const onFile = { state: 'open', flagged: true, evidenceHash: 'a', touched: false } as const;

  it.each([
    [{ ...onFile }, 'a', { kind: 'nothing' }],
    [{ ...onFile }, 'b', { event: 'evidence_changed', state: 'open' }],
    [{ ...onFile, state: 'in_review' as const }, 'b', { event: 'evidence_changed', state: 'in_review' }],
    [{ ...onFile, state: 'resolved' as const }, 'a', { kind: 'nothing' }],
    [{ ...onFile, state: 'resolved' as const }, 'b', { event: 'reopened', state: 'reopened' }],
    [{ ...onFile, state: 'resolved' as const, flagged: false }, 'a', { event: 'flagged_again', state: 'resolved' }],
    [{ ...onFile, state: 'resolved' as const, flagged: false }, 'b', { event: 'reopened', state: 'reopened' }],
    [{ ...onFile, state: 'withdrawn' as const, flagged: false }, 'a', { event: 'flagged_again', state: 'open' }],
    [
      { ...onFile, state: 'withdrawn' as const, flagged: false, touched: true },
      'b',
      { event: 'flagged_again', state: 'reopened' },
    ],
  ])('flagged: %o with evidence %s', (known, hash, decision) => {
    expect(decideFlagged(known, hash)).toMatchObject(decision);
  });

  it.each([
    [{ ...onFile }, { event: 'withdrawn', state: 'withdrawn', withdrawnReason: 'NO_LONGER_COMPARABLE' }],
    [
      { ...onFile, state: 'resolved' as const },
      { event: 'no_longer_flagged', state: 'resolved', withdrawnReason: null },
    ],
    [{ ...onFile, state: 'reopened' as const, flagged: false }, { kind: 'nothing' }],
    [{ ...onFile, state: 'withdrawn' as const, flagged: false }, { kind: 'nothing' }],
  ])('gone: %o', (known, decision) => {
    expect(decideNoLongerFlagged(known, 'NO_LONGER_COMPARABLE')).toMatchObject(decision);
  });
});
