import type { Cause } from '../../db/night/change.ts';
import type { Versions } from '../../db/night/run.ts';
import type { FileSnapshot, PatientBefore, PatientDifference } from '../../db/night/snapshot.ts';

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

/** What else changed a judgement: the rule set, an LSC, or reports that came since. */
export function causesOfPatient(
  before: PatientBefore,
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
  const since = before.assessedRuleSet !== null && !before.upToDate && !reread && lsc.size === 0;
  return [
    ...changed('rule_set', before.assessedRuleSet, versions.ruleSet),
    ...lsc.values(),
    ...(since ? [{ what: 'reports', before: null, after: null }] : []),
  ];
}

function differenceOfLists(before: readonly string[], after: readonly string[]) {
  const gone = before.filter((one) => !after.includes(one));
  const added = after.filter((one) => !before.includes(one));
  return gone.length + added.length === 0 ? null : { gone, added };
}

type ValueChange = { readonly value: string; readonly before: string | null; readonly after: string | null };

function differenceOfValues(before: FileSnapshot['values'], after: FileSnapshot['values']): readonly ValueChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].sort().flatMap((value) => {
    const [was, now] = [before[value] ?? null, after[value] ?? null];
    return was === now ? [] : [{ value, before: was, after: now }];
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
