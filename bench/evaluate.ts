/**
 * npm run evaluate [-- --json] [-- --patients N] [-- --seed N]
 *
 * Holds what the rules find against the labelled truth of a simulated cohort. Every file is written as DICOM bytes and
 * goes through the product's reader, adapter and assessment; archive, queue and database are left out. Exit code 1 when
 * a planted D1 is missed, when a D1 or D2 is found where the truth has none, when a file's outcome is not what the truth
 * says, or when clean follow-ups open more review-tier cases than chance allows.
 */
import { parseArgs } from 'node:util';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { readReport } from '../src/dicom/read-report.ts';
import { assessPatient } from '../src/dxa/assess-patient.ts';
import type { LscEntry, OnFile } from '../src/dxa/study/history.ts';
import type { Assessment } from '../src/dxa/values/assessment.ts';
import type { NormalisedReport } from '../src/dxa/values/report.ts';
import { ASSESSMENT_SETTINGS } from '../src/dxa/values/settings.ts';
import { parseLscCsv } from '../src/jobs/registry/lsc-import.ts';
import { lscCsv } from '../src/simulate/cohort/lsc-csv.ts';
import { simulateCohort } from '../src/simulate/cohort/simulate-cohort.ts';
import { adaptReport } from '../src/vendors/adapt-report.ts';
import { RECEIVED_ON } from '../test/support/dicom/received.ts';
import { flatJson } from './flat-json.ts';
import { historyOfReports } from './history-of-reports.ts';

const { values: options } = parseArgs({
  options: {
    patients: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

/** Chance that two independent sites without a true change oppose each other beyond LSC95, either way (R1.11, DERIVED). */
const CHANCE = 2 * 0.025 ** 2;

const startedAt = performance.now();
const cohort = simulateCohort({ patients: Number(options.patients), seed: Number(options.seed) });
const { truth } = cohort;

const reports = new Map<string, NormalisedReport[]>();
const wrongOutcomes: string[] = [];
let files = 0;
for (const { bytes, truth: expected } of cohort.files) {
  files += 1;
  if (expected.expected_state === 'duplicate') continue; // the very same bytes again
  const read = readReport(bytes, READ_LIMITS);
  const adapted = read.ok ? adaptReport(read.document, RECEIVED_ON) : null;
  const code = !read.ok ? read.refusal.code : adapted?.ok === false ? adapted.code : null;
  if (code !== expected.expected_code) wrongOutcomes.push(expected.name);
  if (adapted?.ok !== true) continue;
  const { patientId } = adapted.report.patient;
  const known = reports.get(patientId) ?? [];
  known.push(adapted.report);
  reports.set(patientId, known);
}

const lscEntries = parseLscCsv(lscCsv()).map(
  (entry, index): LscEntry => ({ ...entry, lscId: String(index), scannerId: entry.scannerKey }),
);
const onFile: OnFile = { lscEntries, crossCalibrations: [], scannerEpochs: [] };

type Found = { readonly key: string; readonly rule: string; readonly tier: string };
const found: Found[] = [];
let followUps = 0;
let pairs = 0;

/** Pairs of sites that a review-tier rule could have seen oppose each other in one follow-up. */
function opposablePairs({ comparisons }: Assessment): number {
  const judged = comparisons.filter(({ kind, verdict }) => kind === 'previous' && /^(up|down|not_s)/.test(verdict));
  return [...Map.groupBy(judged, ({ followUp }) => followUp.studyId).values()].reduce((sum, ofStudy) => {
    const has = (region: string, side?: string) =>
      ofStudy.some(({ roi, laterality }) => roi.region === region && (side === undefined || laterality === side));
    const sides = ['left', 'right'] as const;
    const withinHip = sides.filter((side) => has('total_hip', side) && has('femoral_neck', side)).length;
    const bothHips = sides.every((side) => has('total_hip', side)) ? 1 : 0;
    // Every side counts against the spine, for a side that changed alone opens a case too.
    const hips = has('spine') ? sides.filter((side) => has('total_hip', side)).length : 0;
    return sum + hips + withinHip + bothHips;
  }, 0);
}

for (const [patientId, ofPatient] of reports) {
  const assessment = assessPatient(historyOfReports(patientId, ofPatient), onFile, ASSESSMENT_SETTINGS);
  followUps += new Set(ofPatient.map(({ study }) => study.studyInstanceUid)).size - 1;
  pairs += opposablePairs(assessment);
  for (const { rule, tier, followUpStudyId } of assessment.cases)
    found.push({ key: `${patientId} ${followUpStudyId}`, rule, tier });
}

const planted = [...truth.d1_cases, ...truth.d2_cases].map((one) => ({
  key: `${one.patient_id} ${one.study_instance_uid}`,
  rule: one.rule_code as string,
}));
const plantedKeys = new Set(planted.map(({ key }) => key));
const per1000 = (count: number) => Math.round((10_000 * count) / followUps) / 10;

const rules = [...new Set([...planted, ...found].map(({ rule }) => rule))].sort().map((rule) => {
  const wanted = new Set(planted.filter((one) => one.rule === rule).map(({ key }) => key));
  const keys = found.filter((one) => one.rule === rule).map(({ key }) => key);
  const hits = new Set(keys.filter((key) => wanted.has(key))).size;
  const labelled = wanted.size > 0;
  return {
    rule,
    tier: found.find((one) => one.rule === rule)?.tier ?? 'review',
    planted: wanted.size,
    found: keys.length,
    recall: labelled ? hits / wanted.size : null,
    precision: labelled && keys.length > 0 ? hits / keys.length : null,
    onCleanFollowUps: keys.filter((key) => !plantedKeys.has(key)).length,
    per1000FollowUps: per1000(keys.length),
  };
});

const inTier = (tier: string) => found.filter((one) => one.tier === tier);
const review = inTier('review');
const onClean = review.filter(({ key }) => !plantedKeys.has(key)).length;
const expectedByChance = CHANCE * pairs;
// A count of rare events scatters by its square root; three of them leave one run in a thousand.
const allowed = expectedByChance + 3 * Math.sqrt(expectedByChance);
const d1 = rules.find(({ rule }) => rule === 'D1_SPINE_UP_HIP_DOWN');
const spineAndHip = rules.filter(({ rule }) => /^D[12]_/.test(rule));

const violations = [
  ...(d1?.recall === 1 ? [] : ['a planted D1 was missed']),
  ...(spineAndHip.every(({ precision }) => precision === null || precision === 1)
    ? []
    : ['a D1 or D2 was found that the truth does not have']),
  ...(onClean <= allowed ? [] : ['clean follow-ups open more review-tier cases than chance allows']),
  ...(wrongOutcomes.length === 0 ? [] : ['files came out otherwise than the truth says']),
];

const result = {
  cohort: {
    patients: truth.counts.patients,
    studies: truth.counts.studies,
    files,
    followUps,
    seed: Number(options.seed),
  },
  way: 'bytes -> readReport -> adaptReport -> assessPatient; no archive, queue or database',
  rules,
  reviewTier: {
    cases: review.length,
    per1000FollowUps: per1000(review.length),
    ofPlantedFollowUps: plantedKeys.size,
    onCleanFollowUps: onClean,
    cleanPer1000FollowUps: per1000(onClean),
    chance: {
      ratePerPair: CHANCE,
      pairs,
      expected: Math.round(expectedByChance * 10) / 10,
      allowed: Math.round(allowed * 10) / 10,
    },
  },
  checkTier: { cases: inTier('check').length, per1000FollowUps: per1000(inTier('check').length) },
  wrongOutcomes: wrongOutcomes.length,
  seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  violations,
};

if (options.json) console.log(flatJson(result));
else {
  console.log(
    `${result.cohort.patients} patients, ${followUps} follow-ups, ${files} files in ${result.seconds} s: ${result.way}`,
  );
  console.table(rules);
  console.log(result.reviewTier, result.checkTier);
  console.log(violations.length === 0 ? 'Nothing is violated.' : `VIOLATED: ${violations.join('; ')}.`);
}
if (violations.length > 0) process.exitCode = 1;
