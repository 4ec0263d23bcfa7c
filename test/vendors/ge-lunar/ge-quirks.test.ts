import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SrDocument } from '../../../src/dicom/document/sr-document.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { buildGeLunarAdapter } from '../../../src/vendors/ge-lunar/adapter.ts';
import { ALL_GE_QUIRKS, GE_QUIRKS, type GeQuirk } from '../../../src/vendors/ge-lunar/quirks.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

function readFixture(folder: string): SrDocument {
  const read = readReport(readFileSync(join(import.meta.dirname, '../../fixtures', folder, 'report.dcm')), READ_LIMITS);
  if (!read.ok) throw new Error(read.refusal.code);
  return read.document;
}

describe('every quirk of GE Lunar', () => {
  it.each([...ALL_GE_QUIRKS])('%s changes the result of its fixture', (quirk: GeQuirk) => {
    const document = readFixture(GE_QUIRKS[quirk].fixture);
    const without = new Set([...ALL_GE_QUIRKS].filter((other) => other !== quirk));
    const usual = buildGeLunarAdapter(ALL_GE_QUIRKS).adapt(document, RECEIVED_ON, useMapping(NO_MAPPING));
    expect(buildGeLunarAdapter(without).adapt(document, RECEIVED_ON, useMapping(NO_MAPPING))).not.toEqual(usual);
  });

  it.each([...ALL_GE_QUIRKS])('%s says why, from which source and for which versions', (quirk: GeQuirk) => {
    const { why, source, models, versions } = GE_QUIRKS[quirk];
    for (const text of [why, source, models, versions]) expect(text.length).toBeGreaterThan(2);
  });
});
