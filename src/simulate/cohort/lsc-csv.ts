import { stringify } from 'csv-stringify/sync';
import { fixed } from '../scanner/fixed.ts';
import { LSC_ROWS, SCANNERS } from '../scanner/scanners.ts';
import type { Variety } from '../scanner/style.ts';

const LSC_COLUMNS = [
  'manufacturer',
  'model_name',
  'device_serial_number',
  'region',
  'vertebrae',
  'laterality',
  'lsc_g_per_cm2',
  'confidence_level',
  'valid_from',
  'valid_to',
  'precision_error_g_per_cm2',
  'degrees_of_freedom',
  'source',
  'author',
  'note',
] as const;

/** The LSCs of the simulated densitometers in the columns that `dxaflow lsc import` reads. */
export function lscCsv(variety: Variety = 'usual'): string {
  const inUse = LSC_ROWS.filter(({ scannerId }) => variety === 'every' || scannerId !== 'horizon');
  const rows = inUse.map((row) => {
    const scanner = SCANNERS[row.scannerId];
    return [
      scanner.manufacturer,
      scanner.modelName,
      scanner.deviceSerialNumber,
      row.region,
      row.vertebrae,
      row.laterality,
      fixed(row.lsc, 3),
      '0.95',
      '2015-01-01',
      '',
      row.precisionError,
      '30',
      'in-house precision study, 30 patients scanned twice',
      'dxaflow simulate',
      'simulated scanner',
    ];
  });
  return stringify([LSC_COLUMNS, ...rows]);
}
