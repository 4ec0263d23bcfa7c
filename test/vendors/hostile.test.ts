import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BARE_HEADER } from '../../src/dicom/document/bare-header.ts';
import type { CodedConcept, DocumentHeader, SrDocument, SrItem } from '../../src/dicom/document/sr-document.ts';
import { conceptKey } from '../../src/dicom/tree/coded-concept.ts';
import { adaptReport } from '../../src/vendors/adapt-report.ts';
import { VENDOR_CODES } from '../../src/vendors/report/codes.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';
import { processorMs } from '../support/processor-time.ts';

const date = { raw: '20230412', date: '2023-04-12', time: null, offsetMinutes: null };
const HEADER: DocumentHeader = {
  ...BARE_HEADER,
  sopInstanceUid: '1.2.3',
  modality: 'SR',
  contentDate: date,
  patient: { ...BARE_HEADER.patient, patientId: 'P' },
  study: { ...BARE_HEADER.study, studyInstanceUid: '1.2', studyDate: date },
};

const SECRET = 'Zq-secret';
const labels = [
  'DXA Report',
  'AP Spine',
  'DualFemur',
  'L1-L4',
  'L1',
  'Neck Left',
  'Total',
  'Trend L1-L4',
  'BMD',
  'BMC',
];
const concept: fc.Arbitrary<CodedConcept | null> = fc.option(
  fc
    .record({
      scheme: fc.constantFrom('GELUNAR', 'LN', 'DCM', 'SCT', '99X', ''),
      value: fc.constantFrom(
        '3',
        '6',
        '8',
        '31',
        '2000-19',
        '1000-0',
        '24966-4',
        '126000',
        '29627003',
        'constructor',
        '',
      ),
      meaning: fc.constantFrom(...labels, 'AREA', 'BMD_TSCORE', '03/05/2021', '__proto__', 'constructor', ''),
    })
    .map((code) => ({ ...code, key: conceptKey(code.scheme, code.value) })),
);
const text = fc.constantFrom('0.985', '1,066', '-1.0', '', '*****', SECRET, '1e400', '985', '12abc', '0.985\\1');

const { item } = fc.letrec<{ item: SrItem; children: SrItem[] }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ concept, text }).map((leaf) => make({ ...leaf, valueType: 'TEXT' })),
    fc.record({ concept, text, unit: concept }).map(({ text: raw, ...leaf }) =>
      make({
        ...leaf,
        valueType: 'NUM',
        number: { raw, decimal: null },
        qualifier: null,
        floatingValue: null,
        rational: null,
      }),
    ),
    fc.record({ concept, code: concept }).map((leaf) => make({ ...leaf, valueType: 'CODE' })),
    fc
      .record({ concept, children: tie('children') })
      .map((node) => make({ ...node, valueType: 'CONTAINER', continuity: null })),
  ),
  children: fc.array(tie('item'), { maxLength: 6 }),
}));

function make(part: object): SrItem {
  const base = { path: '1', relationship: null, observationDateTime: null, observationUid: null, templateId: null };
  return { ...base, children: [], ...part } as unknown as SrItem;
}

describe('an odd or hostile tree', () => {
  it('never makes an adapter throw, and no finding repeats a text of the file', () => {
    fc.assert(
      fc.property(concept, fc.array(item, { maxLength: 8 }), (rootConcept, children) => {
        const root = make({ concept: rootConcept, children, valueType: 'CONTAINER', continuity: null });
        const result = adaptReport({ header: HEADER, root, findings: [] } as SrDocument, RECEIVED_ON);
        const told = result.ok ? result.report.findings : result;
        expect(JSON.stringify(told)).not.toContain(SECRET);
        for (const { code } of result.ok ? result.report.findings : [result]) expect(VENDOR_CODES).toHaveProperty(code);
        if (!result.ok) return;
        for (const { value, roi } of result.report.values) {
          expect(Number.isSafeInteger(value)).toBe(true);
          expect(typeof roi.region).toBe('string');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('costs no more than its size: a region with fifty thousand results, and a chain of fifty thousand containers', () => {
    const named = (meaning: string): CodedConcept => ({ value: '', scheme: '', meaning, key: '' });
    const many = Array.from({ length: 50_000 }, () =>
      make({ concept: named('BMD_TSCORE'), valueType: 'TEXT', text: '1,234' }),
    );
    const region = make({ concept: named('L1-L4'), valueType: 'CONTAINER', children: many });
    const scan = make({ concept: named('AP Spine'), valueType: 'CONTAINER', children: [region] });
    let chain = make({ concept: named('x'), valueType: 'CONTAINER' });
    for (let depth = 0; depth < 50_000; depth += 1)
      chain = make({ concept: named('x'), valueType: 'CONTAINER', children: [chain] });
    const root = make({ concept: named('DXA Report'), valueType: 'CONTAINER', children: [scan, chain] });
    const adapting = processorMs(() => {
      const result = adaptReport({ header: HEADER, root, findings: [] } as SrDocument, RECEIVED_ON);
      expect(result.ok && result.report.findings.map(({ code }) => code)).toContain('TOO_MANY_RESULTS');
    });
    expect(adapting).toBeLessThan(5000);
  });
});
