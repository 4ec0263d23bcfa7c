import type { PatientContext } from '../study/context.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { TreatmentCourse } from '../study/treatment-course.ts';
import type { Comparison, DiscordanceCase } from '../values/assessment.ts';
import type { IsoDate } from '../values/report.ts';
import type { AssessmentSettings } from '../values/settings.ts';
import { siteName } from '../values/wording.ts';

export type ExplanationGroup =
  | 'identity'
  | 'measurement'
  | 'spine_artefact'
  | 'weight'
  | 'treatment'
  | 'site_specific_loss'
  | 'chance';

/**
 * What an explanation rests on: `measured`, something that was measured or recorded of this patient; `likely`, only what is
 * generally so at this age and sex. Whatever is measured ranks above all that is likely.
 */
export const EXPLANATION_BASES = ['measured', 'likely'] as const;
export type ExplanationBasis = (typeof EXPLANATION_BASES)[number];

/** Something that could lie behind a case, with what in this patient's data speaks for it. */
export type Explanation = {
  readonly code: string;
  readonly group: ExplanationGroup;
  /** Absent in cases of an older release. */
  readonly basis?: ExplanationBasis;
  /** 0 to 100, for ranking within its basis (own). */
  readonly weight: number;
  /** One sentence with the numbers; what was measured and what is known of it, no diagnosis and no order. */
  readonly says: string;
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
  readonly source: string;
};

/** Everything an explanation may look at. */
export type CaseView = {
  readonly found: DiscordanceCase;
  readonly followUp: StudyOfPatient;
  /** Day of the follow-up. */
  readonly day: IsoDate;
  readonly studies: ReadonlyMap<string, StudyOfPatient>;
  /** Those that the rule compared which names the case. */
  readonly named: readonly Comparison[];
  /** Those and what supports the case; where it asks whose scan it is, those of the visit. */
  readonly comparisons: readonly Comparison[];
  /** All comparisons of the follow-up with the previous comparable scan. */
  readonly ofStudy: readonly Comparison[];
  readonly spine: Comparison | null;
  /** The first hip of the case: total hip or neck. */
  readonly hip: Comparison | null;
  /** The 33 % radius of the case. */
  readonly radius: Comparison | null;
  /** Significant losses of the case, at the spine, the hip, its neck or the 33 % radius. */
  readonly fell: readonly Comparison[];
  /** Full years at the follow-up; null when the birth date is not known. */
  readonly age: number | null;
  readonly context: PatientContext;
  /** Of the therapies on file; empty where none is known. */
  readonly courses: readonly TreatmentCourse[];
  readonly settings: AssessmentSettings;
};

export type ExplanationRule = {
  readonly code: string;
  readonly group: ExplanationGroup;
  readonly basis: ExplanationBasis;
  readonly weight: Explanation['weight'];
  /** True where it could also lie behind a scan that looks like another person's; no other is weighed there. */
  readonly ofIdentity?: true;
  readonly source: string;
  /** Null where nothing speaks for it. */
  readonly weigh: (view: CaseView) => Pick<Explanation, 'says' | 'evidence'> | null;
};

/** True for the key pattern: the spine rose and the hip fell. */
export function isKeyPattern({ spine, hip }: CaseView): boolean {
  return spine?.verdict === 'up' && hip?.verdict === 'down';
}

/** True for its mirror image. */
export function isMirrorImage({ spine, hip }: CaseView): boolean {
  return spine?.verdict === 'down' && hip?.verdict === 'up';
}

/** The sites that fell, for a sentence: "spine L1-L4 and left total hip". */
export function sitesThatFell({ fell }: CaseView): string {
  return [...new Set(fell.map(siteName))].join(' and ');
}
