/** A VR as the number of its two letters, as they stand in the file. */
export const VR = {
  OB: vrNumber('OB'),
  OW: vrNumber('OW'),
  SQ: vrNumber('SQ'),
  UN: vrNumber('UN'),
  FD: vrNumber('FD'),
} as const;

/** PS3.5 table 7.1-2: these have a 16-bit length; all others, and any VR still to come, have 32 bits (table 7.1-1). */
const SHORT_FORM: ReadonlySet<number> = new Set(
  'AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'.split(' ').map(vrNumber),
);

const STANDARD: ReadonlySet<number> = new Set([
  ...SHORT_FORM,
  ...'OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' ').map(vrNumber),
]);

const LONG_FORM = new Uint8Array(0x10000).fill(1);
for (const vr of SHORT_FORM) LONG_FORM[vr] = 0;

/** Two capital letters; anything else is not explicit VR. */
export function isVrLetters(vr: number): boolean {
  const first = vr >> 8;
  const second = vr & 0xff;
  return first >= 65 && first <= 90 && second >= 65 && second <= 90;
}

/** One of the VRs of PS3.5 table 6.2-1. */
export function isStandardVr(vr: number): boolean {
  return STANDARD.has(vr);
}

export function isLongForm(vr: number): boolean {
  return LONG_FORM[vr] === 1;
}

/** 0x5351 for "SQ". */
export function vrNumber(name: string): number {
  return (name.charCodeAt(0) << 8) | name.charCodeAt(1);
}
