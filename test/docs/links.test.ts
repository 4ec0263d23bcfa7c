import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf } from './page.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const LINK = /\]\(([^)\s]+)\)/g;
/** Paths in words, "src/db/locks.ts" or "`test/flow/no-leaks.test.ts`", with an extension so that they are files. */
const PATH = /\b(?:src|test|bench|workers|migrations|docs)\/[\w./-]+\.(?:ts|sql|md|js|css|csv)\b/g;

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

describe.each(PAGES)('%s', (page) => {
  it('links to nothing that is not there', () => {
    const broken = [...read(page).matchAll(LINK)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
      if (!existsSync(file)) return [target];
      if (anchor === undefined || !file.endsWith('.md')) return [];
      return anchorsOf(read(relative(ROOT, file))).has(anchor) ? [] : [target];
    });
    expect(broken).toEqual([]);
  });

  it('names no file of the project that is not there', () => {
    const named = [...read(page).matchAll(PATH)].map(([path]) => path).filter((path) => !path.includes('NNNN'));
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('the README', () => {
  const linksOf = (page: string) =>
    [...read(page).matchAll(LINK)]
      .map(([, target = '']) => target.split('#')[0] ?? '')
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .map((target) => relative(ROOT, resolve(ROOT, dirname(page), target)));

  it.each([
    ['decides D1', /^src\/dxa\/.*\.ts$/, "code: 'D1_SPINE_UP_HIP_DOWN'"],
    ["reads the header of Hologic's results", /^src\/vendors\/hologic\/.*\.ts$/, 'export function readHeaderCells'],
  ])('leads in two clicks to the file that %s', (_, place, line) => {
    const pages = linksOf('README.md').filter((target) => target.endsWith('.md'));
    const files = new Set(pages.flatMap(linksOf).filter((target) => place.test(target)));
    expect([...files].filter((file) => read(file).includes(line))).toHaveLength(1);
  });
});
