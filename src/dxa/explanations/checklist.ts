import { maybeAnotherPerson } from '../discordance/whose-scan.ts';
import { compareText } from '../study/chronology.ts';
import type { PatientContext } from '../study/context.ts';
import { coversDay, treatmentCourses } from '../study/treatment-course.ts';
import type { DiscordanceCase } from '../values/assessment.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { describeMarkers, RESPONSE_PERCENT } from './marker-response.ts';

/** One thing to look at in a case; ticks and notes are kept with the case, not here. */
export type ChecklistItem = {
  readonly code: string;
  readonly text: string;
  readonly source: string;
  /** What the context says of it; "not known" where not recorded. */
  readonly known: string;
};

/** What a checklist is written for. */
export type ToCheck = {
  readonly found: Pick<DiscordanceCase, 'rule' | 'facts'>;
  /** Day of the follow-up. */
  readonly day: IsoDate;
  readonly context: PatientContext;
  readonly settings: AssessmentSettings;
};

const NOT_KNOWN = 'not known';

/** What to look at, in the order in which a reader looks: whose scan it is where that is the question, else clinical-rules 4.5. */
export function checklistFor(toCheck: ToCheck): readonly ChecklistItem[] {
  return toCheck.found.rule === maybeAnotherPerson.code ? identityChecklist(toCheck) : reviewChecklist(toCheck);
}

/** Whose scan is this? Treatment says nothing of it, so none is asked for. */
function identityChecklist({ found: { facts } }: ToCheck): readonly ChecklistItem[] {
  const typed = [
    ...(facts['sexDiffers'] === true ? ['sex'] : []),
    ...(facts['birthDateDiffers'] === true ? ['birth date'] : []),
    ...(typeof facts['heightChangeCm'] === 'number' ? [`height by ${facts['heightChangeCm']} cm`] : []),
  ];
  const area = facts['areaPercent'];
  return [
    item(
      'NAME_AND_BIRTH_DATE',
      'Name, birth date, sex and patient id in the files of both visits, against the order and the record',
      'own',
      typed.length === 0 ? 'sex, birth date and height do not differ' : `differs: ${typed.join(', ')}`,
    ),
    item(
      'IMAGES_OF_BOTH',
      'Images of both scans side by side: shape of the bones, implants, old fractures, calcifications',
      'own',
      typeof area === 'number' ? `bone area changed by ${area.toFixed(1)} %` : 'no bone area differs by as much',
    ),
    item(
      'SELECTED_AT_SCANNER',
      'Whether the wrong patient was selected at the scanner: the worklist of that day, and who was scanned before and after',
      'own',
      'look at the day of the scanner',
    ),
    item(
      'ONE_ID_FOR_TWO',
      'Whether two persons share this patient id, or two records were merged that are not of one person',
      'own',
      'look at the record',
    ),
    item(
      'SAME_VERTEBRAE',
      'Vertebral levels and regions of both scans: other labels change the area of the same person',
      'clinical-rules section 5',
      'look at the images',
    ),
    item(
      'ANSWER',
      'The answer: "same person" brings the folded cases back, "other person" takes the visit out of every comparison until it is taken back',
      'own',
      'for a person to say',
    ),
  ];
}

function reviewChecklist({ context, day, settings }: ToCheck): readonly ChecklistItem[] {
  const courses =
    context.therapies === null
      ? null
      : treatmentCourses(context.therapies, settings).filter((course) => coversDay(course, day));
  return [
    item(
      'IMAGES',
      'Images of both scans: positioning, rotation, placement of regions, vertebral levels',
      'Messina 2015 (VERIFIED); ISCD atlas',
      'look at the images',
    ),
    item(
      'ARTEFACTS',
      'Artefacts: degeneration, aortic calcification, vertebral fracture, hardware, overlying objects',
      'Messina 2015, OPRA (Tenne 2013) (VERIFIED)',
      'look at the images',
    ),
    item(
      'SAME_CONDITIONS',
      'Same side, scanner, software, mode and vertebrae in both scans',
      'clinical-rules section 2',
      'see the comparability checks',
    ),
    item(
      'WEIGHT',
      'Weight at both visits',
      'fat-overlay experiment 2006 (VERIFIED; R2.6)',
      'see the comparability checks',
    ),
    item('ADHERENCE', 'Whether the treatment on file was taken', 'clinical-rules 4.4, 4.5', adherenceText(context)),
    item(
      'TURNOVER_MARKERS',
      `P1NP and CTX: on an antiresorptive agent a fall of more than ${RESPONSE_PERCENT.P1NP} % and ${RESPONSE_PERCENT.CTX} % from baseline at 3 months is a response, on an anabolic agent a rise of P1NP is`,
      'IOF-ECTS 2017 (VERIFIED) for the fall; the rise own',
      describeMarkers(context.markers, courses, settings),
    ),
    item('DRUG_AND_SEQUENCE', 'Agent, start, and what came before it', 'clinical-rules 4.3, 4.4', therapyText(context)),
    item(
      'SECONDARY_CAUSES',
      'Secondary causes: vitamin D, hyperparathyroidism, thyroid, malabsorption, glucocorticoids and others',
      'clinical-rules 4.5 (RECALLED)',
      listText(context.secondaryCauses),
    ),
    item('FALL_RISK', 'Falls and fall risk', 'clinical-rules 4.5 (RECALLED)', fallsText(context)),
    item(
      'VFA',
      'Vertebral fracture assessment or radiograph of the spine',
      'clinical-rules 4.5 (RECALLED)',
      vfaText(context),
    ),
    item(
      'REPEAT',
      'When the next scan is due; usually in 1-2 years, on the same scanner',
      'ISCD 2019 (RECALLED); Endocrine Society 1-3 years (VERIFIED)',
      'for the reader to decide',
    ),
  ];
}

function item(code: string, text: string, source: string, known: string): ChecklistItem {
  return { code, text, source, known };
}

function adherenceText({ adherence }: PatientContext): string {
  return adherence === null ? NOT_KNOWN : adherence.replaceAll('_', ' ');
}

function therapyText({ therapies }: PatientContext): string {
  if (therapies === null) return NOT_KNOWN;
  const ordered = therapies.toSorted((a, b) => compareText(a.startedOn, b.startedOn) || compareText(a.agent, b.agent));
  return listText(
    ordered.map(({ agent, startedOn, endedOn }) =>
      startedOn === endedOn ? `${agent} ${startedOn}` : `${agent} ${startedOn} to ${endedOn ?? 'now'}`,
    ),
  );
}

function fallsText({ fallsInLastYear }: PatientContext): string {
  return fallsInLastYear === null ? NOT_KNOWN : `${fallsInLastYear} in the last year`;
}

function vfaText({ vertebralFractureAssessment }: PatientContext): string {
  return vertebralFractureAssessment === null ? NOT_KNOWN : vertebralFractureAssessment.replaceAll('_', ' ');
}

function listText(entries: readonly string[] | null): string {
  if (entries === null) return NOT_KNOWN;
  return entries.length === 0 ? 'none on file' : entries.join('; ');
}
