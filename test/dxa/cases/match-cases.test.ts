import { describe, expect, it } from 'vitest';
import { type FiledCase, matchCases } from '../../../src/dxa/cases/match-cases.ts';

const seen = (caseKey: string, ...studyIds: readonly string[]) => ({ caseKey, studyIds });
const filed = (id: string, studyIds: readonly string[], more: Partial<FiledCase> = {}): FiledCase => ({
  ...{ id, studyIds, caseKey: 'loss', followUpStudyId: studyIds[0] ?? '', flagged: true, touched: false },
  ...more,
});
const matched = (now: readonly ReturnType<typeof seen>[], onFile: readonly FiledCase[]) =>
  [...matchCases(now, onFile)].map(([{ studyIds }, { id }]) => `${studyIds.join('+')} is ${id}`).sort();

describe('a case that the rules see', () => {
  it('is the one on file of the same kind with a study in common', () => {
    expect(matched([seen('loss', 'a', 'b')], [filed('1', ['b']), filed('2', ['c'])])).toEqual(['a+b is 1']);
    expect(matched([seen('other', 'a')], [filed('1', ['a'])])).toEqual([]);
  });

  it('is taken once where its visit came apart, by the study that it was opened under', () => {
    const onFile = [filed('1', ['a', 'b'], { followUpStudyId: 'b' })];
    expect(matched([seen('loss', 'a'), seen('loss', 'b')], onFile)).toEqual(['b is 1']);
    expect(matched([seen('loss', 'a')], onFile)).toEqual(['a is 1']);
  });

  it('is, of several of one visit, the one the rules saw last, then the one a person acted on, then the oldest', () => {
    const visit = [seen('loss', 'a', 'b')];
    expect(matched(visit, [filed('1', ['a'], { flagged: false, touched: true }), filed('2', ['b'])])).toEqual([
      'a+b is 2',
    ]);
    expect(matched(visit, [filed('9', ['a']), filed('10', ['b'], { touched: true })])).toEqual(['a+b is 10']);
    expect(matched(visit, [filed('10', ['a']), filed('9', ['b'])])).toEqual(['a+b is 9']);
  });
});
