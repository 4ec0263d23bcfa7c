/** The parts of a decimal number as they were written; `exponent` is 0 where none was. */
export type DecimalParts = {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: number;
};

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * The one grammar of numbers: DICOM's DS (PS3.5 6.2), as the runtimes of C print it too, some of them with three digits of
 * exponent ("9.85e-001", "5.e-001", "+.5"). Null for anything else: a comma, a unit, "1.#QNAN", nothing.
 */
export function decimalParts(text: string): DecimalParts | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  if (whole === '' && fraction === '') return null;
  return { negative: sign === '-', whole, fraction, exponent: exponent === undefined ? 0 : Number(exponent) };
}

/** How many decimal places a number was printed with: three in "1.023", "9.85e-001" and "1023.e-003". */
export function decimalPlaces({ fraction, exponent }: DecimalParts): number {
  return Math.max(0, fraction.length - exponent);
}
