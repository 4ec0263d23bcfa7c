import { describe, expect, it } from 'vitest';
import { readTrendDates } from '../../../src/vendors/ge-lunar/trend-date.ts';

function dates(texts: readonly string[], studyDate: string): readonly (string | null)[] {
  return readTrendDates(texts, studyDate).map(({ date, problem }) => date ?? problem);
}

describe('the dates of a trend', () => {
  it('are month first when only that order has the day of the study', () => {
    expect(dates(['04/12/2023', '03/05/2021'], '2023-04-12')).toEqual(['2023-04-12', '2021-03-05']);
  });

  it('are day first when only that order has the day of the study', () => {
    expect(dates(['12/04/2023', '03/05/2021'], '2023-04-12')).toEqual(['2023-04-12', '2021-05-03']);
  });

  it('are decided by a day beyond the twelfth in any of them', () => {
    expect(dates(['03/05/2021', '25/05/2019'], '2023-04-12')).toEqual(['2021-05-03', '2019-05-25']);
    expect(dates(['03/05/2021', '05/25/2019'], '2023-04-12')).toEqual(['2021-03-05', '2019-05-25']);
  });

  it('are decided by a date that would lie after the study', () => {
    expect(dates(['08/04/2023'], '2023-04-12')).toEqual(['2023-04-08']);
  });

  it('are decided by chronological order, newest or oldest first', () => {
    expect(dates(['06/01/2021', '02/05/2021', '01/02/2021'], '2023-04-12')).toEqual([
      '2021-06-01',
      '2021-02-05',
      '2021-01-02',
    ]);
  });

  it('need no decision for names of months, years first, dots, or equal parts', () => {
    const texts = ['12-Apr-2023', '5 March 2021', '2020-07-06', '6.7.2020', '05/05/2019'];
    expect(dates(texts, '2024-01-01')).toEqual(['2023-04-12', '2021-03-05', '2020-07-06', '2020-07-06', '2019-05-05']);
  });

  it('stay open when nothing decides', () => {
    expect(dates(['03/05/2021'], '2023-04-12')).toEqual(['ambiguous']);
  });

  it('are unreadable when they are no dates', () => {
    expect(dates(['', 'baseline', '31/31/2020', '30-Feb-2020', '1/2/20'], '2023-04-12')).toEqual(
      Array(5).fill('unreadable'),
    );
  });
});
