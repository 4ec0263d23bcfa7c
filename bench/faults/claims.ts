import { encoded, hipReport } from '../../test/support/dicom/hip-report.ts';

/** Files that claim one SOP Instance UID, in an order of their own, and the BMD of the analysis that must stand. */
export type Claims = { readonly uid: string; readonly files: readonly Buffer[]; readonly latest: string };

const twoDigits = (number: number) => String(number).padStart(2, '0');

/** Between 2 and `most` contents of one instance, some of them in two encodings. `random` gives integers below its bound. */
export function claimsOf(uid: string, most: number, random: (below: number) => number): Claims {
  const contents = 2 + random(most - 1);
  const files = Array.from({ length: contents }, (_, index) => {
    const encodings = encoded(hipReport(`0.8${twoDigits(index)}`, `10${twoDigits(index)}00`, [], uid));
    const first = random(encodings.length);
    const chosen = random(3) === 0 ? [first, (first + 1) % encodings.length] : [first];
    return chosen.flatMap((one) => encodings[one] ?? []);
  }).flat();
  const shuffled = files.map((file) => ({ file, at: random(1_000_000) })).sort((a, b) => a.at - b.at);
  return { uid, files: shuffled.map(({ file }) => file), latest: `0.8${twoDigits(contents - 1)}000` };
}
