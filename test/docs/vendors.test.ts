import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_CODES } from '../../src/codes/codes.ts';
import { GE_QUIRKS } from '../../src/vendors/ge-lunar/quirks.ts';
import { HOLOGIC_QUIRKS } from '../../src/vendors/hologic/quirks.ts';
import { fillTables, readPage } from './page.ts';
import { hologicHeaders, hologicScanModes, numberForms, spineLabels, trendDates } from './vendor-forms.ts';
import { vendorTables } from './vendor-tables.ts';

const PAGE = readPage('vendors.md');

/** Names in the style of a code that belong to a file and not to dxaflow. */
const OF_FILES = [
  'DXA_RESULTS',
  'DENSITOMETRY_RESULTS',
  'CURRENT_EXAM',
  'BMD_TSCORE',
  'BMD_ZSCORE',
  'BMD_PYA',
  'BMD_PAM',
];

describe('docs/vendors.md', () => {
  it('has the tables of the code, word for word (npm run docs:vendors writes them)', () => {
    expect(fillTables(PAGE, vendorTables())).toBe(PAGE);
  });

  it('names no code that the product does not have', () => {
    const known = new Set([...Object.values(ALL_CODES).flatMap((table) => Object.keys(table)), ...OF_FILES]);
    const named = [...PAGE.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('names a fixture for every quirk, and the fixture is there', () => {
    for (const { fixture } of [...Object.values(GE_QUIRKS), ...Object.values(HOLOGIC_QUIRKS)]) {
      expect(existsSync(join(import.meta.dirname, '../fixtures', fixture, 'expected.json')), fixture).toBe(true);
    }
  });

  it('says of no form that it is not read yet which the code reads', () => {
    const wanted = PAGE.slice(PAGE.indexOf('## Not read yet'));
    const forms = [hologicHeaders(), hologicScanModes(), numberForms(), spineLabels(), trendDates()].flat();
    const named = forms.filter(([form]) => wanted.includes(form));
    for (const [form, read] of named) expect(`${form}: ${read}`).toMatch(/not read|not its own|side from elsewhere/);
  });
});
