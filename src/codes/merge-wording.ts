import type { PatientSide } from '../db/records/patient-identity.ts';
import type { Identity, IdentityField } from '../dxa/study/same-person.ts';
import type { MergePreview } from '../jobs/merge/merge-preview.ts';

/** One line of the two sides of a merge: what it is, and for what may disagree the field. */
export type SideFact = { readonly name: string; readonly value: string; readonly field: IdentityField | null };

const each = (identities: readonly Identity[], of: (identity: Identity) => string | null): string =>
  [...new Set(identities.flatMap((identity) => of(identity) ?? []))].sort().join(' / ') || 'not stated';

/** Preview of a merge; it contains patient data and is shown only to the person who asked. */
export function sideFacts(side: PatientSide): readonly SideFact[] {
  const { identities, firstScanOn, lastScanOn } = side;
  const cases = Object.entries(side.cases).map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`);
  const days = firstScanOn === lastScanOn ? (firstScanOn ?? 'none') : `${firstScanOn} to ${lastScanOn}`;
  const fact = (name: string, value: string, field: IdentityField | null = null): SideFact => ({ name, value, field });
  return [
    fact('Patient ID', side.ids.join(', ')),
    fact(
      'Name',
      each(identities, ({ name }) => name),
      'name',
    ),
    fact(
      'Sex',
      each(identities, ({ sex }) => sex),
      'sex',
    ),
    fact(
      'Born',
      each(identities, ({ birthDate }) => birthDate),
      'birth_date',
    ),
    fact('Studies', String(side.studies)),
    fact('Scanned', days),
    fact('Scanners', side.scanners.join(', ') || 'none'),
    fact('Cases', cases.sort().join(', ') || 'none'),
  ];
}

/** "cases: 1 opened, 2 withdrawn." */
export function caseEffects(cases: MergePreview['cases']): string {
  const counts = new Map<string, number>();
  for (const { event } of cases) counts.set(event, (counts.get(event) ?? 0) + 1);
  const words = [...counts].sort().map(([event, count]) => `${count} ${event.replaceAll('_', ' ')}`);
  return words.length === 0 ? 'no case changes.' : `cases: ${words.join(', ')}.`;
}
