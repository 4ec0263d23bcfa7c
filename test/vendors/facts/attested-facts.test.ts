import { describe, expect, it } from 'vitest';
import { readLines } from '../../support/dicom/read-lines.ts';
import { FACTS } from './facts.ts';

const CASES = FACTS.flatMap(({ id, cases }) => Object.entries(cases).map(([name, one]) => [id, name, one] as const));

describe('what is known of the files of densitometers', () => {
  it.each(CASES)('%s: %s', (_id, _name, { bytes, must, never = [] }) => {
    const lines = readLines(bytes());
    expect(
      must.filter((line) => !lines.some((one) => one.startsWith(line))),
      lines.join('\n'),
    ).toEqual([]);
    expect(lines.filter((line) => never.some((one) => line.startsWith(one)))).toEqual([]);
  });

  it('is told once each, with a source', () => {
    const ids = FACTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { says, source } of FACTS) expect([says.length > 20, source.length > 5]).toEqual([true, true]);
  });
});
