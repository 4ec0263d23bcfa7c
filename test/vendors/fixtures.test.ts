import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VENDOR_CODES } from '../../src/vendors/report/codes.ts';
import { FIXTURES } from '../fixtures/definitions/all.ts';
import { outcomeOf } from '../fixtures/outcome.ts';

const ROOT = join(import.meta.dirname, '../fixtures');

function folders(): string[] {
  return readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'report.dcm')
    .map((entry) => relative(ROOT, entry.parentPath))
    .sort();
}

describe('the fixtures', () => {
  it('are at least 40, and every folder has a definition that says what it imitates', () => {
    expect(folders().length).toBeGreaterThanOrEqual(40);
    expect(folders()).toEqual(FIXTURES.map(({ folder }) => folder).sort());
  });

  it.each(FIXTURES)('$folder holds the bytes that its definition writes', ({ folder, bytes }) => {
    expect(Buffer.compare(readFileSync(join(ROOT, folder, 'report.dcm')), bytes())).toBe(0);
  });

  it.each(FIXTURES)('$folder becomes its reviewed result', ({ folder }) => {
    const expected: unknown = JSON.parse(readFileSync(join(ROOT, folder, 'expected.json'), 'utf8'));
    const outcome = outcomeOf(readFileSync(join(ROOT, folder, 'report.dcm')));
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(expected);
  });

  it('give only findings and refusals that the code table explains', () => {
    const codes = new Set<string>();
    for (const { bytes } of FIXTURES) {
      const outcome = outcomeOf(bytes()) as { refused?: { code: string }; findings?: { code: string }[] };
      if (outcome.refused !== undefined) codes.add(outcome.refused.code);
      for (const { code } of outcome.findings ?? []) codes.add(code);
    }
    for (const code of codes) expect(Object.keys(VENDOR_CODES)).toContain(code);
  });
});
