import { lscOf } from '../scanner/scanners.ts';
import { type Side, spineBmd, totalHipBmd, type Visit } from './visit.ts';

/** A change of one region between two printed values, judged by the LSC on file; all in thousandths of g/cm2. */
export type JudgedChange = {
  readonly vertebrae: string;
  readonly laterality: Side | 'mean' | 'none';
  readonly from: number;
  readonly to: number;
  readonly delta: number;
  readonly lsc: number;
};

export type Direction = 'spine_up_hip_down' | 'spine_down_hip_up';

export type OppositePair = {
  readonly direction: Direction;
  readonly spine: JudgedChange;
  readonly hips: readonly JudgedChange[];
};

/** The sets that have an LSC on file, largest first: the largest one that both studies print is the one compared. */
const VERTEBRAL_SETS = ['L1,L2,L3,L4', 'L2,L3,L4'] as const;
const LATERALITIES = ['left', 'right', 'mean'] as const;

/**
 * The simulator's own oracle: opposite changes of spine and total hip, both at least the LSC, in whole thousandths.
 * Another scanner, another side or another set of vertebrae is not compared. Written apart from src/dxa on purpose.
 */
export function judgePair(earlier: Visit, later: Visit): OppositePair | null {
  const spine = VERTEBRAL_SETS.map((set) => spineChange(earlier, later, set)).find((change) => change !== null);
  return spine === undefined || spine === null ? null : oppositeHips(earlier, later, spine);
}

/**
 * Whether a pair comes so near to opposite changes that another reasonable reading of the rules (a smaller set of
 * vertebrae, the mean of both hips rounded the other way) would see them; such noise is drawn again.
 */
export function isDoubtful(earlier: Visit, later: Visit): boolean {
  return VERTEBRAL_SETS.some((set) => {
    const spine = spineChange(earlier, later, set);
    if (spine === null) return false;
    return LATERALITIES.some((laterality) => {
      const hip = hipChange(earlier, later, laterality);
      if (hip === null || Math.sign(spine.delta) * Math.sign(hip.delta) !== -1) return false;
      const slack = laterality === 'mean' ? 1 : 0;
      return Math.abs(spine.delta) >= spine.lsc && Math.abs(hip.delta) >= hip.lsc - slack;
    });
  });
}

/**
 * Spine and hips that fell by the LSC or more: of hips the mean where both visits scanned both, else each side. Not rounded
 * as the printed mean is, for the product computes the mean itself.
 */
export function judgeLosses(earlier: Visit, later: Visit): readonly JudgedChange[] {
  const spine = VERTEBRAL_SETS.map((set) => spineChange(earlier, later, set)).find((change) => change !== null);
  const sides = (['left', 'right'] as const).map((side) => hipChange(earlier, later, side));
  const [left, right] = sides;
  const mean = hipChange(earlier, later, 'mean');
  const both = mean !== null && left && right ? { ...mean, delta: (left.delta + right.delta) / 2 } : null;
  return [spine ?? null, ...(both === null ? sides : [both])]
    .filter((change) => change !== null)
    .filter(({ delta, lsc }) => delta <= -lsc);
}

function oppositeHips(earlier: Visit, later: Visit, spine: JudgedChange): OppositePair | null {
  if (Math.abs(spine.delta) < spine.lsc) return null;
  const sign = -Math.sign(spine.delta);
  const hips = LATERALITIES.map((laterality) => hipChange(earlier, later, laterality))
    .filter((change) => change !== null)
    .filter(({ delta, lsc }) => delta * sign >= lsc);
  if (hips.length === 0) return null;
  return { direction: sign < 0 ? 'spine_up_hip_down' : 'spine_down_hip_up', spine, hips };
}

function spineChange(earlier: Visit, later: Visit, vertebrae: string): JudgedChange | null {
  const change = toChange(earlier, later, spineBmd(earlier, vertebrae), spineBmd(later, vertebrae), {
    region: 'spine',
    vertebrae,
    laterality: 'none',
  });
  return change;
}

function hipChange(earlier: Visit, later: Visit, laterality: Side | 'mean'): JudgedChange | null {
  return toChange(earlier, later, totalHipBmd(earlier, laterality), totalHipBmd(later, laterality), {
    region: 'total_hip',
    vertebrae: '',
    laterality,
  });
}

type What = {
  readonly region: 'spine' | 'total_hip';
  readonly vertebrae: string;
  readonly laterality: JudgedChange['laterality'];
};

function toChange(
  earlier: Visit,
  later: Visit,
  from: number | null,
  to: number | null,
  what: What,
): JudgedChange | null {
  if (from === null || to === null || earlier.scannerId !== later.scannerId) return null;
  const lsc = lscOf(later.scannerId, what.region, what.vertebrae, what.laterality);
  if (lsc === null) return null;
  return { vertebrae: what.vertebrae, laterality: what.laterality, from, to, delta: to - from, lsc };
}
