import type { IsoDate } from '../values/report.ts';

/** Agents with a published response to compare with; anything else is `other`. */
export const AGENTS = [
  'alendronate',
  'risedronate',
  'ibandronate',
  'zoledronate',
  'denosumab',
  'teriparatide',
  'abaloparatide',
  'romosozumab',
  'raloxifene',
  'other',
] as const;
export type Agent = (typeof AGENTS)[number];

export type AgentClass = 'antiresorptive' | 'anabolic' | 'other';

/** Romosozumab builds and slows resorption; it is counted with what it does to BMD in its first year. */
export const CLASS_OF_AGENT = {
  alendronate: 'antiresorptive',
  risedronate: 'antiresorptive',
  ibandronate: 'antiresorptive',
  zoledronate: 'antiresorptive',
  denosumab: 'antiresorptive',
  raloxifene: 'antiresorptive',
  teriparatide: 'anabolic',
  abaloparatide: 'anabolic',
  romosozumab: 'anabolic',
  other: 'other',
} as const satisfies Record<Agent, AgentClass>;

export type Therapy = {
  readonly agent: Agent;
  readonly startedOn: IsoDate;
  /** Last day; null while it goes on. */
  readonly endedOn: IsoDate | null;
};

export const MARKERS = ['P1NP', 'CTX'] as const;
export type Marker = (typeof MARKERS)[number];

export type MarkerResult = {
  readonly marker: Marker;
  readonly takenOn: IsoDate;
  /** In the laboratory's unit: only ratios of one marker are used. */
  readonly value: number;
};

/**
 * What is known about a patient beside the scans. Null means not recorded, which is not the same as an empty list:
 * absent context is shown as "not known" and never taken for "none".
 */
export type PatientContext = {
  readonly therapies: readonly Therapy[] | null;
  readonly markers: readonly MarkerResult[] | null;
  readonly adherence: 'taken' | 'partly_taken' | 'not_taken' | null;
  /** Secondary causes on file, as entered; empty when looked for and none found. */
  readonly secondaryCauses: readonly string[] | null;
  readonly fallsInLastYear: number | null;
  readonly vertebralFractureAssessment: 'done' | 'not_done' | null;
};
