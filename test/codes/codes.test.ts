import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALL_CODES, explainCode } from '../../src/codes/codes.ts';
import { renderCodes } from '../../src/codes/codes-page.ts';

const PAGE = fileURLToPath(new URL('../../docs/codes.md', import.meta.url));

describe('the codes', () => {
  it('are those of docs/codes.md, word for word (npm run docs:codes writes it)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(renderCodes());
  });

  it('are each given by one part of the product only', () => {
    const all = Object.values(ALL_CODES).flatMap((table) => Object.keys(table));
    expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([]);
  });

  it.each(Object.values(ALL_CODES).flatMap((table) => Object.entries(table)))(
    '%s has a text and a remedy that are sentences',
    (code, entry) => {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      expect(entry.text).toMatch(/^[A-Z“"].*[.]$/s);
      expect(entry.remedy).toMatch(/^[A-Z“"].*[.]$/s);
      expect(explainCode(code)).toBe(entry);
    },
  );
});
