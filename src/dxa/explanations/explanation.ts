import type { PatientContext } from '../study/context.ts';
import type { StudyOfPatient } from '../study/history.ts';
import type { Comparison, DiscordanceCase } from '../values/assessment.ts';
import type { AssessmentSettings } from '../values/settings.ts';

export type ExplanationGroup =
  | 'measurement'
  | 'spine_artefact'
  | 'weight'
  | 'treatment'
  | 'site_specific_loss'
  | 'chance';

/** Something that could lie behind a case, with what in this patient's data speaks for it. */
export type Explanation = {
  readonly code: string;
  readonly group: ExplanationGroup;
  /** 0 to 100, for ranking; specific measured evidence outweighs what is only generally likely (own). */
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
  readonly studies: ReadonlyMap<string, StudyOfPatient>;
  /** Those the case refers to. */
  readonly comparisons: readonly Comparison[];
  /** All comparisons of the follow-up with the previous comparable scan. */
  readonly ofStudy: readonly Comparison[];
  readonly spine: Comparison | null;
  /** The first hip of the case: total hip or neck. */
  readonly hip: Comparison | null;
  /** Full years at the follow-up; null when the birth date is not known. */
  readonly age: number | null;
  readonly context: PatientContext;
  readonly settings: AssessmentSettings;
};

export type ExplanationRule = {
  readonly code: string;
  readonly group: ExplanationGroup;
  readonly weight: Explanation['weight'];
  /** Where the spine did not rise or the hip did not fall, instead of `weight`. */
  readonly weightOutsideKeyPattern?: Explanation['weight'];
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
