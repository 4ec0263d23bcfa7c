import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { MH } from '../build-history.ts';
import { patientOf } from '../surveillance/series.ts';
import { REPORT_SITUATIONS, reportsOf } from './report-situations.ts';

const written = Object.entries(REPORT_SITUATIONS).map(
  ([name, situation]) => [name, reportsOf(situation).join('\n\n')] as const,
);

describe('the draft of a follow-up report', () => {
  it('reads as it was read and agreed, situation by situation', async () => {
    const page = written.map(([name, text]) => `## ${name}\n\n${text}\n`).join('\n');
    await expect(page).toMatchFileSnapshot('follow-up-texts.golden.txt');
  });

  it('orders nothing and names no disease but by the class of a T-score', () => {
    for (const [name, text] of written) {
      expect([name, text.match(/\b(prescribe|start|stop|switch|treat|therapy|fractured|diagnosed)\b/i)]).toEqual([
        name,
        null,
      ]);
      const unclassed = text.split('\n').filter((line) => !line.startsWith('Class by'));
      expect([name, unclassed.some((line) => /osteoporosis|osteopenia/.test(line))]).toEqual([name, false]);
    }
  });

  const SERIES = fc.array(fc.tuple(fc.integer({ min: 800, max: 960 }), fc.integer({ min: 700, max: 800 })), {
    minLength: 2,
    maxLength: 6,
  });

  it('is the same in whatever order the studies came', () => {
    fc.assert(
      fc.property(SERIES, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (visits, keys) => {
        const patient = patientOf({ spine: visits.map(([value]) => value), left: visits.map(([, value]) => value) });
        const order = new Map(patient.studies.map((study) => [study, keys.next().value ?? 0]));
        const studies = patient.studies.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
        expect(reportsOf({ patient: { ...patient, studies } })).toEqual(reportsOf({ patient }));
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('says of every change what was judged, with both numbers, and nothing else', () => {
    fc.assert(
      fc.property(SERIES, (visits) => {
        const patient = patientOf({ spine: visits.map(([value]) => value), left: visits.map(([, value]) => value) });
        const { comparisons } = assessPatient(patient, MH, ASSESSMENT_SETTINGS);
        const clauses = reportsOf({ patient }).flatMap(
          (text) => text.match(/Compared with .*?LSC [\d.]+ g\/cm²/g) ?? [],
        );
        const said = clauses.map((clause) => [
          clause.includes('baseline') ? 'baseline' : 'previous',
          /(rose|fell) by (\d\.\d{3})/.exec(clause)?.slice(1).join(' ') ?? 'no change',
          / (not significant|significant) /.exec(clause)?.[1] ?? 'not significant',
        ]);
        const judged = comparisons.map(({ kind, delta, verdict }) => [
          kind,
          delta === 0
            ? 'no change'
            : `${(delta ?? 0) > 0 ? 'rose' : 'fell'} ${(Math.abs(delta ?? 0) / 1e6).toFixed(3)}`,
          verdict === 'not_significant' ? 'not significant' : 'significant',
        ]);
        expect(said.map(String).sort()).toEqual(judged.map(String).sort());
      }),
      { numRuns: 60, seed: 6 },
    );
  });
});
