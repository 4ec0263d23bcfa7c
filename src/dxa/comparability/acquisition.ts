import { type ComparabilityRule, check } from './pair.ts';

/**
 * C5: the same analysis software (RECALLED, ISCD and vendors; that results change with the analysis mode: Tothill 1999,
 * VERIFIED). Blocking on a change of the major version is a setting.
 */
export const sameSoftware: ComparabilityRule = ({ reference, followUp, settings }) => {
  const facts = { reference: versions(reference.softwareVersions), followUp: versions(followUp.softwareVersions) };
  if (facts.reference === '' || facts.followUp === '') return check('C5', 'unknown', 'SOFTWARE_NOT_STATED', facts);
  if (facts.reference === facts.followUp) return check('C5', 'ok', 'SAME_SOFTWARE', facts);
  const major = majors(reference.softwareVersions) !== majors(followUp.softwareVersions);
  if (major && settings.softwareChange === 'block_major') return check('C5', 'block', 'SOFTWARE_MAJOR_CHANGE', facts);
  return check('C5', 'warn', major ? 'SOFTWARE_MAJOR_CHANGE' : 'SOFTWARE_DIFFERS', facts);
};

/** C6: the same scan mode (Tothill 1999, Fan 2010; VERIFIED). */
export const sameScanMode: ComparabilityRule = ({ reference, followUp }) => {
  const facts = { reference: reference.scanMode, followUp: followUp.scanMode };
  if (facts.reference === null || facts.followUp === null) return check('C6', 'unknown', 'SCAN_MODE_NOT_STATED', facts);
  const same = facts.reference === facts.followUp;
  return same ? check('C6', 'ok', 'SAME_SCAN_MODE', facts) : check('C6', 'warn', 'SCAN_MODE_DIFFERS', facts);
};

/** C17 (own): sex, birth date and ethnic group choose the reference of T and Z; BMD does not depend on them. */
export const sameDemographics: ComparabilityRule = ({ reference, followUp }) => {
  const differs = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  const facts = {
    sexDiffers: differs(reference.study.sex, followUp.study.sex),
    birthDateDiffers: differs(reference.study.birthDate, followUp.study.birthDate),
    ethnicGroupDiffers: differs(reference.study.ethnicGroup, followUp.study.ethnicGroup),
  };
  if (facts.sexDiffers || facts.birthDateDiffers || facts.ethnicGroupDiffers) {
    return check('C17', 'warn', 'DEMOGRAPHICS_DIFFER', facts);
  }
  const notStated = DEMOGRAPHICS.filter(([field]) =>
    [reference, followUp].some(({ study }) => study[field] === null),
  ).map(([, name]) => name);
  return notStated.length > 0
    ? check('C17', 'unknown', 'DEMOGRAPHICS_NOT_STATED', { notStated: notStated.join(', ') })
    : check('C17', 'ok', 'SAME_DEMOGRAPHICS', facts);
};

const DEMOGRAPHICS = [
  ['sex', 'sex'],
  ['birthDate', 'birth date'],
  ['ethnicGroup', 'ethnic group'],
] as const;

/** C14: weight changes of up to 5 kg have little effect on precision (Rajamanohar 2011, VERIFIED). */
export const similarWeight: ComparabilityRule = ({ reference, followUp, settings }) => {
  const before = reference.study.weightKg;
  const after = followUp.study.weightKg;
  if (before === null || after === null) {
    return check('C14', 'unknown', 'WEIGHT_NOT_STATED', { weightChangeMicroKg: null });
  }
  const facts = { weightChangeMicroKg: after - before };
  const similar = Math.abs(after - before) <= settings.weightChangeLimit;
  return similar ? check('C14', 'ok', 'WEIGHT_SIMILAR', facts) : check('C14', 'warn', 'WEIGHT_DIFFERS', facts);
};

/** C18: phantom in control on both days (RECALLED; clinical-rules section 6). A site that keeps no log is told so and not stopped. */
export const phantomInControl: ComparabilityRule = ({ reference, followUp, onFile }) => {
  const states = [reference, followUp].map(
    ({ scanner, scannedOn }) =>
      onFile.phantomStates
        ?.filter(
          ({ scannerId, from, to }) =>
            scannerId === scanner.scannerId && from <= scannedOn && (to === null || to >= scannedOn),
        )
        .map(({ state }) => state)
        .sort((a, b) => SEVERITY[b] - SEVERITY[a])[0] ?? null,
  );
  const facts = { reference: states[0] ?? null, followUp: states[1] ?? null };
  if (states.includes('unresolved_shift')) return check('C18', 'block', 'PHANTOM_SHIFT', facts);
  if (states.includes('out_of_control')) return check('C18', 'warn', 'PHANTOM_OUT_OF_CONTROL', facts);
  return states.includes(null)
    ? check('C18', 'unknown', 'PHANTOM_NOT_KNOWN', facts)
    : check('C18', 'ok', 'PHANTOM_IN_CONTROL', facts);
};

const SEVERITY = { in_control: 0, out_of_control: 1, unresolved_shift: 2 } as const;

function versions(softwareVersions: readonly string[]): string {
  return softwareVersions
    .map((version) => version.trim())
    .toSorted()
    .join('\\');
}

function majors(softwareVersions: readonly string[]): string {
  return softwareVersions
    .map((version) => /\d+/.exec(version)?.[0] ?? version)
    .toSorted()
    .join('\\');
}
