import { formatMicro, type Micro, parseMicro } from './quantity.ts';
import { REGIONS, type Region } from './region.ts';

/** How a setting is written: by a person (command line, page) and in the database (JSON, in the unit of the text). */
export type SettingForm<T> = {
  /** What it takes, to end a sentence that begins with "must be". */
  readonly takes: string;
  /** Everything it can be, where that is a choice of words. */
  readonly choices: readonly string[] | null;
  /** Null for anything that the form does not take. The unit may be left out. */
  readonly fromText: (text: string) => T | null;
  readonly toText: (value: T) => string;
  /** Null for anything that the form does not take: another release may have stored it. */
  readonly fromJson: (json: unknown) => T | null;
  readonly toJson: (value: T) => unknown;
};

export function choice<const T extends string>(...choices: readonly T[]): SettingForm<T> {
  const find = (given: unknown): T | null => choices.find((one) => one === given) ?? null;
  return {
    takes: choices.join(', or '),
    choices,
    fromText: find,
    toText: (value) => value,
    fromJson: find,
    toJson: (value) => value,
  };
}

const trimmed = (micro: number) => formatMicro(micro, 6).replace(/\.?0+$/, '');

/** Decimal text of millionths, with or without the unit behind it; null for anything else. */
function microOfText(text: string, unit: string): Micro | null {
  const number = unit !== '' && text.endsWith(unit) ? text.slice(0, -unit.length).trimEnd() : text;
  return /^-?(?:\d+(?:\.\d{0,6})?|\.\d{1,6})$/.test(number) ? parseMicro(number) : null;
}

type Bounds = { readonly from: number; readonly to: number };

/** A number of `unit` with at most six places within the bounds; `scale` is what one millionth of the unit is in code. */
function decimal<T extends number>(
  unit: string,
  { from, to }: Bounds,
  ofMicro: (micro: number) => T,
  toMicro: (value: T) => number,
): SettingForm<T> {
  const within = (micro: number | null): T | null =>
    micro === null || micro < from * 1e6 || micro > to * 1e6 ? null : ofMicro(micro);
  return {
    takes: `a number${unit === '' ? '' : ` of ${unit}`} from ${from} to ${to}`,
    choices: null,
    fromText: (text) => within(microOfText(text, unit)),
    toText: (value) => `${trimmed(toMicro(value))}${unit === '' ? '' : ` ${unit}`}`,
    fromJson: (json) => (typeof json === 'number' ? within(Math.round(json * 1e6)) : null),
    toJson: (value) => toMicro(value) / 1e6,
  };
}

/** A measured quantity, in code an integer in millionths of its unit. */
export const amount = (unit: 'kg' | 'm' | 'cm²' | 'g/cm²', bounds: Bounds): SettingForm<Micro> =>
  decimal(
    unit,
    bounds,
    (micro) => micro as Micro,
    (value) => value,
  );

/** A share, in code a fraction of one, written in percent. */
export const percent = (bounds: Bounds): SettingForm<number> =>
  decimal(
    '%',
    bounds,
    (micro) => micro / 1e8,
    (value) => Math.round(value * 1e8),
  );

/** A change a year, in code the number of percent. */
export const percentAYear = (bounds: Bounds): SettingForm<number> =>
  decimal(
    '% a year',
    bounds,
    (micro) => micro / 1e6,
    (value) => Math.round(value * 1e6),
  );

/** A number without a unit. */
export const factor = (bounds: Bounds): SettingForm<number> =>
  decimal(
    '',
    bounds,
    (micro) => micro / 1e6,
    (value) => Math.round(value * 1e6),
  );

/** A whole number of something. */
export function whole(
  unit: 'days' | 'years' | 'vertebrae' | 'scans' | 'tenths' | 'triples' | 'degrees of freedom',
  { from, to }: Bounds,
): SettingForm<number> {
  const within = (given: number): number | null =>
    Number.isInteger(given) && given >= from && given <= to ? given : null;
  return {
    takes: `a whole number of ${unit} from ${from} to ${to}`,
    choices: null,
    fromText: (text) => {
      const number = text.endsWith(unit) ? text.slice(0, -unit.length).trimEnd() : text;
      return /^\d{1,6}$/.test(number) ? within(Number(number)) : null;
    },
    toText: (value) => `${value} ${unit}`,
    fromJson: (json) => (typeof json === 'number' ? within(json) : null),
    toJson: (value) => value,
  };
}

/** Some of `all`, each once, in their order; at least `atLeast` of them. */
export function someOf<const T extends string>(all: readonly T[], atLeast: 0 | 1): SettingForm<readonly T[]> {
  const pick = (given: readonly unknown[]): readonly T[] | null => {
    const picked = all.filter((one) => given.includes(one));
    return picked.length === given.length && picked.length >= atLeast ? picked : null;
  };
  return {
    takes: `${atLeast === 0 ? '"none", or ' : ''}a list of ${all.join(', ')}, each once`,
    choices: null,
    fromText: (text) => (atLeast === 0 && text === 'none' ? [] : pick(text.split(',').map((part) => part.trim()))),
    toText: (value) => (value.length === 0 ? 'none' : value.join(', ')),
    fromJson: (json) => (Array.isArray(json) ? pick(json) : null),
    toJson: (value) => value,
  };
}

const MULTIPLES_OF_PE: Readonly<Record<string, number>> = { '1.96*sqrt(2)': 1.96 * Math.SQRT2 };
const ROUNDED_MULTIPLE = factor({ from: 1, to: 5 });

/** Factor from precision error to LSC under the name with which it is reported. */
export const lscFactorForm: SettingForm<{ readonly name: string; readonly value: number }> = {
  takes: `${Object.keys(MULTIPLES_OF_PE).join(', ')}, or ${ROUNDED_MULTIPLE.takes}`,
  choices: null,
  fromText: (text) => {
    const name = text.split('=')[0]?.trim() ?? '';
    const value = Object.hasOwn(MULTIPLES_OF_PE, name) ? MULTIPLES_OF_PE[name] : ROUNDED_MULTIPLE.fromText(name);
    return value === undefined || value === null ? null : { name, value };
  },
  toText: ({ name, value }) => (Number(name) === value ? name : `${name} = ${value.toFixed(4)}`),
  fromJson: (json) => (typeof json === 'string' ? lscFactorForm.fromText(json) : null),
  toJson: ({ name }) => name,
};

type Rates = Readonly<Partial<Record<Region, Micro>>>;
const RATE = amount('g/cm²', { from: 0.000001, to: 0.2 });

function ratesOf(given: readonly (readonly [string, Micro | null])[]): Rates | null {
  const rates: Partial<Record<Region, Micro>> = {};
  for (const [name, rate] of given) {
    const region = REGIONS.find((one) => one === name);
    if (region === undefined || rate === null || rates[region] !== undefined) return null;
    rates[region] = rate;
  }
  return rates;
}

/** A change a year of each region. */
export const annualRates: SettingForm<Rates> = {
  takes: '"empty", or regions with g/cm² a year such as spine 0.010, total_hip 0.006',
  choices: null,
  fromText: (text) =>
    text === 'empty'
      ? {}
      : ratesOf(
          text.split(',').map((part) => {
            const [region = '', rate = '', ...more] = part.trim().split(/\s+/);
            return [region, more.length === 0 ? RATE.fromText(rate) : null];
          }),
        ),
  toText: (rates) => {
    const named = Object.entries(rates).map(([region, rate]) => `${region} ${trimmed(rate)}`);
    return named.length === 0 ? 'empty' : named.join(', ');
  },
  fromJson: (json) =>
    typeof json === 'object' && json !== null && !Array.isArray(json)
      ? ratesOf(Object.entries(json).map(([region, rate]) => [region, RATE.fromJson(rate)]))
      : null,
  toJson: (rates) => Object.fromEntries(Object.entries(rates).map(([region, rate]) => [region, rate / 1e6])),
};
