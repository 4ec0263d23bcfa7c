import { samplePatientsOfSettings } from '../../db/judgement/dependents.ts';
import { listEventsSince, readStandingVerdicts } from '../../db/judgement/standing-verdicts.ts';
import { type Pool, TO_JUDGE } from '../../db/pool.ts';
import { readSettings } from '../../db/registry/setting.ts';
import { rolledBack } from '../../db/rolled-back.ts';
import { SETTING_SOURCES } from '../../dxa/values/setting-sources.ts';
import type { SettingName } from '../../dxa/values/settings.ts';
import { settingText } from '../../dxa/values/settings-in-force.ts';
import { assessInTransaction, type TrialSettings } from '../assess/assess.ts';
import { type AskedSetting, settingNameOf, settingsWith } from './set-setting.ts';

/** What setting something would change, counted over the patients that were judged for it. */
export type SettingPreview = {
  readonly name: SettingName;
  readonly before: string;
  readonly after: string;
  /** Patients that would be judged again, and how many of them were for this preview. */
  readonly patients: number;
  readonly judged: number;
  readonly patientsChanged: number;
  /** Verdicts that differ as "down → not_significant", where one is missing "none"; with how many. */
  readonly comparisons: Readonly<Record<string, number>>;
  readonly trends: Readonly<Record<string, number>>;
  /** Cases by rule and what would happen to them: opened, reopened, withdrawn, … */
  readonly cases: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

const NONE = 'none';

/** Counts the verdicts that differ, and says whether any does. */
function countDifferences(
  into: Record<string, number>,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): boolean {
  let differs = false;
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key] ?? NONE, after[key] ?? NONE];
    if (was === is) continue;
    differs = true;
    into[`${was} → ${is}`] = (into[`${was} → ${is}`] ?? 0) + 1;
  }
  return differs;
}

/**
 * Judges up to `sample` of the patients concerned twice, with the settings in force and with the one that is asked for,
 * each patient in a transaction of its own that is rolled back: workers wait for no more than one patient. Throws what
 * setting throws.
 */
export async function previewSetting(pool: Pool, asked: AskedSetting, sample: number): Promise<SettingPreview> {
  const { settings } = await readSettings(pool);
  const wanted = settingsWith(settings, asked);
  const name = settingNameOf(asked.name);
  const texts = { name, before: settingText(name, settings), after: settingText(name, wanted) };
  const isIdle = texts.before === texts.after || SETTING_SOURCES[name].concerns !== undefined;
  const concerned = isIdle ? { patients: 0, sample: [] } : await samplePatientsOfSettings(pool, sample);
  const trial: TrialSettings = (inForce) => ({ ...inForce, [name]: wanted[name] });
  const comparisons: Record<string, number> = {};
  const trends: Record<string, number> = {};
  const cases: Record<string, Record<string, number>> = {};
  let [judged, patientsChanged] = [0, 0];
  for (const patientId of concerned.sample) {
    const seen = await rolledBack(
      pool,
      async (transaction) => {
        if ((await assessInTransaction(transaction, patientId, null)) === null) return null;
        const before = await readStandingVerdicts(transaction, patientId);
        await assessInTransaction(transaction, patientId, trial);
        const after = await readStandingVerdicts(transaction, patientId);
        return { before, after, events: await listEventsSince(transaction, patientId, before.lastEventId) };
      },
      TO_JUDGE,
    );
    if (seen === null) continue;
    judged += 1;
    for (const { rule, event } of seen.events) {
      cases[rule] = { ...cases[rule], [event]: (cases[rule]?.[event] ?? 0) + 1 };
    }
    const compared = countDifferences(comparisons, seen.before.comparisons, seen.after.comparisons);
    const trended = countDifferences(trends, seen.before.trends, seen.after.trends);
    if (compared || trended || seen.events.length > 0) patientsChanged += 1;
  }
  return { ...texts, patients: concerned.patients, judged, patientsChanged, comparisons, trends, cases };
}
