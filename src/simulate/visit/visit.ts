import { addParts, bmdOf, type Part } from '../scanner/scan-model.ts';
import type { ScannerId } from '../scanner/scanners.ts';

export type Side = 'left' | 'right';

/** Which files the hips of a visit come in. */
export type FemurFiles = 'dual' | 'separate';

/** One study with its printed results. */
export type Visit = {
  readonly number: number;
  readonly studyInstanceUid: string;
  readonly accessionNumber: string;
  /** "YYYYMMDD", "HHMMSS". */
  readonly studyDate: string;
  readonly studyTime: string;
  readonly scannerId: ScannerId;
  readonly age: number;
  /** Tenths of a kilogram. */
  readonly weight: number;
  /** L1 to L4; empty where the study has no spine. */
  readonly spine: readonly Part[];
  /** L2 is left out of every range. */
  readonly withoutL2: boolean;
  /** Neck, trochanter, shaft. */
  readonly hips: Readonly<Partial<Record<Side, readonly Part[]>>>;
  readonly femurFiles: FemurFiles;
  /** Centimetres, where it is not that of the person. */
  readonly height?: number;
};

/** Indexes into L1-L4 of every region that enCORE prints, with its label. */
export function spineRanges(
  withoutL2: boolean,
): readonly { readonly label: string; readonly levels: readonly number[] }[] {
  if (withoutL2) {
    return [
      { label: 'L1', levels: [0] },
      { label: 'L3', levels: [2] },
      { label: 'L4', levels: [3] },
      { label: 'L1-L4 (L2)', levels: [0, 2, 3] },
      { label: 'L3-L4', levels: [2, 3] },
    ];
  }
  const ranges: { label: string; levels: number[] }[] = [0, 1, 2, 3].map((i) => ({ label: `L${i + 1}`, levels: [i] }));
  for (let from = 0; from < 3; from += 1) {
    for (let to = from + 1; to < 4; to += 1) {
      const levels = [0, 1, 2, 3].slice(from, to + 1);
      ranges.push({ label: `L${from + 1}-L${to + 1}`, levels });
    }
  }
  return ranges;
}

/** Printed BMD (thousandths) of a set of vertebrae "L1,L2,L3,L4"; null when the visit prints no such set. */
export function spineBmd(visit: Visit, vertebrae: string): number | null {
  const range = spineRanges(visit.withoutL2).find(
    ({ levels }) => levels.map((level) => `L${level + 1}`).join(',') === vertebrae,
  );
  if (range === undefined) return null;
  return bmdOf(addParts(visit.spine.filter((_, level) => range.levels.includes(level))));
}

/** Printed total hip BMD (thousandths) of a side, or the mean of both as enCORE prints it; null when not scanned. */
export function totalHipBmd(visit: Visit, laterality: Side | 'mean'): number | null {
  if (laterality === 'mean') {
    const left = totalHipBmd(visit, 'left');
    const right = totalHipBmd(visit, 'right');
    return left === null || right === null ? null : Math.floor((left + right + 1) / 2);
  }
  const parts = visit.hips[laterality];
  return parts === undefined ? null : bmdOf(addParts(parts));
}
