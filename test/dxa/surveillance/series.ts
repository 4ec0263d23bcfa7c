import { assessPatient } from '../../../src/dxa/assess-patient.ts';
import type { OnFile, PatientHistory, StudyOfPatient } from '../../../src/dxa/study/history.ts';
import type { Assessment } from '../../../src/dxa/values/assessment.ts';
import { ASSESSMENT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { hip, history, lsc, MH, onFile, spine, study } from '../build-history.ts';

type Given = Parameters<typeof study>[2][number];

/** The LSCs of surveillance.md: spine .033, total hip .017, neck .040; of the mean of both hips .014 where it is asked for. */
export const FILE: OnFile = MH;
export const FILE_WITH_MEAN: OnFile = onFile(
  ...MH.lscEntries,
  lsc('total_hip', '0.014', { lscId: 'lsc-mean', laterality: 'mean' }),
);

const mg = (value: number): string => (value / 1000).toFixed(3);

/** Series in mg/cm², a value a visit; dates yearly on 5 March, or every `years` years. */
export type Series = {
  readonly spine?: readonly number[];
  readonly left?: readonly number[];
  readonly right?: readonly number[];
  readonly neck?: readonly number[];
  readonly radius?: readonly number[];
  readonly years?: number;
  readonly from?: number;
  readonly more?: Partial<StudyOfPatient>;
};

const dayOfVisit = ({ years = 1, from = 2015 }: Series, index: number): string => `${from + index * years}-03-05`;

export function patientOf(series: Series): PatientHistory {
  const visits = Math.max(
    ...[series.spine, series.left, series.right, series.neck, series.radius].map((values) => values?.length ?? 0),
  );
  return history(
    ...Array.from({ length: visits }, (_, index) => {
      const at = (values: readonly number[] | undefined, scan: (text: string) => Given) => {
        const value = values?.[index];
        return value === undefined ? [] : [scan(mg(value))];
      };
      return study(
        `${index + 1}`,
        dayOfVisit(series, index),
        [
          ...at(series.spine, (text) => spine(text)),
          ...at(series.left, (text) => hip('left', text)),
          ...at(series.right, (text) => hip('right', text)),
          ...at(series.neck, (text) => hip('left', text, { region: 'femoral_neck' })),
          ...at(series.radius, (text) => hip('left', text, { region: 'radius_33' })),
        ],
        series.more,
      );
    }),
  );
}

export const assessed = (patient: PatientHistory, file: OnFile = FILE): Assessment =>
  assessPatient(patient, file, ASSESSMENT_SETTINGS);

/** "3 review L2_CONFIRMED_LOSS total_hip::left": every case that is work, by the number of its visit. */
export const casesOf = ({ cases }: Assessment): readonly string[] =>
  cases
    .filter(({ tier }) => tier !== 'information')
    .map(({ followUpStudyId, tier, rule, regionPair }) => `${followUpStudyId} ${tier} ${rule} ${regionPair}`);

/** "4 CONTINUES_SINCE": every line, by the number of its visit. */
export const linesOf = ({ visits }: Assessment): readonly string[] =>
  visits.flatMap(({ studyId, remarks }) => remarks.map(({ code }) => `${studyId} ${code}`));
