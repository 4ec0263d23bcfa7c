import { readFileSync, writeFileSync } from 'node:fs';

/** Tables of a page by name; each is written between `<!-- table NAME -->` and `<!-- end NAME -->`. */
export type Tables = Readonly<Record<string, string>>;

const pathOf = (name: string) => new URL(`../../docs/${name}`, import.meta.url);

export const readPage = (name: string): string => readFileSync(pathOf(name), 'utf8');

/** Puts the tables into the places that the page keeps for them. Throws where one side lacks what the other has. */
export function fillTables(page: string, tables: Tables): string {
  const places = [...page.matchAll(/<!-- table ([a-z-]+) -->/g)].map(([, name]) => name ?? '');
  const missing = Object.keys(tables).filter((name) => !places.includes(name));
  if (missing.length > 0) throw new Error(`the page has no place for ${missing.join(', ')}`);
  return page.replaceAll(
    /(<!-- table ([a-z-]+) -->\n)[\s\S]*?(<!-- end \2 -->)/g,
    (_, start: string, name: string, end: string) => {
      const written = tables[name];
      if (written === undefined) throw new Error(`nothing writes the table ${name}`);
      return `${start}\n${written}\n\n${end}`;
    },
  );
}

export function writePage(name: string, tables: Tables): void {
  writeFileSync(pathOf(name), fillTables(readPage(name), tables));
}

const cell = (text: string) => (text === '' ? '–' : text.replaceAll('|', '\\|').replaceAll('\n', ' '));

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

export const codes = (texts: readonly string[]): string => texts.map(code).join(', ');

/** What a heading can be cited by: "R1.3", "C13", "D1N", "4.4", "section 5". */
export function citableHeadings(page: string): ReadonlySet<string> {
  const headings = [...page.matchAll(/^#{2,4} (.+)$/gm)].map(([, text]) => text ?? '');
  return new Set(
    headings.flatMap((text) => {
      const section = /^(\d+)\. /.exec(text)?.[1];
      const rule = /^([RCDELQ]\d+(?:\.\d+)?[NB]?|\d\.\d+|[A-Z]+(?:_[A-Z]+)+) /.exec(text)?.[1];
      return [...(section === undefined ? [] : [`section ${section}`]), ...(rule === undefined ? [] : [rule])];
    }),
  );
}

/** What links into a page can name. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...page.matchAll(/^#{1,4} (.+)$/gm)].map(([, text]) => text ?? '');
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}
