import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { DxaflowError } from '../../src/errors/errors.ts';
import { createLog } from '../../src/runtime/log.ts';
import { simulateCohort } from '../../src/simulate/cohort/simulate-cohort.ts';
import { holdsPlanted, scanFolder } from '../support/database/planted-values.ts';

const recorded = () =>
  readdirSync(inject('runFolder'))
    .filter((name) => name.startsWith('whole-run.test.ts.'))
    .map((name) => readFileSync(join(inject('runFolder'), name), 'utf8'))
    .join('\n');

describe('the search for patient values in what a whole run logs, throws and queues', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-scan-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([1, 2, 5, 11, 77, 4711])('knows every value that cohort %i plants, also in hexadecimal', (seed) => {
    const { planted_values } = simulateCohort({ patients: 40, seed }).truth;
    expect(planted_values.filter((value) => !holdsPlanted(`{"msg":"${value}"}`))).toEqual([]);
    const hex = (value: string) => Buffer.from(`key (${value})`).toString('hex');
    expect(planted_values.filter((value) => !holdsPlanted(hex(value)))).toEqual([]);
  });

  it('knows birth dates, and the people of fixtures and stored visits', () => {
    for (const text of ['"19500301"', 'born 1950-03-01.', 'Fixture^Anna', 'DOE^JANE', 'Probe^Paula', 'FX0001']) {
      expect(holdsPlanted(text), text).toBe(true);
    }
  });

  it('takes no chance digits for a value', () => {
    const lines = [
      '{"level":30,"time":1795036800123,"process":"ingest","sourceFileId":"812","state":"stored"}',
      'archive/incoming/4711-19500301000123-7',
      '0.19500301 2026-11-23 1970-01-01 11950-03-01',
      'a3f5195003011b2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4',
    ];
    expect(lines.filter(holdsPlanted)).toEqual([]);
  });

  it('says in which file and line one stands', () => {
    const [value] = simulateCohort({ patients: 1, seed: 3 }).truth.planted_values;
    writeFileSync(join(folder, 'clean.log'), '{"msg":"ready"}\n');
    writeFileSync(join(folder, 'leaky.log'), `{"msg":"ready"}\n{"msg":"file taken in"}\n{"file":"${value}.dcm"}\n`);
    expect(scanFolder(folder)).toEqual([{ file: join(folder, 'leaky.log'), line: 3, text: `{"file":"${value}.dcm"}` }]);
  });

  it('sees what this very process logs, prints and throws', () => {
    createLog('error', 'test').error({}, 'a logged phrase');
    console.info('a printed phrase');
    const error = new DxaflowError('A_CODE', 'a thrown phrase');
    expect(error.name).toBe('DxaflowError');
    const text = recorded();
    for (const phrase of ['a logged phrase', 'a printed phrase', 'a thrown phrase']) expect(text).toContain(phrase);
  });
});
