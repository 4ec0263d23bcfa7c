import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { isMappedUnit, type SiteMapping, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

function adaptFixture(folder: string, mapping: SiteMapping) {
  const read = readReport(readFileSync(join(import.meta.dirname, '../../fixtures', folder, 'report.dcm')), READ_LIMITS);
  if (!read.ok) throw new Error(read.refusal.code);
  const adapted = adaptReport(read.document, RECEIVED_ON, mapping);
  if (!adapted.ok) throw new Error(adapted.code);
  const { values, findings, siteMappingIds = [] } = adapted.report;
  return {
    values: values.map(({ roi, laterality, quantity, rawText }) =>
      [roi.region, roi.vertebrae.join(','), laterality, quantity, rawText].filter((part) => part !== '').join(' '),
    ),
    findings: findings.map(({ code, path }) => `${code} ${path}`),
    siteMappingIds,
  };
}

const SPANISH: SiteMapping = [
  { id: '1', kind: 'scan', match: { scheme: 'GELUNAR', value: '2000-1' }, scanType: 'spine', laterality: 'none' },
  {
    id: '8',
    kind: 'region',
    match: { label: 'TOTAL  izquierdo' },
    inScan: 'hip',
    roi: { region: 'total_hip', vertebrae: [] },
    laterality: 'left',
  },
];

describe('a site mapping', () => {
  it('names the scans and regions of localised reports', () => {
    const without = adaptFixture('ge-lunar/encore-16/localised-labels', []);
    expect(without.findings).toEqual(['UNKNOWN_REGION 1.1.2', 'UNKNOWN_SCAN 1.2']);
    const mapped = adaptFixture('ge-lunar/encore-16/localised-labels', SPANISH);
    expect(mapped.findings).toEqual([]);
    expect(mapped.siteMappingIds).toEqual(SPANISH.map(({ id }) => id).sort());
    expect(mapped.values).toEqual([
      ...without.values,
      'total_hip left bmd 0.870',
      'total_hip left t_score -1.1',
      'spine L1,L2,L3,L4 none bmd 1.066',
    ]);
  });

  it('cannot reverse what an adapter knows', () => {
    const wrong: SiteMapping = [
      { id: '2', kind: 'scan', match: { label: 'AP Spine' }, scanType: 'hip', laterality: 'left' },
      { id: '3', kind: 'measure', match: { label: 'BMD' }, quantity: 't_score' },
      {
        id: '9',
        kind: 'region',
        match: { label: 'L1-L4' },
        inScan: null,
        roi: { region: 'total_hip', vertebrae: [] },
        laterality: 'left',
      },
    ];
    const folder = 'ge-lunar/encore-16/spine';
    expect(adaptFixture(folder, wrong)).toEqual(adaptFixture(folder, []));
  });

  it('binds a region to its kind of scan', () => {
    const elsewhere: SiteMapping = SPANISH.map((entry) =>
      entry.kind === 'region' ? { ...entry, inScan: 'forearm' } : entry,
    );
    expect(adaptFixture('ge-lunar/encore-16/localised-labels', elsewhere).findings).toEqual(['UNKNOWN_REGION 1.1.2']);
  });

  it('gives the lumbar spine of a LOINC report its vertebrae, if a site knows them', () => {
    const mapping: SiteMapping = [
      {
        id: '10',
        kind: 'region',
        match: { scheme: 'LN', value: '24966-4' },
        inScan: null,
        roi: { region: 'spine', vertebrae: ['L1', 'L2', 'L3', 'L4'] },
        laterality: 'none',
      },
    ];
    expect(adaptFixture('generic/tid-1500/region-not-told', mapping).values).toEqual([
      'spine L1,L2,L3,L4 none bmd 0.985',
    ]);
  });

  it('lets a report be read whose vendor no adapter knows', () => {
    const scheme = '99NORLAND';
    const mapping: SiteMapping = [
      { id: '4', kind: 'scan', match: { scheme, value: 'H1' }, scanType: 'hip', laterality: 'right' },
      {
        id: '11',
        kind: 'region',
        match: { scheme, value: 'FN' },
        inScan: 'hip',
        roi: { region: 'femoral_neck', vertebrae: [] },
        laterality: null,
      },
      { id: '5', kind: 'measure', match: { scheme, value: 'BM' }, quantity: 'bmd' },
      { id: '6', kind: 'unit', match: { scheme, value: 'gcm' }, quantity: 'bmd' },
    ];
    const folder = 'unsupported/unknown/own-vocabulary';
    expect(() => adaptFixture(folder, [])).toThrow('UNSUPPORTED_VENDOR');
    const mapped = adaptFixture(folder, mapping);
    expect(mapped.values).toEqual(['femoral_neck right bmd 0.744']);
    expect(mapped.findings).toEqual(['UNKNOWN_REGION 1.2.2', 'UNKNOWN_MEASURE 1.2.1']);
  });

  it('can name a unit, but never milligrams, a volume or a speed', () => {
    const unit = (value: string) => ({ scheme: '99X', value, meaning: value });
    const mapping: SiteMapping = ['u1', 'mg/cm2', 'mg/cm³', 'm/s', 'g/cm3'].map((value) => ({
      id: '12',
      kind: 'unit',
      match: { value },
      quantity: 'bmd',
    }));
    expect(isMappedUnit(useMapping(mapping), unit('u1'), 'bmd')).toBe(true);
    expect(isMappedUnit(useMapping(mapping), unit('u1'), 'bmc')).toBe(false);
    for (const other of ['mg/cm2', 'mg/cm³', 'm/s', 'g/cm3'])
      expect(isMappedUnit(useMapping(mapping), unit(other), 'bmd')).toBe(false);
  });

  it('that matches nothing in particular says nothing', () => {
    expect(
      isMappedUnit(
        useMapping([{ id: '7', kind: 'unit', match: {}, quantity: 'bmd' }]),
        { scheme: '', value: 'u', meaning: '' },
        'bmd',
      ),
    ).toBe(false);
  });
});
