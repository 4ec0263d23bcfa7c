import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_CODES } from '../../src/codes/codes.ts';
import { COMPARABILITY_CHECKS } from '../../src/dxa/comparability/checks.ts';
import { DISCORDANCE_RULES } from '../../src/dxa/discordance/rules.ts';
import { EXPLANATION_RULES } from '../../src/dxa/explanations/explain-case.ts';
import { checklistOf } from '../dxa/nothing-known.ts';
import { FIXED_VALUES } from './fixed-limits.ts';
import { citableHeadings, fillTables, readPage } from './page.ts';
import { arithmetic } from './rule-arithmetic.ts';
import { boundaries } from './rule-boundaries.ts';
import { workedCases } from './rule-cases.ts';
import { ruleTables } from './rule-tables.ts';
import { RULE_VALUES, SETTING_VALUES } from './rule-values.ts';

const PAGE = readPage('clinical-rules.md');
const CLINICAL_CORE = join(import.meta.dirname, '../../src/dxa');

/** What the page says by hand, without the tables that are written from the code. */
const PROSE = PAGE.replaceAll(/<!-- table ([a-z-]+) -->[\s\S]*?<!-- end \1 -->/g, '');

const sources = readdirSync(CLINICAL_CORE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  .map((name) => ({ name, text: readFileSync(join(CLINICAL_CORE, name), 'utf8') }));

/** Constants with a number that is no clinical limit, each with why. */
const NO_LIMITS: Readonly<Record<string, string>> = {
  DAY_MS: 'milliseconds of a day',
  ON_THE_BOUNDARY: 'what binary fractions can be off by',
  ON_THE_LIMIT: 'what binary fractions can be off by',
  MOST_DECIMALS: 'how a percentage is printed',
  SEVERAL: 'the number of it',
  IDENTITY_EXPLANATIONS: 'weights, in the table of 4.2',
  DENOSUMAB_EXPLANATIONS: 'weights, in the table of 4.2',
  LOSS_EXPLANATIONS: 'weights, in the table of 4.2',
  SEVERITY: 'an order',
  KINDS: 'an order',
  EXPECTED_RESPONSES: 'quoted, in a table of its own (4.3)',
  MEASUREMENT_EXPLANATIONS: 'weights, in the table of 4.2',
  SPINE_ARTEFACT_EXPLANATIONS: 'weights, in the table of 4.2',
  TREATMENT_EXPLANATIONS: 'weights, in the table of 4.2',
  WEIGHT_EXPLANATIONS: 'weights, in the table of 4.2',
  ASSESSMENT_SETTINGS: 'in the table of settings',
  DEFAULT_SETTINGS: 'in the table of settings',
  MULTIPLES_OF_PE: 'forms of a setting',
  ROUNDED_MULTIPLE: 'bounds of a setting',
  RATE: 'bounds of a setting',
  SETTING_SOURCES: 'bounds of settings',
};

/** Constants of a module whose value holds a number, outside texts and regular expressions. */
function numericConstants(text: string): readonly string[] {
  const plain = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`|\/(?![*/ ])(?:\\.|[^/\n])+\/[a-z]*/g, '""');
  return [...plain.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*)\b([\s\S]*?);$/gm)]
    .filter(([, , rest]) => /[=\s[(:{-]\d/.test((rest ?? '').replaceAll('=>', '')))
    .map(([, name]) => name ?? '');
}

describe('docs/clinical-rules.md', () => {
  it('has the tables of the code, word for word (npm run docs:rules writes them)', () => {
    expect(fillTables(PAGE, ruleTables())).toBe(PAGE);
  });

  it('quotes a setting or a limit only with the value that is in force', () => {
    const quoted = [...PROSE.matchAll(/([^\n]*\n?[^\n]*?)\(`([A-Za-z_][\w.]*)`\)/g)].filter(([, , name]) =>
      RULE_VALUES.has(name ?? ''),
    );
    expect(quoted.length).toBeGreaterThan(40);
    for (const [, before = '', name = ''] of quoted) {
      const said = before.replaceAll(/\s+/g, ' ').trimEnd();
      const value = RULE_VALUES.get(name) ?? '';
      expect(`${name}: ${said.slice(-value.length)}`).toBe(`${name}: ${value}`);
    }
  });

  it('names no code, rule, explanation or limit that the code does not have', () => {
    const known = new Set([
      ...Object.values(ALL_CODES).flatMap((table) => Object.keys(table)),
      ...DISCORDANCE_RULES.map(({ code }) => code),
      ...EXPLANATION_RULES.map(({ code }) => code),
      ...checklistOf().map(({ code }) => code),
      ...checklistOf({}, 'MAYBE_OTHER_PERSON').map(({ code }) => code),
      ...RULE_VALUES.keys(),
    ]);
    const named = [...PAGE.matchAll(/`([A-Z][A-Z0-9]*_[A-Za-z0-9_.]+)`/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    const camel = [...PAGE.matchAll(/`([a-z]+[A-Z][A-Za-z]+)`/g)].map(([, name]) => name ?? '');
    expect(camel.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a section for every rule, check and explanation', () => {
    const headings = citableHeadings(PAGE);
    const rules = DISCORDANCE_RULES.map(({ code }) => /^[DL]\d+[A-Z]?(?=_)/.exec(code)?.[0] ?? code);
    const wanted = [...Object.keys(COMPARABILITY_CHECKS), ...rules];
    expect(wanted.filter((id) => !headings.has(id))).toEqual([]);
    const checkOrRule = [...headings].filter((id) => /^([CDL]\d|[A-Z]+_)/.test(id));
    expect(checkOrRule.filter((id) => !wanted.includes(id))).toEqual([]);
    const explained = [...PROSE.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(explained.toSorted()).toEqual(EXPLANATION_RULES.map(({ code }) => code).sort());
  });

  it('cites a rule beside each value and example that has a section of that name', () => {
    const headings = citableHeadings(PAGE);
    const cited = [
      ...[...SETTING_VALUES, ...FIXED_VALUES].map(({ rule }) => rule),
      ...[...boundaries(), ...arithmetic()].map(([rule]) => rule),
    ];
    expect(cited.filter((rule) => !headings.has(rule))).toEqual([]);
  });

  it('shows a worked case for every rule, and one just below the limit', () => {
    const seen = new Set(workedCases().flatMap(([, rules]) => rules.match(/[A-Z][A-Z0-9]*_[A-Z0-9_]+/g) ?? []));
    expect([...seen].sort()).toEqual(DISCORDANCE_RULES.map(({ code }) => code).sort());
    expect(
      workedCases()
        .slice(0, 2)
        .map(([, rules]) => rules),
    ).toEqual(['`D1_SPINE_UP_HIP_DOWN`', 'none']);
  });

  it('lists every constant of the clinical core that holds a number', () => {
    const listed = new Set(FIXED_VALUES.map(({ name }) => name.split('.')[0]));
    const found = sources.flatMap(({ name, text }) => numericConstants(text).map((constant) => ({ name, constant })));
    expect(found.length).toBeGreaterThan(25);
    expect(found.filter(({ constant }) => !listed.has(constant) && NO_LIMITS[constant] === undefined)).toEqual([]);
  });

  it('reads a core that keeps no limit inside a condition', () => {
    const judging = sources.filter(({ name }) => /comparability|discordance|explanations|consistency/.test(name));
    expect(judging.length).toBeGreaterThan(15);
    const inline = judging.flatMap(({ name, text }) =>
      [...text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, '""').matchAll(/(?:<|>)=? (-?\d[\d_.]*)/g)]
        .map(([, number]) => number ?? '')
        .filter((number) => number !== '0' && number !== '1')
        .map((number) => `${name}: ${number}`),
    );
    expect(inline).toEqual([]);
  });
});
