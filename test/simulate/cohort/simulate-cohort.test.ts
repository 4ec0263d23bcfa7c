import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { lscCsv } from '../../../src/simulate/cohort/lsc-csv.ts';
import { simulateCohort } from '../../../src/simulate/cohort/simulate-cohort.ts';
import { SITUATIONS } from '../../../src/simulate/visit/situation.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const cohort = simulateCohort({ patients: 60, seed: 7 });
const files = [...cohort.files];

function stateOf(bytes: Uint8Array): string {
  const read = readReport(bytes, READ_LIMITS);
  if (!read.ok) return `refused ${read.refusal.code}`;
  const adapted = adaptReport(read.document, RECEIVED_ON);
  return adapted.ok ? 'stored' : `refused ${adapted.code}`;
}

describe('a simulated cohort', () => {
  it('has at least 200 files for 60 patients and every situation at least once', () => {
    expect(files.length).toBeGreaterThanOrEqual(200);
    expect(cohort.truth.counts.files).toBe(files.length);
    expect(new Set(cohort.truth.patients.map(({ situation }) => situation))).toEqual(new Set(SITUATIONS));
  });

  it('is the same bytes for the same seed and others for another seed', () => {
    const again = [...simulateCohort({ patients: 60, seed: 7 }).files];
    expect(again.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
    expect(again.every(({ bytes }, index) => Buffer.compare(bytes, files[index]?.bytes ?? bytes) === 0)).toBe(true);
    const [other] = simulateCohort({ patients: 60, seed: 8 }).files;
    expect(files.some(({ name }) => name === other?.name)).toBe(false);
  });

  it('is read and adapted as its truth says, file by file', () => {
    for (const { bytes, truth } of files) {
      const expected = truth.expected_state === 'refused' ? `refused ${truth.expected_code}` : 'stored';
      expect([truth.name, stateOf(bytes)]).toEqual([truth.name, expected]);
    }
  });

  it('gives reports without a single finding but for the low vertebra that is planted', () => {
    for (const { bytes, truth } of files) {
      const read = readReport(bytes, READ_LIMITS);
      if (!read.ok || truth.expected_state === 'refused') continue;
      const adapted = adaptReport(read.document, RECEIVED_ON);
      const findings = adapted.ok ? [...read.document.findings, ...adapted.report.findings] : [];
      const codes = new Set(findings.map(({ code }) => code));
      if (truth.situation === 'other_vertebrae') codes.delete('ADJACENT_T_SCORE_GAP');
      expect([truth.situation, ...codes]).toEqual([truth.situation]);
    }
  });

  it('resends the very bytes of the original under another name', () => {
    const byName = new Map(files.map((file) => [file.name, file]));
    const resent = files.filter(({ truth }) => truth.expected_state === 'duplicate');
    expect(resent.length).toBeGreaterThan(0);
    for (const file of resent) {
      const original = byName.get(file.truth.duplicate_of ?? '');
      expect(original).toBeDefined();
      expect(Buffer.from(file.bytes)).toEqual(Buffer.from(original?.bytes ?? []));
    }
  });

  it('tells nothing about a patient in a file name', () => {
    for (const { name } of files) expect(cohort.truth.planted_values.some((value) => name.includes(value))).toBe(false);
  });
});

describe('the truth of a cohort', () => {
  it.each([1, 2, 3, 4, 5])('finds opposite changes in planted patients and in no others (seed %i)', (seed) => {
    const { truth } = simulateCohort({ patients: 150, seed });
    const planted = (situation: string) =>
      truth.patients.filter((patient) => patient.situation === situation).map(({ patient_id }) => patient_id);
    expect(truth.d1_cases.map(({ patient_id }) => patient_id)).toEqual(planted('key_pattern'));
    expect(truth.d2_cases.map(({ patient_id }) => patient_id)).toEqual(planted('mirror_image'));
  });

  it('plants one case of each direction at exactly the LSC at spine and hip', () => {
    const exact = (cases: typeof cohort.truth.d1_cases) =>
      cases.filter(({ spine, hips }) =>
        [spine, hips[0]].every((c) => c?.delta_g_per_cm2.replace('-', '') === c?.lsc_g_per_cm2),
      );
    expect(exact(cohort.truth.d1_cases).length).toBeGreaterThanOrEqual(1);
    expect(exact(cohort.truth.d2_cases).length).toBeGreaterThanOrEqual(1);
  });

  it('agrees with the BMDs that the adapter reads from the files', () => {
    const values = new Map<string, string>();
    for (const { bytes, truth } of files) {
      const read = readReport(bytes, READ_LIMITS);
      const adapted = read.ok ? adaptReport(read.document, RECEIVED_ON) : null;
      if (adapted === null || !adapted.ok) continue;
      for (const { roi, laterality, quantity, rawText } of adapted.report.values) {
        if (quantity !== 'bmd') continue;
        values.set([truth.study_instance_uid, roi.region, roi.vertebrae.join(','), laterality].join(' '), rawText);
      }
    }
    for (const found of [...cohort.truth.d1_cases, ...cohort.truth.d2_cases]) {
      const { study_instance_uid: now, previous_study_instance_uid: before, spine, hips } = found;
      expect(values.get(`${now} spine ${spine.vertebrae} none`)).toBe(spine.to_g_per_cm2);
      expect(values.get(`${before} spine ${spine.vertebrae} none`)).toBe(spine.from_g_per_cm2);
      for (const hip of hips.filter(({ laterality }) => laterality !== 'mean')) {
        expect(values.get(`${now} total_hip  ${hip.laterality}`)).toBe(hip.to_g_per_cm2);
        expect(values.get(`${before} total_hip  ${hip.laterality}`)).toBe(hip.from_g_per_cm2);
      }
    }
  });
});

describe('lsc.csv', () => {
  it('has a row a scanner and region, at 95 % and with its precision error', () => {
    const [header, first] = lscCsv().split('\n');
    expect(header?.split(',')).toHaveLength(15);
    expect(first).toContain('PA+130245,spine,"L1,L2,L3,L4",none,0.028,0.95,2015-01-01,,0.0100,30,');
    expect(lscCsv()).not.toContain('ME+210777');
  });
});
