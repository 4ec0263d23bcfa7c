/** Types of the columns that lists are sorted by. */
export type SortType = 'date' | 'timestamptz' | 'double precision' | 'integer' | 'bigint' | 'text';

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const MOMENT = /^(\d{4}-\d\d-\d\d) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?[+-](0\d|1[0-5])(:[0-5]\d){0,2}$/;
const FLOAT = /^-?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?$/;

function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? [];
  if (year === undefined || year === '0000') return false;
  // A day that is not in its month becomes one of the next.
  const moment = new Date(0);
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return moment.toISOString().slice(0, 10) === text;
}

const isWithin = (text: string, bits: number) =>
  /^-?\d{1,20}$/.test(text) && BigInt.asIntN(bits, BigInt(text)) === BigInt(text);

/** Underflow is an error in PostgreSQL as well: a number that becomes 0 without being written as 0. */
const isDouble = (text: string) =>
  FLOAT.test(text) && Number.isFinite(Number(text)) && (Number(text) !== 0 || !/[1-9]/.test(text.replace(/e.*$/, '')));

/** Whether PostgreSQL reads the text as this type, as it writes it itself: a cursor may come back changed. */
export function isSortValue(type: SortType, text: string): boolean {
  switch (type) {
    case 'date':
      return isDay(text);
    case 'timestamptz':
      return isDay(MOMENT.exec(text)?.[1] ?? '');
    case 'double precision':
      return isDouble(text);
    case 'integer':
      return isWithin(text, 32);
    case 'bigint':
      return isWithin(text, 64);
    case 'text':
      return !text.includes('\0') && text.isWellFormed();
    default:
      return type satisfies never;
  }
}
