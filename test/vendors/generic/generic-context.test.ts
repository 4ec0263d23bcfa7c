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

const CODE = { ...container(''), valueType: 'CODE' } as const;
const site = (meaning: string, value = '1', scheme = '99TEST'): SrItem => ({
  ...CODE,
  concept: { value: '363698007', scheme: 'SCT', meaning: 'Finding Site', key: 'SCT:363698007' },
  code: { value, scheme, meaning, key: `${scheme}:${value}` },
});
const tracking = (text: string): SrItem => ({
  ...container(''),
  valueType: 'TEXT',
  concept: { value: '112039', scheme: 'DCM', meaning: 'Tracking Identifier', key: 'DCM:112039' },
  text,
});
const group = (...modifiers: readonly SrItem[]): SrItem => ({
  ...container('Measurement Group', 'DCM:125007'),
  children: modifiers,
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

  it.each([
    ['a site', group(site('Prosthesis of hip'))],
    ['a tracking identifier', group(tracking('L1-L4 excl. L2'))],
    ['a site called "constructor"', group(site('constructor', 'constructor', '__proto__'))],
    ['a tracking identifier called "__proto__"', group(tracking('__proto__'))],
    ['two sides', container('Left right femoral neck')],
  ])('is not inherited through %s that nobody here understands', (_what, item) => {
    expect(regionBelow(container('AP Spine L1-L4'), item)).toBeNull();
  });

  it.each([
    ['Left total hip', group(site('Hip region structure', '29836001', 'SCT'))],
    ['Left total hip', group(site('Hip'))],
    ['Left total hip', group(tracking('1'))],
    ['Left total hip', group(tracking('Measurement'))],
  ])('of %s is kept by a group that says no other', (outer, item) => {
    expect(regionBelow(container(outer), item)).toBe('total_hip');
  });

  it('has a side only from what is understood whole', () => {
    const sideOf = (...items: readonly SrItem[]) =>
      items.reduce((context, item) => enter(context, item, useMapping(NO_MAPPING)), NO_CONTEXT).laterality;
    expect(sideOf(container('Left hip'))).toBe('left');
    expect(sideOf(container('Hip, left side compared'))).toBeNull();
    expect(sideOf(container('Left right hip'))).toBeNull();
  });

  it('is shown with the name that is not understood', () => {
    const below = [container('AP Spine L1-L4'), group(tracking('Lendenwirbel')), container('BMD')].reduce(
      (context, item) => enter(context, item, useMapping(NO_MAPPING)),
      NO_CONTEXT,
    );
    expect(below.unknownPlace?.meaning).toBe('Lendenwirbel');
  });

  it('passes through a Measurement Group in another language, known by its code', () => {
    expect(regionBelow(container('Total hip'), container('Messwertgruppe', 'DCM:125007'))).toBe('total_hip');
  });
});
