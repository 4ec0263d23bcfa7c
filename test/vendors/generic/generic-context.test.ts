import { describe, expect, it } from 'vitest';
import type { SrItem } from '../../../src/dicom/document/sr-document.ts';
import { enter, NO_CONTEXT } from '../../../src/vendors/generic/context.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';

const container = (meaning: string, key = `99TEST:${meaning}`): SrItem => ({
  path: '1.1',
  relationship: 'CONTAINS',
  concept: { value: meaning, scheme: '99TEST', meaning, key },
  observationDateTime: null,
  observationUid: null,
  templateId: null,
  children: [],
  valueType: 'CONTAINER',
  continuity: null,
});

/** What region a number would have below these containers, from the outside in. */
function regionBelow(...containers: readonly SrItem[]): string | null {
  const mapping = useMapping(NO_MAPPING);
  const { roi } = containers.reduce((context, item) => enter(context, item, mapping), NO_CONTEXT);
  return roi === null ? null : `${roi.region} ${roi.vertebrae.join(',')}`.trim();
}

describe('the region of a number in a third-party report', () => {
  it('is that of the nearest container that names one', () => {
    expect(regionBelow(container('AP Spine L1-L4'))).toBe('spine L1,L2,L3,L4');
    expect(regionBelow(container('AP Spine L1-L4'), container('L2'))).toBe('spine L2');
  });

  it.each([
    ['AP Spine L1-L4', 'L1-L4 excl. L2'],
    ['Left total hip', 'Lower neck of something'],
    ['Left total hip', 'Implant side region'],
  ])('below %s is not known inside %s, which nobody here understands', (outer, inner) => {
    expect(regionBelow(container(outer), container(inner))).toBeNull();
  });

  it.each(['Measurement Group', 'Imaging Measurements', 'Results', 'Left', 'BMD', 'T-score'])(
    'passes through %s, which only groups',
    (name) => {
      expect(regionBelow(container('Total hip'), container(name))).toBe('total_hip');
    },
  );

  it('passes through a Measurement Group in another language, known by its code', () => {
    expect(regionBelow(container('Total hip'), container('Messwertgruppe', 'DCM:125007'))).toBe('total_hip');
  });
});
