import { describe, expect, it } from 'vitest';
import { readDate, readDateTime, readTime } from '../../../src/dicom/text/date-time.ts';
import { chooseDates } from '../../../src/vendors/report/scan-dates.ts';
import { headerWith } from '../../support/dicom/document-header.ts';

type Dates = Readonly<Partial<Record<'dateTime' | 'acquisition' | 'study' | 'series' | 'content', string>>>;

const known = { birthDate: '1956-07-04', receivedOn: '2024-03-13' };

function choose(dates: Dates, beside: Partial<typeof known> & { readonly birthDate?: string | null } = {}) {
  const { dateTime, acquisition, study, series, content } = dates;
  const header = headerWith({
    acquisitionDateTime: dateTime === undefined ? null : readDateTime(dateTime),
    acquisitionDate: acquisition === undefined ? null : readDate(acquisition),
    acquisitionTime: readTime('093000'),
    studyDate: study === undefined ? null : readDate(study),
    studyTime: readTime('101500'),
    seriesDate: series === undefined ? null : readDate(series),
    contentDate: content === undefined ? null : readDate(content),
    contentTime: readTime('110000'),
  });
  const chosen = chooseDates(header, { ...known, ...beside });
  if (chosen === null) return null;
  const { findings, ...rest } = chosen;
  return { ...rest, findings: findings.map(({ code, path }) => `${code} ${path}`), first: findings[0]?.facts };
}

const GOOD = { study: '20240312', content: '20240312' };

describe('the day of a scan', () => {
  it.each([
    [
      'acquisition comes first',
      { dateTime: '20240311080000', acquisition: '20240310', ...GOOD },
      '2024-03-11T08:00:00',
    ],
    ['then Acquisition Date with its own time', { acquisition: '20240310', ...GOOD }, '2024-03-10T09:30:00'],
    ['then the study', GOOD, '2024-03-12T10:15:00'],
    ['then the series', { series: '20240309', content: '20240312' }, '2024-03-09'],
    ['then the content', { content: '20240312' }, '2024-03-12T11:00:00'],
  ])('is believed in this order: %s', (_, dates, scannedAt) => {
    expect(choose(dates)).toMatchObject({ scannedAt, scanDateDoubted: false, findings: [] });
  });

  it.each([
    ['00010101', 'before 1987'],
    ['18991230', 'before 1987'],
    ['19000101', 'before 1987'],
    ['19861231', 'before 1987'],
    ['20991231', 'after receipt'],
    ['20240315', 'after receipt'],
    ['2023', 'not a whole date'],
    ['00000000', 'not a whole date'],
    ['20230230', 'not a whole date'],
  ])('is never %s (%s)', (acquisition, reason) => {
    expect(choose({ acquisition, ...GOOD })).toMatchObject({
      scannedAt: '2024-03-12T10:15:00',
      findings: ['IMPOSSIBLE_DATE (0008,0022)'],
      first: {
        reason,
        believed: '(0008,0020)',
        AcquisitionDate: acquisition,
        StudyDate: '20240312',
        ContentDate: '20240312',
      },
    });
    expect(choose({ dateTime: `${acquisition}`, ...GOOD })?.scannedAt).toBe('2024-03-12T10:15:00');
  });

  it('may be the day after receipt, for the zone of the scanner, and the first day of 1987', () => {
    expect(choose({ study: '20240314' })?.scannedAt).toBe('2024-03-14T10:15:00');
    expect(choose({ study: '19870101' })?.scannedAt).toBe('1987-01-01T10:15:00');
  });

  it('is not before birth, and not at more than 115 years', () => {
    const young = { birthDate: '2010-05-01' };
    expect(choose({ acquisition: '20100430', ...GOOD }, young)?.first).toMatchObject({ reason: 'before birth' });
    expect(choose({ acquisition: '20100501', ...GOOD }, young)?.scannedAt).toBe('2010-05-01T09:30:00');
    expect(choose(GOOD, { birthDate: '1900-01-01' })).toMatchObject({ scanDateDoubted: true });
  });

  it('is kept as given and marked as doubted where no date can be believed', () => {
    expect(choose({ study: '20450301', content: '20450301' })).toMatchObject({
      scannedAt: '2045-03-01T10:15:00',
      scanDateDoubted: true,
      findings: ['IMPOSSIBLE_DATE (0008,0020)', 'IMPOSSIBLE_DATE (0008,0023)', 'CONTENT_DATE_MISSING (0008,0023)'],
    });
    expect(choose({ study: '2023' })).toBeNull();
  });

  it('shows nothing that a person typed into a date', () => {
    expect(choose({ acquisition: 'Probe^Paula', ...GOOD })?.first).toMatchObject({ AcquisitionDate: 'no date' });
  });
});

describe('the time of the analysis', () => {
  it('is that of the content alone', () => {
    expect(choose({ ...GOOD, acquisition: '20240310', content: '20240313' })?.contentAt).toBe('2024-03-13T11:00:00');
  });

  it.each(['19000101', '20991231', '2024'])(
    'is that of the scan, with a finding, where the content is of %s',
    (content) => {
      expect(choose({ study: '20240312', content })).toMatchObject({
        scannedAt: '2024-03-12T10:15:00',
        contentAt: '2024-03-12T10:15:00',
        findings: ['IMPOSSIBLE_DATE (0008,0023)', 'CONTENT_DATE_MISSING (0008,0023)'],
      });
    },
  );
});
