import {
  type SimulatedCohort,
  type SimulatedFile,
  simulateCohort,
} from '../../../src/simulate/cohort/simulate-cohort.ts';

/** A small cohort with every situation in it; the same at every run. */
export const SMALL_COHORT: SimulatedCohort = simulateCohort({ patients: 20, seed: 11 });

export function simulatedFiles(): readonly SimulatedFile[] {
  return [...SMALL_COHORT.files];
}

/** The first file that must be stored. */
export function oneReport(): SimulatedFile {
  const found = simulatedFiles().find((file) => file.truth.expected_state === 'stored');
  if (found === undefined) throw new Error('the cohort holds no report');
  return found;
}
