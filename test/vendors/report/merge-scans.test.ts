import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SrItem } from '../../../src/dicom/document/sr-document.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const path = join(import.meta.dirname, '../../fixtures/ge-lunar/encore-16/spine/report.dcm');

function withoutBmc(item: SrItem): SrItem {
  const children = item.children.filter(({ concept }) => concept?.meaning !== 'BMC').map(withoutBmc);
  return { ...item, children } as SrItem;
}

it('gives the BMD of a first AP Spine scan no BMC of a second one', () => {
  const read = readReport(readFileSync(path), READ_LIMITS);
  if (!read.ok) throw new Error(read.refusal.code);
  const { root, header } = read.document;
  const children = [...root.children.map(withoutBmc), ...root.children];
  const document = { ...read.document, header: { ...header, imageComments: null }, root: { ...root, children } };
  const adapted = adaptReport(document, RECEIVED_ON);
  if (!adapted.ok) throw new Error(adapted.code);
  const { values, findings } = adapted.report;
  const l1 = values.filter(({ rawLabel, quantity }) => rawLabel === 'L1-L4' && /^bm[cd]$/.test(quantity));
  expect(l1.map(({ quantity, rawText }) => `${quantity} ${rawText}`)).toEqual(['bmd 1.066']);
  expect(findings).toContainEqual(expect.objectContaining({ code: 'MEASURE_NOT_STORED', facts: { quantity: 'bmc' } }));
});
