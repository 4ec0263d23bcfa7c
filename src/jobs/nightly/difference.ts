import type { Cause } from '../../db/night/change.ts';
import type { Versions } from '../../db/night/run.ts';
import type { FileSnapshot, PatientDifference } from '../../db/night/snapshot.ts';
import type { Assessed } from '../assess/assess.ts';

export const isEmpty = ({ comparisons, trends, cases }: PatientDifference): boolean =>
  comparisons.length + trends.length + cases.length === 0;

const changed = (what: string, before: string | null, after: string | null): readonly Cause[] =>
  before === after ? [] : [{ what, before, after }];

/** Which version of what made a file's rows before, and makes them now. */
export function causesOfFile(before: FileSnapshot, after: FileSnapshot): readonly Cause[] {
  const adapter = ({ vendor, adapterVersion }: FileSnapshot) =>
    vendor === null ? null : `${vendor} ${adapterVersion}`;
  if (before.state === 'failed') return [{ what: 'retry', before: before.reasonCode, after: after.state }];
  return [
    ...changed('reader', before.readerVersion, after.readerVersion),
    ...changed('adapter', adapter(before), adapter(after)),
    ...changed('site_mapping', before.siteMappingIds.join(' ') || null, after.siteMappingIds.join(' ') || null),
  ];
}

/** What else changed a judgement: the rule set, the settings, an LSC, or reports received since. */
export function causesOfPatient(
  { before, settingsVersion }: Pick<Assessed, 'before' | 'settingsVersion'>,
  difference: PatientDifference,
  versions: Versions,
  reread: boolean,
): readonly Cause[] {
  const lsc = new Map<string, Cause>();
  for (const { before: was, after: now } of [...difference.comparisons, ...difference.trends]) {
    const [from, to] = [was?.['lsc_id'] ?? null, now?.['lsc_id'] ?? null];
    // A comparison that came or went has another reason than its LSC.
    if (was !== null && now !== null && from !== to) lsc.set(`${from} ${to}`, { what: 'lsc', before: from, after: to });
  }
  const settings = before.ruleSet === null ? [] : changed('settings', before.settingsVersion, settingsVersion);
  const since = before.ruleSet !== null && !before.upToDate && !reread && lsc.size + settings.length === 0;
  return [
    ...changed('rule_set', before.ruleSet, versions.ruleSet),
    ...settings,
    ...lsc.values(),
    ...(since ? [{ what: 'reports', before: null, after: null }] : []),
  ];
}

function differenceOfLists(before: readonly string[], after: readonly string[]) {
  const gone = before.filter((one) => !after.includes(one));
  const added = after.filter((one) => !before.includes(one));
  return gone.length + added.length === 0 ? null : { gone, added };
}

/** The values of a report as `snapshotFiles` reads them: one element a value in every column. */
type Snapshot = Readonly<
  Record<
    'scan' | 'label' | 'region' | 'vertebrae' | 'side' | 'quantity' | 'reference' | 'value' | 'unit',
    readonly string[]
  >
>;

type ValueChange = { readonly value: string; readonly before: string | null; readonly after: string | null };

/** Values by what they are of: "spine/AP Spine/spine/L1,L2/none/bmd", with number and unit. */
function valuesByName(snapshot: string): ReadonlyMap<string, string> {
  const { scan, label, region, vertebrae, side, quantity, reference, value, unit } = JSON.parse(snapshot) as Snapshot;
  const named = value.map((number, place) => {
    const parts = [scan, label, region, vertebrae, side, quantity, reference].map((column) => column[place] ?? '');
    return [parts.filter((part) => part !== '').join('/'), `${number} ${unit[place]}`] as const;
  });
  return new Map(named);
}

function differenceOfValues(before: FileSnapshot['values'], after: FileSnapshot['values']): readonly ValueChange[] {
  if (before === after) return [];
  const [old, now] = [before, after].map((snapshot) =>
    snapshot === null ? new Map<string, string>() : valuesByName(snapshot),
  );
  return [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort().flatMap((value) => {
    const [was, is] = [old?.get(value) ?? null, now?.get(value) ?? null];
    return was === is ? [] : [{ value, before: was, after: is }];
  });
}

/** What reading a file again made different; null when only versions moved on. */
export function differenceOfFile(before: FileSnapshot, after: FileSnapshot): Readonly<Record<string, unknown>> | null {
  const outcome = (snapshot: FileSnapshot) => [snapshot.state, snapshot.reasonCode].filter(Boolean).join(' ');
  const values = differenceOfValues(before.values, after.values);
  const claims = differenceOfLists(before.claims, after.claims);
  const findings = differenceOfLists(before.findings, after.findings);
  const detail = {
    ...(outcome(before) === outcome(after) ? {} : { outcome: { before: outcome(before), after: outcome(after) } }),
    ...(values.length === 0 ? {} : { values }),
    ...(claims === null ? {} : { claims }),
    ...(findings === null ? {} : { findings }),
    // The header names the patient: that it changed is told, not how.
    ...(before.header === after.header ? {} : { header: 'changed' }),
    ...(before.studyInstanceUid === after.studyInstanceUid && before.patientId === after.patientId
      ? {}
      : { moved: { beforePatient: before.patientId, afterPatient: after.patientId } }),
  };
  return Object.keys(detail).length === 0 ? null : detail;
}
