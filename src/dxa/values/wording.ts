import type { Comparison } from './assessment.ts';
import { type Bmd, formatMicro } from './quantity.ts';
import { describeVertebrae, vertebraeKey } from './region.ts';

/** Names a site in the identity of a case: "spine:L1,L2,L3,L4:none", "total_hip::left". */
export function siteKey({ roi, laterality }: Pick<Comparison, 'roi' | 'laterality'>): string {
  return `${roi.region}:${vertebraeKey(roi.vertebrae)}:${laterality}`;
}

/** Names a site for a reader: "spine L1-L4", "left total hip", "total hip (mean of both)". */
export function siteName({ roi, laterality }: Pick<Comparison, 'roi' | 'laterality'>): string {
  const region = roi.region.replaceAll('_', ' ');
  if (roi.vertebrae.length > 0) return `${region} ${describeVertebrae(roi.vertebrae)}`;
  switch (laterality) {
    case 'none':
      return region;
    case 'mean':
      return `${region} (mean of both)`;
    case 'left':
    case 'right':
      return `${laterality} ${region}`;
    default:
      return laterality satisfies never;
  }
}

/** "spine L1-L4 rose by 0.040 g/cm² (4.7 %) since 2021-03-01": what was measured, and nothing else. */
export function describeChange(comparison: Comparison): string {
  const delta = comparison.delta ?? 0;
  const moved = delta === 0 ? 'did not change' : `${delta > 0 ? 'rose' : 'fell'} by ${size(delta, comparison)}`;
  return `${siteName(comparison)} ${moved} since ${comparison.reference.scannedOn}`;
}

function size(delta: number, { percent }: Comparison): string {
  return `${formatMicro(Math.abs(delta), 3)} g/cm² (${formatMicro(Math.abs(percent ?? 0), 1)} %)`;
}

/** "lumbar spine L1-L4 and left total hip". */
export function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  return distinct.length < 2 ? distinct.join('') : `${distinct.slice(0, -1).join(', ')} and ${distinct.at(-1)}`;
}

/** An LSC in g/cm² with all its digits, three at least. */
export function printLsc(lsc: Bmd): string {
  return formatMicro(lsc, 6).replace(/0{1,3}$/, '');
}

/** First letter as a capital, for the start of a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
