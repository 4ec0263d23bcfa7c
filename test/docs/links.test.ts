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
