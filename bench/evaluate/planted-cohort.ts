import type { DiscordanceCase } from '../../src/dxa/values/assessment.ts';
import type { NormalisedReport } from '../../src/dxa/values/report.ts';
import { simulateCohort } from '../../src/simulate/cohort/simulate-cohort.ts';
import type { Situation } from '../../src/simulate/visit/situation.ts';
import { assessReports, isNoise, isWork, per1000, readFile, share, simulatedLscs } from './assessed.ts';

/** Situations in which nothing was planted that a rule could see. */
const CLEAN: readonly Situation[] = ['clean', 'duplicate', 'cut_off', 'other_kind', 'single_visit'];
const SPINE_AND_HIP = /^D[12]_/;

/** Holds what the rules find in a cohort of single planted changes against its truth: recall and precision by rule. */
export function evaluateCohort(patients: number, seed: number) {
  const { files, truth } = simulateCohort({ patients, seed });
  const onFile = { lscEntries: simulatedLscs(), crossCalibrations: [], scannerEpochs: [] };
  const reports = new Map<string, NormalisedReport[]>();
  let wrongOutcomes = 0;
  for (const { bytes, truth: expected } of files) {
    if (expected.expected_state === 'duplicate') continue; // the very same bytes again
    const { report, code } = readFile(bytes);
    if (code !== expected.expected_code) wrongOutcomes += 1;
    if (report !== null)
      reports.set(report.patient.patientId, [...(reports.get(report.patient.patientId) ?? []), report]);
  }
  const cases: (DiscordanceCase & { readonly key: string; readonly clean: boolean })[] = [];
  const clean = new Set(
    truth.patients.filter(({ situation }) => CLEAN.includes(situation)).map((one) => one.patient_id),
  );
  let followUps = 0;
  let cleanFollowUps = 0;
  for (const [patientId, ofPatient] of reports) {
    const assessment = assessReports(patientId, ofPatient, onFile);
    followUps += assessment.visits.length - 1;
    if (clean.has(patientId)) cleanFollowUps += assessment.visits.length - 1;
    for (const one of assessment.cases.filter(isWork))
      cases.push({ ...one, key: `${patientId} ${one.followUpStudyId}`, clean: clean.has(patientId) });
  }
  const keyOf = (one: { readonly patient_id: string; readonly study_instance_uid: string }) =>
    `${one.patient_id} ${one.study_instance_uid}`;
  const planted = Map.groupBy([...truth.d1_cases, ...truth.d2_cases], ({ rule_code }) => rule_code as string);
  const rules = [...new Set([...planted.keys(), ...cases.map(({ rule }) => rule)])].sort().map((rule) => {
    const wanted = new Set((planted.get(rule) ?? []).map(keyOf));
    const found = cases.filter((one) => one.rule === rule);
    const hits = new Set(found.filter(({ key }) => wanted.has(key)).map(({ key }) => key)).size;
    return {
      rule,
      tier: found[0]?.tier ?? 'review',
      topic: found[0]?.topic ?? 'discordance',
      planted: wanted.size,
      found: found.length,
      recall: share(hits, wanted.size),
      precision: wanted.size === 0 ? null : share(hits, found.length),
      per1000FollowUps: per1000(found.length, followUps),
      per1000CleanFollowUps: per1000(found.filter((one) => one.clean).length, cleanFollowUps),
    };
  });
  const losses = truth.loss_cases.map(keyOf);
  const named = new Set(cases.filter(({ caseKey }) => caseKey === 'spine_hip_or_loss').map(({ key }) => key));
  const recallOfLosses = share(losses.filter((key) => named.has(key)).length, losses.length);
  const noisePer1000CleanFollowUps = per1000(cases.filter((one) => one.clean && isNoise(one)).length, cleanFollowUps);
  const spineAndHip = rules.filter(({ rule }) => SPINE_AND_HIP.test(rule));
  return {
    counts: { ...truth.counts, followUps, cleanFollowUps, losses: losses.length },
    rules,
    recallOfLosses,
    noisePer1000CleanFollowUps,
    wrongOutcomes,
    violations: [
      ...spineAndHip.filter(({ recall }) => recall !== 1).map(({ rule }) => `a planted ${rule} was missed`),
      ...spineAndHip
        .filter(({ precision }) => precision !== 1)
        .map(({ rule }) => `a ${rule} was found that the truth does not have`),
      ...(recallOfLosses === 1 || losses.length === 0
        ? []
        : ['a loss by the LSC since the previous scan was not named']),
      ...(noisePer1000CleanFollowUps <= MOST_NOISE
        ? []
        : [`more than ${MOST_NOISE} check-tier cases per 1 000 clean follow-ups`]),
      ...(wrongOutcomes === 0 ? [] : ['files came out otherwise than the truth says']),
    ],
  };
}

/** Check-tier cases of the topics discordance and technical, other than D8, on clean follow-ups, per 1 000 (surveillance 3). */
export const MOST_NOISE = 15;
