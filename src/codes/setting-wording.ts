import type { UnusableSetting } from '../dxa/values/settings-in-force.ts';
import type { SettingPreview } from '../jobs/settings/preview-setting.ts';
import type { SettingChange } from '../jobs/settings/set-setting.ts';

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
const inWords = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`)
    .join(', ');

/** What setting it would do, a sentence each. */
export function previewSentences(preview: SettingPreview): readonly string[] {
  const { name, before, after, patients, judged, patientsChanged, comparisons, trends, cases } = preview;
  if (before === after) return [`${name} is ${before} already: no judgement would change.`];
  const change = `${name} would go from ${before} to ${after}.`;
  if (patients === 0) return [change, 'No stored patient depends on it.'];
  const rest =
    judged < patients
      ? `A sample of ${judged} of the ${counted(patients, 'patient')} that would be reassessed was judged; there is more to come in the others.`
      : `${judged === 1 ? 'The patient' : `All ${judged} patients`} that would be reassessed ${judged === 1 ? 'was' : 'were'} judged.`;
  const perRule = Object.entries(cases)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([rule, events]) => `${rule}: ${inWords(events)}`);
  return [
    change,
    rest,
    patientsChanged === 0
      ? 'Nothing would come out differently for any of them.'
      : `Something would come out differently for ${counted(patientsChanged, 'patient')}.`,
    ...(Object.keys(comparisons).length === 0 ? [] : [`Verdicts of comparisons: ${inWords(comparisons)}.`]),
    ...(Object.keys(trends).length === 0 ? [] : [`Verdicts of trends: ${inWords(trends)}.`]),
    ...(perRule.length === 0 ? [] : [`Cases: ${perRule.join('; ')}.`]),
  ];
}

/** What was set, in one sentence. */
export function settingChanged({ name, before, after, written, version }: SettingChange): string {
  if (!written) return `${name} is set to ${after} already.`;
  const change = before === after ? `${name} is set to ${after}, as before` : `${name} went from ${before} to ${after}`;
  return `${change}; settings version ${version}.`;
}

/** Why a stored setting judges nothing. */
export const unusableWords = ({ why }: Pick<UnusableSetting, 'why'>): string =>
  why === 'unknown_name'
    ? 'this release has no such setting'
    : 'this release does not take the value; its default judges';
