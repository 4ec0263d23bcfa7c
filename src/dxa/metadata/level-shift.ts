import { fallbackLsc } from '../precision/fallback-lsc.ts';
import { regionScans, type VertebraPart } from '../scan/region-scan.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { Comparison } from '../values/assessment.ts';
import type { Bmd } from '../values/quantity.ts';
import { VERTEBRAE } from '../values/region.ts';
import type { AssessmentSettings } from '../values/settings.ts';

export type LevelShift = {
  /** 1 when each vertebra looks like the earlier scan's next lower one, -1 like the next upper one. */
  readonly shift: 1 | -1;
  /** Root mean square difference of BMD as labelled and as shifted, millionths of g/cm². */
  readonly asLabelled: number;
  readonly asShifted: number;
};

/**
 * Holds the single vertebrae of two spine scans against each other as labelled and one level up or down; a shift that
 * fits better by more than the LSC, in BMD and in area, speaks for mislabelled levels (clinical-rules section 5, own). Needs three
 * vertebrae in common: with fewer any shift can fit by chance.
 */
function levelShift(reference: StudyOfPatient, followUp: StudyOfPatient, lsc: Bmd): LevelShift | null {
  const before = levelsOf(reference);
  const after = levelsOf(followUp);
  const labelled = misfit(before, after, 0);
  if (labelled === null) return null;
  const shifts = ([1, -1] as const).flatMap((shift) => {
    const shifted = misfit(before, after, shift);
    if (shifted === null || labelled.bmd - shifted.bmd <= lsc || shifted.area >= labelled.area) return [];
    return [{ shift, asLabelled: Math.round(labelled.bmd), asShifted: Math.round(shifted.bmd) }];
  });
  return shifts.sort((a, b) => a.asShifted - b.asShifted)[0] ?? null;
}

/** The label-shift test of a compared pair of spines, with what a reader is told of it wherever it is shown. */
export function shiftOfPair(
  { roi, reference, followUp, lsc }: Comparison,
  studies: ReadonlyMap<string, StudyOfPatient>,
  settings: AssessmentSettings,
): { readonly shift: LevelShift; readonly says: string } | null {
  const [before, now] = [studies.get(reference.studyId), studies.get(followUp.studyId)];
  if (roi.region !== 'spine' || before === undefined || now === undefined) return null;
  const limit = lsc ?? fallbackLsc('spine', reference.bmd, { ...settings, fallbackLsc: 'iscd_ceiling' });
  const shift = limit === null ? null : levelShift(before, now, limit.leastSignificantChange);
  if (shift === null) return null;
  return {
    shift,
    says: `The vertebrae fit the scan of ${reference.scannedOn} better when each is held against the one ${shift.shift > 0 ? 'below' : 'above'}: the labels of both scans should be compared.`,
  };
}

export const LEVEL_SHIFT_VERTEBRAE = 3;

function misfit(
  before: readonly (VertebraPart | undefined)[],
  after: readonly (VertebraPart | undefined)[],
  shift: -1 | 0 | 1,
): { readonly bmd: number; readonly area: number } | null {
  let count = 0;
  let bmd = 0;
  let area = 0;
  for (const [index, now] of after.entries()) {
    const then = before[index + shift];
    if (now === undefined || then === undefined) continue;
    count += 1;
    bmd += (1e6 * (now.bmc / now.area - then.bmc / then.area)) ** 2;
    area += (now.area - then.area) ** 2;
  }
  return count < LEVEL_SHIFT_VERTEBRAE ? null : { bmd: Math.sqrt(bmd / count), area: Math.sqrt(area / count) };
}

function levelsOf(study: StudyOfPatient): readonly (VertebraPart | undefined)[] {
  const parts = regionScans(study).find(({ region }) => region === 'spine')?.parts ?? [];
  return VERTEBRAE.map((vertebra) => parts.find((part) => part.vertebra === vertebra));
}
