import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hologicAdapter } from '../../../src/vendors/hologic/adapter.ts';
import { isRefusal } from '../../../src/vendors/report/adapter.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { privateResultsOf } from './private-results.ts';
import { RECEIVED_ON } from './received.ts';

const FIXTURE = join(import.meta.dirname, '../../fixtures/hologic/apex-13/spine-exclusion/report.dcm');

/** What is read of a Hologic image with this text in place of its private results, and a header without height and weight. */
export function adaptText(text: string) {
  const results = privateResultsOf(readFileSync(FIXTURE));
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
