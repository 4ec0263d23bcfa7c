import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { KEY_OBJECT_TITLES } from '../../../src/simulate/writers/rejection-note.ts';
import { noteFile } from '../../support/stored/rejected-visit.ts';

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

const tools = { dsrdump: isInstalled('dsrdump'), dciodvfy: isInstalled('dciodvfy') };
for (const [tool, present] of Object.entries(tools)) {
  if (!present) console.warn(`SKIPPED: ${tool} is not installed, simulated files are not checked by it`);
}

/** A rejection note of every title. */
const notes = Object.keys(KEY_OBJECT_TITLES).map((title) => ({
  name: `${title}.dcm`,
  bytes: noteFile({
    ...{ what: title, title: title as keyof typeof KEY_OBJECT_TITLES, names: ['one', 'two'] },
    ...{ reason: ['111209', 'DCM', 'Positioning'], description: 'hip rotated' },
  }),
}));

/** Writes the whole files of a small cohort and the notes, and runs a program over each; gives what it complained about. */
function complaints(check: (path: string) => string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-dcmtk-'));
  try {
    const whole = [...simulateCohort({ patients: 20, seed: 5, variety: 'every' }).files].filter(
      ({ truth }) => truth.expected_code !== 'TRUNCATED',
    );
    expect(whole.length).toBeGreaterThan(30);
    return [...whole, ...notes].map(({ name, bytes }) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return check(path);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('simulated files', () => {
  it.skipIf(!tools.dsrdump)('pass dsrdump of dcmtk without an error', { timeout: 120_000 }, () => {
    const found = complaints((path) => {
      // Results in an image, which dsrdump does not read.
      const read = readReport(readFileSync(path), READ_LIMITS);
      if (!read.ok && read.refusal.code === 'NOT_STRUCTURED_REPORT') return '';
      const { status, stderr } = spawnSync('dsrdump', [path], { encoding: 'utf8' });
      // It warns (W:) that it does not check texts in UTF-8.
      const errors = stderr.split('\n').filter((line) => /^[EF]:/.test(line));
      return status === 0 && errors.length === 0 ? '' : `${status} ${errors.join(' ')}`;
    });
    expect(found.filter((text) => text !== '')).toEqual([]);
  });

  it.skipIf(!tools.dciodvfy)('pass dciodvfy of dicom3tools without an error', { timeout: 120_000 }, () => {
    const found = complaints((path) => {
      const { stderr } = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
      // dicom3tools does not inflate; dsrdump reads the deflated files above.
      if (readFileSync(path).includes('1.2.840.10008.1.2.1.99')) return '';
      return stderr
        .split('\n')
        .filter((line) => line.startsWith('Error'))
        .join('\n');
    });
    expect(found.filter((text) => text !== '')).toEqual([]);
  });
});
