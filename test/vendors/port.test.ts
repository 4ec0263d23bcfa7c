import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { ADAPTERS, MAPPED_ADAPTER, recogniseAdapter } from '../../src/vendors/adapters.ts';
import { isDocument } from '../../src/vendors/report/adapter.ts';
import { NO_MAPPING, useMapping } from '../../src/vendors/report/site-mapping.ts';
import { privateResultsOf } from '../support/dicom/private-results.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';

const SOURCES = join(import.meta.dirname, '../../src');
/** Where vendors are called by name: their own folders, the list, their published references, and what imitates them. */
const BY_NAME =
  /^(?:vendors\/(?:ge-lunar|hologic|generic)\/|vendors\/adapters\.ts|vendors\/report\/check-scores\.ts|simulate\/)/;

describe('the port of the vendors', () => {
  it('is the only thing that the product knows of them', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
    const naming = files
      .filter((file) => file.endsWith('.ts') && !BY_NAME.test(file))
      .flatMap((file) => {
        const code = readFileSync(join(SOURCES, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return ADAPTERS.filter(({ vendor }) => new RegExp(`['"]${vendor}['"]`).test(code)).map(
          ({ vendor }) => `${file}: ${vendor}`,
        );
      });
    expect(naming).toEqual([]);
  });

  it('names every vendor once, each with a version, and one that reads what a site maps', () => {
    expect(new Set(ADAPTERS.map(({ vendor }) => vendor)).size).toBe(ADAPTERS.length);
    expect(ADAPTERS.filter(({ version }) => !/^\d+$/.test(version))).toEqual([]);
    expect(ADAPTERS.filter(({ readsWhatIsMapped }) => readsWhatIsMapped)).toEqual([MAPPED_ADAPTER]);
  });

  it('gives each content to one adapter, and the others refuse it without crashing', () => {
    const fixture = (path: string) => readFileSync(join(import.meta.dirname, '../fixtures', path, 'report.dcm'));
    const report = readReport(fixture('ge-lunar/encore-8/spine'), READ_LIMITS);
    if (!report.ok) throw new Error(report.refusal.code);
    const contents = [report.document, privateResultsOf(fixture('hologic/apex-13/spine'))];
    expect(contents.map((content) => recogniseAdapter(content)?.vendor)).toEqual(['ge-lunar', 'hologic']);
    for (const content of contents) {
      for (const adapter of ADAPTERS.filter(({ findInImage }) => findInImage !== undefined)) {
        const adapted = adapter.adapt(content, RECEIVED_ON, useMapping(NO_MAPPING));
        const isIts = adapter === recogniseAdapter(content);
        expect('ok' in adapted ? adapted.code : null).toBe(isIts ? null : 'UNSUPPORTED_VENDOR');
        if (!isIts) expect(adapter.recognise(content)).toBe(0);
      }
    }
    expect(contents.map(isDocument)).toEqual([true, false]);
  });
});
