import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { toCsv, toXlsx } from '../../../src/cli/cases/qa-export.ts';
import { lineOf } from '../../../src/cli/cases/qa-lines.ts';

const FORMULAS = ['=cmd|"/c calc"!A1', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '  =1', '＝1'];

describe('CSV', () => {
  it('runs no formula in a spreadsheet, whatever the name of a file', () => {
    for (const formula of FORMULAS) {
      const csv = toCsv(['file'], [{ file: formula }], false);
      expect(csv.replace(/^"/, '').startsWith("'")).toBe(true);
    }
    expect(toCsv(['file'], [{ file: 'plain, "text"' }], true)).toBe('file\n"plain, ""text"""\n');
  });

  it('shows invisible characters and direction marks as escapes', () => {
    const csv = toCsv(['file'], [{ file: 'a\u001b[2Jb\u202ec\u200bd\ud800' }], false);
    expect(csv).toBe('a\\u001b[2Jb\\u202ec\\u200bd\\ud800\n');
  });

  it('has the columns of its list, in order, also for a row that lacks some', () => {
    const line = lineOf('files', { id: '7', state: 'refused', reason: 'NOT_DXA', dropName: '=x' });
    expect(Object.keys(line).slice(0, 3)).toEqual(['file_id', 'state', 'reason']);
    expect(line).toMatchObject({ file_id: '7', file: '=x', path: '' });
  });
});

describe('a workbook', () => {
  it('holds formulas as text cells and numbers as numbers, and writes out what XML cannot hold', async () => {
    const bytes = await toXlsx(
      'Files',
      ['file', 'bytes'],
      [...FORMULAS, 'a\u0001b'].map((file) => ({ file, bytes: 3 })),
    );
    const parts = unzipSync(new Uint8Array(bytes));
    const xml = Object.entries(parts)
      .filter(([name]) => name.endsWith('.xml'))
      .map(([, content]) => Buffer.from(content).toString('utf8'))
      .join('');
    expect(xml).not.toContain('<f>');
    expect(xml).not.toContain('\u0001');
    expect(xml).toContain('a\\u0001b');
    expect(xml).toContain('cmd|');
    expect(xml).toMatch(/<v>3<\/v>/);
  });
});
