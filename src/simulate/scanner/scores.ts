/**
 * Reference values with which the simulator prints scores: mean and SD of young adults in thousandths of g/cm2. Hip: GE
 * Lunar's conversion of NHANES III; spine: as printed by enCORE for women. They make plausible printouts; nothing in the
 * product computes with them.
 */
const YOUNG_ADULTS = {
  L1: { F: [1130, 120], M: [1160, 120] },
  L2: { F: [1200, 120], M: [1240, 120] },
  L3: { F: [1200, 120], M: [1240, 120] },
  L4: { F: [1200, 120], M: [1240, 120] },
  spine: { F: [1180, 120], M: [1220, 120] },
  Neck: { F: [1038, 139], M: [1070, 130] },
  Wards: { F: [910, 120], M: [960, 130] },
  Troch: { F: [850, 110], M: [930, 120] },
  Total: { F: [1008, 126], M: [1090, 140] },
} as const;

export type ScoredRegion = keyof typeof YOUNG_ADULTS;

export type Scores = {
  /** Tenths. */
  readonly t: number;
  readonly z: number;
  /** Whole percent. */
  readonly youngAdult: number;
  readonly ageMatched: number;
};

/** Scores as printed. The mean of one's own age falls by 0.6 % of the young mean a year after 45. */
export function scoresOf(region: ScoredRegion, bmd: number, sex: 'F' | 'M', age: number): Scores {
  const [mean, deviation] = YOUNG_ADULTS[region][sex];
  const ownAge = mean * (1 - 0.006 * Math.max(0, age - 45));
  return {
    t: Math.round(((bmd - mean) / deviation) * 10),
    z: Math.round(((bmd - ownAge) / deviation) * 10),
    youngAdult: Math.round((100 * bmd) / mean),
    ageMatched: Math.round((100 * bmd) / ownAge),
  };
}
