import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { LscEntry, OnFile } from '../../src/dxa/study/history.ts';
import type { Assessment, DiscordanceCase } from '../../src/dxa/values/assessment.ts';
import type { NormalisedReport } from '../../src/dxa/values/report.ts';
import { ASSESSMENT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { parseLscCsv } from '../../src/jobs/registry/lsc-import.ts';
import { lscCsv } from '../../src/simulate/cohort/lsc-csv.ts';
import { adaptReport } from '../../src/vendors/adapt-report.ts';
import { RECEIVED_ON } from '../../test/support/dicom/received.ts';
import { historyOfReports } from '../history-of-reports.ts';

/** How a file goes on from here; the way of the product without archive, queue and database. */
export const WAY = 'bytes -> readReport -> adaptReport -> assessPatient; no archive, queue or database';

/** What a file is read as: a report, or the code of its refusal. */
export function readFile(bytes: Uint8Array): {
  readonly report: NormalisedReport | null;
  readonly code: string | null;
} {
  const read = readReport(bytes, READ_LIMITS);
  if (!read.ok) return { report: null, code: read.refusal.code };
  const adapted = adaptReport(read.document, RECEIVED_ON);
  return adapted.ok ? { report: adapted.report, code: null } : { report: null, code: adapted.code };
}

/** The LSCs that the simulator writes, as an import reads them. */
export const simulatedLscs = (): readonly LscEntry[] =>
  parseLscCsv(lscCsv()).map((entry, index) => ({ ...entry, lscId: String(index), scannerId: entry.scannerKey }));

export const assessReports = (patientId: string, reports: readonly NormalisedReport[], onFile: OnFile): Assessment =>
  assessPatient(historyOfReports(patientId, reports), onFile, ASSESSMENT_SETTINGS);

export const isWork = ({ tier }: DiscordanceCase): boolean => tier !== 'information';

/** Check-tier cases that ought to be rare where nothing happened (surveillance 3). */
export const isNoise = ({ tier, topic, rule }: DiscordanceCase): boolean =>
  tier === 'check' && topic !== 'loss' && rule !== 'D8_MAJOR_T_SCORE_DISCORDANCE';

export const per1000 = (count: number, of: number): number => (of === 0 ? 0 : Math.round((10_000 * count) / of) / 10);

/** A share with three decimals; null of nothing. */
export const share = (count: number, of: number): number | null =>
  of === 0 ? null : Math.round((1000 * count) / of) / 1000;
