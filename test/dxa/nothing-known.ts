import type { PatientContext } from '../../src/dxa/study/context.ts';

export const NOTHING_KNOWN: PatientContext = {
  therapies: null,
  markers: null,
  adherence: null,
  secondaryCauses: null,
  fallsInLastYear: null,
  vertebralFractureAssessment: null,
};
