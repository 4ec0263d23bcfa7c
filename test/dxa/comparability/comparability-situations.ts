import type { Vertebra } from '../../../src/dxa/values/region.ts';
import { crossCalibration, hip, lsc, micro, SCANNER_A, SCANNER_B, spine } from '../build-history.ts';
import type { Case } from '../compare-pair.ts';

const forearm = (region: 'radius_33' | 'radius_total') => hip('left', '0.7', { region });
const withArea = (bmd: string, bmc: string, area: string) => hip('left', bmd, { bmc, area });
const spineWithArea = (bmc: string, area: string) => spine('1.000', { bmc, area });
const scanner = (more: Partial<typeof SCANNER_A>) => ({ scanner: { ...SCANNER_A, ...more } });
const phantom = (state: 'in_control' | 'out_of_control' | 'unresolved_shift', to: string | null = null) => ({
  onFile: { phantomStates: [{ scannerId: 'scanner-a', from: '2019-01-01', to, state }] },
});

/** An LSC of the second scanner beside those of the first. */
const LSC_B = lsc('total_hip', '0.017', { lscId: 'lsc-b', scannerId: 'scanner-b' });
const LSC_A = lsc('total_hip', '0.017');

const across = (more: Parameters<typeof crossCalibration>[0] = {}, scannerB: Partial<typeof SCANNER_B> = {}): Case => ({
  after: hip('left', '0.780', { scanner: { ...SCANNER_B, ...scannerB } }),
  onFile: { crossCalibrations: [crossCalibration(more)], lscEntries: [LSC_A, LSC_B] },
});
const acrossWith = (...lscEntries: readonly ReturnType<typeof lsc>[]): Case => ({
  after: hip('left', '0.780', { scanner: SCANNER_B }),
  onFile: { crossCalibrations: [crossCalibration()], lscEntries },
});
const unnamed = (more: Partial<typeof SCANNER_A>): Case => ({
  before: hip('left', '0.800', scanner(more)),
  after: hip('left', '0.780', scanner(more)),
});
const STATED = { sex: 'F', birthDate: '1950-06-15', ethnicGroup: 'Caucasian' } as const;
const OUT_OF_RANGE = { minFrom: 0.801 };
const level = (vertebra: Vertebra, bmc: string) => spine('0.9', { vertebrae: [vertebra], bmc, area: '14' });
const singles = [level('L1', '12'), level('L2', '12.5'), level('L3', '13'), level('L4', '13.5')];
const set = (...vertebrae: readonly Vertebra[]) => spine('0.9', { vertebrae });

/** Every outcome and code of every check, with a pair that gives it. */
export const COMPARABILITY_SITUATIONS: readonly (readonly [
  rule: string,
  outcome: string,
  code: string,
  given: Case,
])[] = [
  ['C1', 'ok', 'LATER_DAY', {}],
  ['C1', 'block', 'NOT_LATER', { beforeOn: '2022-03-01', after: hip('left', '0.780', { scanner: SCANNER_B }) }],
  ['C2', 'ok', 'SAME_SCANNER', {}],
  ['C2', 'block', 'SCANNER_DIFFERS', { after: hip('left', '0.780', { scanner: SCANNER_B }) }],
  ['C2', 'block', 'SCANNER_NOT_IDENTIFIED', { after: hip('left', '0.780', scanner({ identified: false })) }],
  [
    'C2',
    'block',
    'SCANNER_EPOCH_DIFFERS',
    {
      onFile: {
        scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn: '2022-03-01', reason: 'relocation' }],
      },
    },
  ],
  [
    'C2',
    'ok',
    'SAME_SCANNER',
    {
      onFile: {
        scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn: '2020-03-01', reason: 'relocation' }],
      },
    },
  ],
  [
    'C2',
    'warn',
    'CROSS_CALIBRATED',
    { after: hip('left', '0.780', { scanner: SCANNER_B }), onFile: { crossCalibrations: [crossCalibration()] } },
  ],
  [
    'C2',
    'block',
    'CROSS_CALIBRATION_RANGE',
    {
      after: hip('left', '0.780', { scanner: SCANNER_B }),
      onFile: { crossCalibrations: [crossCalibration({ minFrom: 0.801 })] },
    },
  ],
  ['C2', 'block', 'SCANNER_NOT_IDENTIFIED', { before: hip('left', '0.800', scanner({ identified: false })) }],
  ['C3', 'ok', 'SAME_MODEL', {}],
  ['C3', 'unknown', 'MODEL_NOT_STATED', unnamed({ modelName: '' })],
  [
    'C3',
    'block',
    'MODEL_DIFFERS',
    { after: hip('left', '0.780', { scanner: { ...SCANNER_B, modelName: 'Prodigy' } }) },
  ],
  ['C3', 'warn', 'MODEL_DIFFERS', { after: hip('left', '0.780', scanner({ modelName: 'iDXA' })) }],
  ['C4', 'ok', 'SAME_MANUFACTURER', {}],
  ['C4', 'unknown', 'MANUFACTURER_NOT_STATED', unnamed({ manufacturer: ' ' })],
  [
    'C4',
    'block',
    'MANUFACTURER_DIFFERS',
    { after: hip('left', '0.780', { scanner: { ...SCANNER_B, manufacturer: 'Hologic' } }) },
  ],
  [
    'C4',
    'warn',
    'MANUFACTURER_DIFFERS',
    { after: hip('left', '0.780', scanner({ manufacturer: 'GE MEDICAL SYSTEMS' })) },
  ],
  ['C5', 'ok', 'SAME_SOFTWARE', {}],
  ['C5', 'unknown', 'SOFTWARE_NOT_STATED', { after: hip('left', '0.780', { softwareVersions: [] }) }],
  [
    'C5',
    'warn',
    'SOFTWARE_DIFFERS',
    {
      before: hip('left', '0.800', { softwareVersions: ['enCORE 13.40'] }),
      after: hip('left', '0.780', { softwareVersions: ['enCORE 13.60'] }),
    },
  ],
  ['C5', 'warn', 'SOFTWARE_MAJOR_CHANGE', { after: hip('left', '0.780', { softwareVersions: ['19'] }) }],
  [
    'C5',
    'block',
    'SOFTWARE_MAJOR_CHANGE',
    { after: hip('left', '0.780', { softwareVersions: ['19'] }), settings: { softwareChange: 'block_major' } },
  ],
  ['C6', 'unknown', 'SCAN_MODE_NOT_STATED', { after: hip('left', '0.780', { scanMode: 'thick' }) }],
  [
    'C6',
    'ok',
    'SAME_SCAN_MODE',
    { before: hip('left', '0.800', { scanMode: 'thick' }), after: hip('left', '0.780', { scanMode: 'thick' }) },
  ],
  [
    'C6',
    'warn',
    'SCAN_MODE_DIFFERS',
    { before: hip('left', '0.800', { scanMode: 'thick' }), after: hip('left', '0.780', { scanMode: 'standard' }) },
  ],
  ['C7', 'ok', 'NO_VERTEBRAE', {}],
  ['C7', 'ok', 'SAME_VERTEBRAE', { before: spine('0.9'), after: spine('0.9') }],
  ['C7', 'block', 'VERTEBRAE_DIFFER', { before: spine('0.9'), after: spine('0.9', { vertebrae: ['L2', 'L3'] }) }],
  ['C8', 'ok', 'ENOUGH_VERTEBRAE', { before: spine('0.9'), after: spine('0.9') }],
  ['C8', 'block', 'TOO_FEW_VERTEBRAE', { before: spine('0.9'), after: spine('0.9', { vertebrae: ['L2'] }) }],
  ['C9', 'ok', 'SAME_SIDE', {}],
  ['C9', 'ok', 'NO_SIDE', { before: spine('0.9'), after: spine('0.9') }],
  ['C9', 'block', 'SIDE_DIFFERS', { after: hip('right', '0.780') }],
  ['C9', 'block', 'SIDE_NOT_STATED', { before: hip('none', '0.800'), after: hip('none', '0.780') }],
  ['C9', 'block', 'SIDE_NOT_STATED', { after: hip('none', '0.780') }],
  [
    'C9',
    'warn',
    'SIDE_NOT_STATED',
    { before: hip('none', '0.7', { region: 'radius_33' }), after: hip('none', '0.7', { region: 'radius_33' }) },
  ],
  ['C10', 'ok', 'SINGLE_SIDE', {}],
  ['C11', 'ok', 'PRIMARY_REGION', {}],
  [
    'C11',
    'warn',
    'SECONDARY_REGION',
    { before: hip('left', '0.8', { region: 'femoral_neck' }), after: hip('left', '0.8', { region: 'femoral_neck' }) },
  ],
  ['C12', 'ok', 'NOT_FOREARM', {}],
  ['C12', 'ok', 'FOREARM_33_RADIUS', { before: forearm('radius_33'), after: forearm('radius_33') }],
  ['C12', 'warn', 'FOREARM_INFORMATIVE', { before: forearm('radius_total'), after: forearm('radius_total') }],
  ['C13', 'unknown', 'AREA_NOT_STATED', {}],
  ['C13', 'ok', 'AREA_SIMILAR', { before: withArea('0.8', '24', '30'), after: withArea('0.8', '24.4', '30.5') }],
  // BMC +16.8 %, area 0.0 %: mineral gained on a constant area.
  ['C13', 'ok', 'AREA_SIMILAR', { before: spineWithArea('50', '60'), after: spineWithArea('58.4', '60') }],
  ['C13', 'ok', 'AREA_SIMILAR', { before: withArea('0.8', '24', '30'), after: withArea('0.891', '27', '30.3') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: withArea('0.8', '24', '30'), after: withArea('0.721', '21.8', '30.31') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: withArea('0.8', '24', '30'), after: withArea('0.784', '24', '30.61') }],
  ['C13', 'ok', 'AREA_SIMILAR', { before: spineWithArea('60.00', '60'), after: spineWithArea('61.00', '61') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: spineWithArea('60.00', '60'), after: spineWithArea('61.10', '61.1') }],
  ['C13', 'ok', 'AREA_SIMILAR', { before: withArea('0.8', '24', '30'), after: withArea('0.8', '24.46', '30.57') }],
  ['C13', 'warn', 'AREA_DIFFERS', { before: withArea('0.8', '24', '30'), after: withArea('0.777', '23.76', '30.57') }],
  ['C14', 'unknown', 'WEIGHT_NOT_STATED', { studyAfter: { weightKg: micro('60') } }],
  ['C14', 'ok', 'WEIGHT_SIMILAR', { studyBefore: { weightKg: micro('65') }, studyAfter: { weightKg: micro('60') } }],
  [
    'C14',
    'warn',
    'WEIGHT_DIFFERS',
    { studyBefore: { weightKg: micro('65.1') }, studyAfter: { weightKg: micro('60') } },
  ],
  ['C15', 'ok', 'INTERVAL_LONG_ENOUGH', { beforeOn: '2021-03-01' }],
  ['C15', 'warn', 'INTERVAL_SHORT', { beforeOn: '2021-03-02' }],
  ['C15', 'warn', 'INTERVAL_BELOW_MTI', { settings: { expectedAnnualChange: { total_hip: micro('0.008') } } }],
  ['C15', 'ok', 'INTERVAL_LONG_ENOUGH', { settings: { expectedAnnualChange: { total_hip: micro('-0.009') } } }],
  [
    'C15',
    'unknown',
    'MONITORING_INTERVAL_NOT_KNOWN',
    { onFile: { lscEntries: [] }, settings: { expectedAnnualChange: { total_hip: micro('0.008') } } },
  ],
  // Both LSCs are on file and the cross-calibration lacks its scatter: no limit is known.
  [
    'C15',
    'unknown',
    'MONITORING_INTERVAL_NOT_KNOWN',
    {
      after: hip('left', '0.780', { scanner: SCANNER_B }),
      onFile: {
        lscEntries: [lsc('total_hip', '0.017'), lsc('total_hip', '0.017', { lscId: 'b', scannerId: 'scanner-b' })],
        crossCalibrations: [crossCalibration({ meanFrom: null })],
      },
      settings: { expectedAnnualChange: { total_hip: micro('0.008') } },
    },
  ],
  ['C16', 'ok', 'LSC_ON_FILE', {}],
  ['C16', 'warn', 'NO_LSC', { onFile: { lscEntries: [] } }],
  ['C17', 'ok', 'SAME_DEMOGRAPHICS', { studyBefore: STATED, studyAfter: STATED }],
  ['C17', 'unknown', 'DEMOGRAPHICS_NOT_STATED', {}],
  ['C17', 'unknown', 'DEMOGRAPHICS_NOT_STATED', { studyBefore: STATED, studyAfter: { ...STATED, sex: null } }],
  ['C17', 'unknown', 'DEMOGRAPHICS_NOT_STATED', { studyBefore: { ...STATED, birthDate: null }, studyAfter: STATED }],
  ['C17', 'warn', 'DEMOGRAPHICS_DIFFER', { studyBefore: STATED, studyAfter: { sex: 'M', birthDate: null } }],
  ['C17', 'warn', 'DEMOGRAPHICS_DIFFER', { studyAfter: { sex: 'M' } }],
  ['C18', 'unknown', 'PHANTOM_NOT_KNOWN', {}],
  ['C18', 'ok', 'PHANTOM_IN_CONTROL', phantom('in_control')],
  ['C18', 'unknown', 'PHANTOM_NOT_KNOWN', phantom('in_control', '2021-01-01')],
  ['C18', 'warn', 'PHANTOM_OUT_OF_CONTROL', phantom('out_of_control', '2021-01-01')],
  ['C18', 'block', 'PHANTOM_SHIFT', phantom('unresolved_shift', '2021-01-01')],
  [
    'C1',
    'warn',
    'REGION_SCANNED_TWICE',
    { after: [hip('left', '0.780'), hip('left', '0.781', { scanLabel: 'rescan' })] },
  ],
  ['C3', 'warn', 'CROSS_CALIBRATED', across({}, { modelName: 'Prodigy' })],
  ['C3', 'block', 'CROSS_CALIBRATION_RANGE', across(OUT_OF_RANGE, { modelName: 'Prodigy' })],
  ['C4', 'warn', 'CROSS_CALIBRATED', across({}, { manufacturer: 'Hologic' })],
  ['C4', 'block', 'CROSS_CALIBRATION_RANGE', across(OUT_OF_RANGE, { manufacturer: 'Hologic' })],
  [
    'C7',
    'warn',
    'VERTEBRAE_REDUCED',
    { before: [set('L1', 'L2', 'L3', 'L4'), set('L2', 'L3', 'L4')], after: set('L2', 'L3', 'L4') },
  ],
  [
    'C7',
    'warn',
    'VERTEBRAE_REBUILT',
    { before: [...singles, set('L1', 'L2', 'L3', 'L4')], after: set('L2', 'L3', 'L4') },
  ],
  ['C8', 'ok', 'NO_VERTEBRAE', {}],
  ['C10', 'ok', 'NO_SIDE', { before: spine('0.9'), after: spine('0.9') }],
  [
    'C10',
    'ok',
    'MEAN_OF_BOTH',
    {
      before: [hip('left', '0.800'), hip('right', '0.800')],
      after: [hip('left', '0.780'), hip('right', '0.780')],
      side: 'mean',
      onFile: { lscEntries: [lsc('total_hip', '0.012', { laterality: 'mean' })] },
    },
  ],
  ['C16', 'ok', 'LSC_GENERALISED', across()],
  [
    'C16',
    'ok',
    'LSC_GENERALISED',
    { onFile: { lscEntries: [LSC_A, lsc('total_hip', '0.02', { lscId: 'new', validFrom: '2021-01-01' })] } },
  ],
  [
    'C16',
    'warn',
    'LSC_LATER_THAN_REFERENCE',
    { onFile: { lscEntries: [lsc('total_hip', '0.017', { validFrom: '2020-03-02' })] } },
  ],
  ['C16', 'warn', 'CROSS_CALIBRATION_WITHOUT_LSC', acrossWith(LSC_A)],
  ['C16', 'warn', 'CROSS_CALIBRATION_WITHOUT_LSC', acrossWith(LSC_B)],
  ['C16', 'warn', 'CROSS_CALIBRATION_INCOMPLETE', across({ meanFrom: null })],
];
