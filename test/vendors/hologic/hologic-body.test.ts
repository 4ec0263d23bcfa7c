import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hologicAdapter } from '../../../src/vendors/hologic/adapter.ts';
import { isRefusal } from '../../../src/vendors/report/adapter.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { privateResultsOf } from '../../support/dicom/private-results.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/hologic/apex-13/spine-exclusion/report.dcm'));

function adaptText(text: string) {
  const results = privateResultsOf(bytes);
  const { header } = results;
  const patient = { ...header.patient, size: null, weight: null };
  const report = hologicAdapter.adapt(
    { ...results, header: { ...header, patient }, text },
    RECEIVED_ON,
    useMapping(NO_MAPPING),
  );
  if (isRefusal(report)) throw new Error(report.code);
  return {
    body: report.body,
    values: report.values.map(({ roi, laterality, rawText }) =>
      [roi.region, roi.vertebrae.join(','), laterality, rawText].join(' '),
    ),
    findings: report.findings.map(({ code, path }) => `${code} ${path}`),
  };
}

describe('height and weight among the private results', () => {
  it('are absent, with a finding each, where a zero stands for a value that nobody entered', () => {
    const { body, findings } = adaptText('Height = "0.0 cm";\nWeight = "0.0 kg";');
    expect([body.heightM, body.weightKg]).toEqual([null, null]);
    expect(findings).toEqual(
      expect.arrayContaining([
        'HEADER_VALUE_UNREADABLE (0019,1000)/Height',
        'HEADER_VALUE_UNREADABLE (0019,1000)/Weight',
      ]),
    );
  });

  it('are read within what a person can measure', () => {
    const { body, findings } = adaptText('Height = "165.0 cm";\nWeight = "69.0  kg";');
    expect([body.heightM, body.weightKg]).toEqual([1_650_000, 69_000_000]);
    expect(findings.filter((text) => text.startsWith('HEADER'))).toEqual([]);
  });
});
