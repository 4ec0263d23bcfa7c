import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsOf } from './check.ts';
import { findCircles, readSources, type SourceFile, specifiersOf } from './import-graph.ts';

const SOURCES = readSources(join(import.meta.dirname, '../..'), ['src', 'workers', 'test', 'bench']);

/** What is found wrong when the file at `path` imports this besides. */
function problemsWith(path: string, besides: Partial<SourceFile>): string[] {
  const changed = SOURCES.find((source) => source.path === path);
  if (changed === undefined) throw new Error(`no ${path}`);
  const { files = [], packages = [] } = besides;
  const more = { path, files: [...changed.files, ...files], packages: [...changed.packages, ...packages] };
  return problemsOf(SOURCES.map((source) => (source === changed ? more : source)));
}

describe('the rooms of the sources', () => {
  it('have no circle, no arrow against a floor and no folder that is too full', () => {
    expect(SOURCES.length).toBeGreaterThan(500);
    expect(problemsOf(SOURCES)).toEqual([]);
  });

  it.each([
    [
      'a room of a floor above',
      'src/dxa/study/history.ts',
      'src/dxa/precision/lsc.ts',
      'dxa/precision is not on a floor below',
    ],
    [
      'a room of its own floor',
      'src/jobs/intake/take-file.ts',
      'src/jobs/ingest/ingest.ts',
      'jobs/ingest is not on a floor below',
    ],
    [
      'a file beside the rooms',
      'src/vendors/hologic/scan.ts',
      'src/vendors/adapt-image.ts',
      'vendors/. is not on a floor',
    ],
    ['vendors from dicom', 'src/dicom/read-report.ts', 'src/vendors/text/label.ts', 'dicom may not import vendors'],
    ['pages from the command line', 'src/cli/program.ts', 'src/http/server.ts', 'cli may not import http'],
    ['tests from the product', 'src/cli/program.ts', 'test/support/until.ts', 'src imports of src only'],
  ])('refuse %s', (_, path, to, words) => {
    expect(problemsWith(path, { files: [to] }).join('\n')).toContain(`${path} → ${to}: ${words}`);
  });

  it('refuse a circle of two files in one room', () => {
    const [a, b] = ['src/http/pages/worklist.ts', 'src/http/pages/worklist-filters.ts'];
    const [circle, ...others] = problemsWith(b, { files: [a] });
    expect(circle).toMatch(/^circle: /);
    expect(circle).toContain(a);
    expect(circle).toContain(b);
    expect(others).toEqual([]);
  });

  it('refuse a database in the clinical core, and a second place for what one place wraps', () => {
    expect(problemsWith('src/dxa/precision/lsc.ts', { packages: ['pg'] })).toEqual([
      'src/dxa/precision/lsc.ts → pg: dxa is pure, and may not use pg',
    ]);
    expect(problemsWith('src/http/pages/case.ts', { packages: ['ghtml'] })).toHaveLength(1);
  });

  it('refuse a folder that is too full, a room on no floor and a floor without files', () => {
    const more = Array.from({ length: 21 }, (_, n) => ({
      path: `src/dxa/odds/and-ends-${n}.ts`,
      files: [],
      packages: [],
    }));
    expect(problemsOf([...SOURCES, ...more])).toEqual([
      'src/dxa/odds: on no floor',
      'src/dxa/odds: 21 modules, more than 20',
    ]);
    const without = SOURCES.filter(({ path }) => !path.startsWith('src/vendors/generic/'));
    expect(problemsOf(without)).toEqual(['src/vendors/generic: a floor without files']);
  });
});

describe('the imports of a file', () => {
  it('are those of types, those of exports and those by import() as well', () => {
    const source = `
      import type { A } from './a.ts';
      import { type B } from './b.ts';
      export { C } from './c.ts';
      export type { D } from './d.ts';
      type E = import('./e.ts').E;
      const f = async () => import('./f.ts');
      import './g.ts';
      // import { H } from './h.ts';
      const text = "from './i.ts'";`;
    expect(specifiersOf('x.ts', source).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((n) => `./${n}.ts`));
  });

  it('are not taken from a file that cannot be parsed', () => {
    expect(() => specifiersOf('x.ts', 'import {')).toThrow('x.ts');
  });
});

it('a circle is found however long it is, and two circles that touch are one', () => {
  const arrows = (text: string) => new Map(text.split(' ').map((each) => [each[0] ?? '', each.slice(1)]));
  expect(findCircles(arrows('ab bc cd d'))).toEqual([]);
  expect(findCircles(arrows('ab bc cd db'))).toEqual([['b', 'c', 'd']]);
  expect(findCircles(arrows('ab bac cb'))).toEqual([['a', 'b', 'c']]);
});
