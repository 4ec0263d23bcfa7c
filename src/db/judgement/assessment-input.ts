import type { ChangeClaim } from '../../dxa/change/vendor-change.ts';
import { type PriorClaim, priorsThatDiffer } from '../../dxa/change/vendor-prior.ts';
import type {
  CrossCalibration,
  IdentityAnswer,
  LscEntry,
  PinnedBaseline,
  ScannerEpoch,
} from '../../dxa/study/history.ts';
import type { Bmd } from '../../dxa/values/quantity.ts';
import { parseVertebraeKey, type Region } from '../../dxa/values/region.ts';
import type { Settings } from '../../dxa/values/settings.ts';
import { settingsInForce } from '../../dxa/values/settings-in-force.ts';
import { bmdOf, microOf, optionalBmdOf } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { type HistoryRow, historyOf, type ReadHistory } from '../records/history.ts';
import type { StoredSettings } from '../registry/setting.ts';
import { loadStatement } from '../statement.ts';
import type { WrittenFollowUp } from './study-follow-up.ts';
import type { WrittenVisit } from './visit-writing.ts';

/** Everything that the assessment of one patient looks at, and what is already written of it. */
export type AssessmentInput = {
  readonly revision: string;
  /** In force at the moment of everything else here. */
  readonly settings: Settings;
  readonly settingsVersion: string;
  readonly lscEntries: readonly LscEntry[];
  readonly crossCalibrations: readonly CrossCalibration[];
  readonly scannerEpochs: readonly ScannerEpoch[];
  readonly pinnedBaselines: readonly PinnedBaseline[];
  /** What people said of scans that may be another person's. */
  readonly identityAnswers: readonly IdentityAnswer[];
  readonly claims: readonly ChangeClaim[];
  readonly history: ReadHistory;
  readonly outOfUse: readonly ReportOutOfUse[];
  readonly before: LastJudgement;
  readonly written: Written;
};

/** A report of the patient that a rejection note or a person has taken out of use. */
export type ReportOutOfUse = { readonly studyId: string; readonly sopInstanceUid: string };

/** Which rule set and settings judged the patient before, and whether that has seen every report and LSC there is now. */
export type LastJudgement = {
  readonly ruleSet: string | null;
  readonly upToDate: boolean;
  readonly settingsVersion: string;
};

/** What an earlier assessment wrote: rows that would come out the same need no statement. */
export type Written = {
  readonly comparisonHashes: readonly string[];
  readonly trendHashes: readonly string[];
  readonly hasCases: boolean;
  /** Current rows of these studies that were written for another patient, before a merge moved the study. */
  readonly hasStrayRows: boolean;
  readonly hasFindings: boolean;
  readonly isPhantom: boolean;
  readonly followUps: readonly WrittenFollowUp[];
  readonly visits: readonly WrittenVisit[];
};

type RegionRow = { readonly region: Region; readonly vertebrae: string };
type Row = {
  readonly revision: string;
  readonly lscEntries: readonly (Omit<LscEntry, 'roi' | 'leastSignificantChange' | 'precisionErrorUpper'> &
    RegionRow & { readonly leastSignificantChange: string; readonly precisionErrorUpper: string | null })[];
  readonly crossCalibrations: readonly (Omit<CrossCalibration, 'roi'> & RegionRow)[];
  readonly scannerEpochs: readonly ScannerEpoch[];
  readonly pinnedBaselines: readonly PinnedBaseline[];
  readonly identityAnswers: readonly IdentityAnswer[];
  readonly claims: readonly (RegionRow & Omit<ChangeClaim, 'roi' | 'value'> & { readonly value: string })[];
  readonly priorClaims: readonly (RegionRow & Omit<PriorClaim, 'roi' | 'value'> & { readonly value: string })[];
  readonly history: readonly HistoryRow[];
  readonly outOfUse: readonly ReportOutOfUse[];
  readonly before: LastJudgement;
} & StoredSettings &
  Written;

const INPUT = loadStatement(import.meta.dirname, 'assessment-input', { patient_id: 'bigint' });

const roiOf = ({ region, vertebrae }: RegionRow) => ({ region, vertebrae: parseVertebraeKey(vertebrae) });
const claimOf = <T extends RegionRow & { readonly value: string }>({ region, vertebrae, value, ...claim }: T) => ({
  ...claim,
  roi: roiOf({ region, vertebrae }),
  value: microOf(value),
});

/**
 * Reads it in one statement, and so at one moment; null when there is no such patient. Run it under the patient's lock
 * in a transaction `TO_JUDGE`: planned every time, it would cost five times what it costs to run.
 */
export async function readAssessmentInput(database: Queryable, patientId: string): Promise<AssessmentInput | null> {
  const { rows } = await database.query<Row>(INPUT({ patient_id: patientId }));
  const row = rows[0];
  if (row === undefined) return null;
  const history = historyOf(patientId, row.history);
  const { comparisonHashes, trendHashes, hasCases, hasStrayRows, hasFindings, isPhantom, followUps, visits } = row;
  return {
    revision: row.revision,
    settings: settingsInForce(row.storedSettings).settings,
    settingsVersion: row.settingsVersion,
    lscEntries: row.lscEntries.map(({ region, vertebrae, ...entry }) => ({
      ...entry,
      roi: roiOf({ region, vertebrae }),
      leastSignificantChange: bmdOf(entry.leastSignificantChange) as Bmd,
      precisionErrorUpper: optionalBmdOf(entry.precisionErrorUpper),
    })),
    crossCalibrations: row.crossCalibrations.map(({ region, vertebrae, ...calibration }) => ({
      ...calibration,
      roi: roiOf({ region, vertebrae }),
    })),
    scannerEpochs: row.scannerEpochs,
    pinnedBaselines: row.pinnedBaselines,
    identityAnswers: row.identityAnswers,
    claims: row.claims.map(claimOf),
    history: {
      ...history,
      findings: [...history.findings, ...priorsThatDiffer(history.reported, row.priorClaims.map(claimOf))],
    },
    outOfUse: row.outOfUse,
    before: row.before,
    written: { comparisonHashes, trendHashes, hasCases, hasStrayRows, hasFindings, isPhantom, followUps, visits },
  };
}
