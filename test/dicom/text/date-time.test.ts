import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDate, readDateTime, readTime, readUtcOffset } from '../../../src/dicom/text/date-time.ts';

const nothing = { date: null, time: null, offsetMinutes: null };

describe('DA', () => {
  test.each([
    ['20240305', '2024-03-05'],
    ['20240229', '2024-02-29'],
    ['20000229', '2000-02-29'],
    ['2024.03.05', '2024-03-05'],
    ['19000101', '1900-01-01'],
  ])('%s is %s', (raw, date) => {
    expect(readDate(raw)).toEqual({ raw, date, time: null, offsetMinutes: null });
  });

  test.each([
    '20230229',
    '19000229',
    '20241301',
    '20240001',
    '20240431',
    '00000101',
    '2024',
    '202403',
    '2024-03-05',
    '05032024x',
    '20240305-20240306',
    '20240305\\20240306',
    '0',
    '',
    '20240305120000',
  ])('%j is none, and its text is kept', (raw) => {
    expect(readDate(raw)).toEqual({ raw, ...nothing });
  });

  test('every day of the calendar is read and no other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (y, m, d) => {
          const [year, month, day] = [
            String(y).padStart(4, '0'),
            String(m).padStart(2, '0'),
            String(d).padStart(2, '0'),
          ];
          const iso = `${year}-${month}-${day}`;
          const time = Date.parse(`${iso}T00:00:00Z`);
          const real = !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
          expect(readDate(year + month + day).date).toBe(real ? iso : null);
        },
      ),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe('TM', () => {
  test.each([
    ['10', '10'],
    ['1015', '10:15'],
    ['101500', '10:15:00'],
    ['101722.25', '10:17:22.25'],
    ['101722.123456', '10:17:22.123456'],
    ['235960', '23:59:60'],
    ['10:17:22', '10:17:22'],
    ['000000', '00:00:00'],
  ])('%s is %s', (raw, time) => {
    expect(readTime(raw)).toEqual({ raw, date: null, time, offsetMinutes: null });
  });

  test.each(['24', '1060', '101561', '1', '101', '101722.', '101722.1234567', '10.5', 'noon', '', '1015-1020'])(
    '%j is none, and its text is kept',
    (raw) => {
      expect(readTime(raw)).toEqual({ raw, ...nothing });
    },
  );
});

describe('DT', () => {
  test.each([
    ['2024', '2024', null, null],
    ['202403', '2024-03', null, null],
    ['20240305', '2024-03-05', null, null],
    ['2024030510', '2024-03-05', '10', null],
    ['202403051015', '2024-03-05', '10:15', null],
    ['20240305101500', '2024-03-05', '10:15:00', null],
    ['20240305101500.5', '2024-03-05', '10:15:00.5', null],
    ['20240305101500.123456+0100', '2024-03-05', '10:15:00.123456', 60],
    ['20240305101500-0330', '2024-03-05', '10:15:00', -210],
    ['2024+0000', '2024', null, 0],
    ['20240305+1400', '2024-03-05', null, 840],
  ])('%s', (raw, date, time, offsetMinutes) => {
    expect(readDateTime(raw)).toEqual({ raw, date, time, offsetMinutes });
  });

  test.each([
    '202413',
    '20240230',
    '2024030524',
    '20240305101500+1500',
    '20240305101500-0000',
    '24',
    '',
    'x',
    '20240305 1015',
  ])('%j is none, and its text is kept', (raw) => {
    expect(readDateTime(raw)).toEqual({ raw, ...nothing });
  });

  test('the process time zone plays no part', () => {
    const before = process.env['TZ'];
    try {
      const results = ['Pacific/Kiritimati', 'America/Los_Angeles', 'Asia/Kathmandu'].map((zone) => {
        process.env['TZ'] = zone;
        return [readDateTime('20240310023000'), readDate('20241231')];
      });
      expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
});

test('Timezone Offset From UTC is minutes, within what exists', () => {
  expect(['+0100', '-0500', '+0545', '+0000', '-1200', '+1400'].map(readUtcOffset)).toEqual([
    60, -300, 345, 0, -720, 840,
  ]);
  expect(['0100', '+01:00', '+1401', '-1201', '+0160', '-0000', ''].map(readUtcOffset)).toEqual(Array(7).fill(null));
});
