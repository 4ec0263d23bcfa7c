import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, citableHeadings, readPage } from './page.ts';

const ROOT = join(import.meta.dirname, '../..');
const HEADINGS = citableHeadings(readPage('clinical-rules.md'));

const files = ['src', 'test', 'bench', 'migrations', 'docs', 'workers']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((name) => /\.(ts|sql|md)$/.test(name) && !name.startsWith('docs/clinical-rules.md'))
  .concat('README.md', 'CHANGELOG.md')
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

type Citation = { readonly place: string; readonly cited: string };

const ONE = String.raw`(?:section \d+|[RCDEQ]\d+(?:\.\d+)?N?|\d\.\d+)`;
/** "clinical-rules 4.1 D7, R2.4": several in a row, parted by a comma, a space, "and" or "to". */
const NAMED = new RegExp(String.raw`clinical-rules(?:\.md)?,? (${ONE}(?:(?:,| and| to)? ${ONE})*)`, 'gi');

/** What the comments and texts of a file cite of the page. */
function citationsOf({ name, text }: (typeof files)[number]): readonly Citation[] {
  const named = [...text.matchAll(NAMED)].flatMap(([, list = '']) => list.match(new RegExp(ONE, 'gi')) ?? []);
  const rules = text.match(/\bR[1-3]\.\d{1,2}\b/g) ?? [];
  // Short ids mean a rule in the clinical core and beside it; elsewhere they can be anything.
  const short = /^src\/(dxa|vendors)\//.test(name)
    ? (text.match(/(?<=[(\s])(?:[CE]\d{1,2}|Q\d)(?=[:;,). ])/g) ?? [])
    : [];
  return [...named, ...rules, ...short].map((cited) => ({ place: name, cited: cited.replace(/n$/, 'N') }));
}

const citations = files.flatMap(citationsOf);

describe('a citation of the clinical rules', () => {
  it('names a heading of the page', () => {
    expect(citations.length).toBeGreaterThan(150);
    expect(citations.filter(({ cited }) => !HEADINGS.has(cited))).toEqual([]);
  });

  it('names the page where it gives a section or a number alone', () => {
    const bare = files
      .filter(({ name }) => /^src\/dxa\//.test(name))
      .flatMap(({ name, text }) =>
        [...text.replaceAll(NAMED, '').matchAll(/(?<!PS3\.\d{1,2} )\b[Ss]ection \d|\((?:[4-8]\.\d{1,2})[;,)]/g)].map(
          ([found]) => `${name}: ${found}`,
        ),
      );
    expect(bare).toEqual([]);
  });
});

describe('a link into a page of the rules or of the vendors', () => {
  it.each(['clinical-rules', 'vendors'])('%s leads to a heading', (name) => {
    const page = readPage(`${name}.md`);
    const anchors = anchorsOf(page);
    const other = new RegExp(String.raw`[(/]${name}\.md#([^)\s]+)\)`, 'g');
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g), ...files.flatMap(({ text }) => [...text.matchAll(other)])].map(
      ([, anchor]) => anchor ?? '',
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  it('leads to a file or folder of the project', () => {
    const links = ['clinical-rules.md', 'vendors.md'].flatMap((name) =>
      [...readPage(name).matchAll(/\]\(([^#)]+)(?:#[^)]*)?\)/g)].map(([, path]) => path ?? ''),
    );
    expect(links.length).toBeGreaterThan(15);
    expect(links.filter((path) => !existsSync(join(ROOT, 'docs', path)))).toEqual([]);
  });
});
