import { type ChecklistItem, checklistFor } from '../../src/dxa/explanations/checklist.ts';
import type { PatientContext } from '../../src/dxa/study/context.ts';
import { ASSESSMENT_SETTINGS } from '../../src/dxa/values/settings.ts';

export const NOTHING_KNOWN: PatientContext = {
  therapies: null,
  markers: null,
  adherence: null,
  secondaryCauses: null,
  fallsInLastYear: null,
  vertebralFractureAssessment: null,
};

/** The checklist of a case of a rule, at a follow-up on 2022-03-01. */
export const checklistOf = (
  context: Partial<PatientContext> = {},
  rule = 'D1_SPINE_UP_HIP_DOWN',
  facts: Readonly<Record<string, string | number | boolean | null>> = {},
): readonly ChecklistItem[] =>
  checklistFor({
    found: { rule, facts },
    day: '2022-03-01',
    context: { ...NOTHING_KNOWN, ...context },
    settings: ASSESSMENT_SETTINGS,
  });
