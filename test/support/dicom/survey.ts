import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { openSurvey } from '../../../src/survey/collect.ts';
import type { Shows } from '../../../src/survey/screen.ts';
import { SURVEY, type Survey, writeSurvey } from '../../../src/survey/survey-file.ts';
import { RECEIVED_ON } from './received.ts';

/** The text of a survey of these files, as one is made without an option. */
export function surveyOf(files: Iterable<Uint8Array>, shows: Shows = 'things'): string {
  const survey = openSurvey({ limits: READ_LIMITS, today: RECEIVED_ON, shows });
  for (const bytes of files) survey.add(bytes);
  return writeSurvey(survey.finish());
}

/** A survey as whoever gets it reads it back. */
export const readSurvey = (text: string): Survey => SURVEY.parse(JSON.parse(text));
