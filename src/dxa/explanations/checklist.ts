import { compareText } from '../study/chronology.ts';
import { MARKERS, type Marker, type MarkerResult, type PatientContext } from '../study/context.ts';

/** One thing to look at in a case; ticks and notes are kept with the case, not here. */
export type ChecklistItem = {
  readonly code: string;
  readonly text: string;
  readonly source: string;
  /** What the context says of it; "not known" where not recorded. */
  readonly known: string;
};

/** Fall from baseline at 3 months that counts as a response (IOF-ECTS 2017, VERIFIED). */
export const RESPONSE_PERCENT: Readonly<Record<Marker, number>> = { P1NP: 38, CTX: 56 };

const NOT_KNOWN = 'not known';

/** The review checklist of clinical-rules 4.5, in the order in which a reader looks; the same items for every case. */
export function checklistFor(context: PatientContext): readonly ChecklistItem[] {
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
      `P1NP and CTX: a fall of more than ${RESPONSE_PERCENT.P1NP} % and ${RESPONSE_PERCENT.CTX} % from baseline at 3 months is a response`,
      'IOF-ECTS 2017 (VERIFIED)',
      markerText(context),
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

/** Percent by which a marker fell from its first to its last value; null with fewer than two days of values. */
export function markerFall(results: readonly MarkerResult[], marker: Marker): number | null {
  const own = results
    .filter((result) => result.marker === marker)
    .sort((a, b) => compareText(a.takenOn, b.takenOn) || a.value - b.value);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined || first.takenOn === last.takenOn || first.value <= 0) return null;
  // Ten decimals: 0.50 to 0.22 is a fall of exactly 56 %, which binary fractions put a hair above it.
  return Number(((100 * (first.value - last.value)) / first.value).toFixed(10));
}

function item(code: string, text: string, source: string, known: string): ChecklistItem {
  return { code, text, source, known };
}

function adherenceText({ adherence }: PatientContext): string {
  return adherence === null ? NOT_KNOWN : adherence.replaceAll('_', ' ');
}

function markerText({ markers }: PatientContext): string {
  if (markers === null) return NOT_KNOWN;
  const falls = MARKERS.flatMap((marker) => {
    const fall = markerFall(markers, marker);
    if (fall === null) return [];
    const moved = fall >= 0 ? `fell by ${fall.toFixed(0)} %` : `rose by ${(-fall).toFixed(0)} %`;
    return [`${marker} ${moved} (${fall > RESPONSE_PERCENT[marker] ? 'above' : 'not above'} the response limit)`];
  });
  return falls.length === 0 ? 'no two values of one marker' : falls.join('; ');
}

function therapyText({ therapies }: PatientContext): string {
  if (therapies === null) return NOT_KNOWN;
  const ordered = therapies.toSorted((a, b) => compareText(a.startedOn, b.startedOn) || compareText(a.agent, b.agent));
  return listText(ordered.map(({ agent, startedOn, endedOn }) => `${agent} ${startedOn} to ${endedOn ?? 'now'}`));
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
