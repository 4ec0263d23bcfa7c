import type { CodeEntry } from './finding.ts';

const entry = (text: string, remedy: string): CodeEntry => ({ text, remedy, permanence: 'permanent' });
const NOTHING_TO_DO = 'Nothing to do.';

/** Reason codes of the comparability rules C1-C18. Texts and remedies hold no patient value. */
export const COMPARABILITY_CODES = {
  LATER_DAY: entry('The scans are from different days, in chronological order.', NOTHING_TO_DO),
  NOT_LATER: entry('The scans are of the same day, so that one is a repeat of the other.', NOTHING_TO_DO),
  REGION_SCANNED_TWICE: entry(
    'One of the studies measured the region in more than one scan; one of them was taken.',
    'Check the study to see which scan the report should use.',
  ),
  SAME_SCANNER: entry('Both scans are from the same scanner.', NOTHING_TO_DO),
  SCANNER_DIFFERS: entry(
    'The scans are from different scanners and no cross-calibration covers them.',
    'Import a cross-calibration for the two scanners, or treat the later scan as a new baseline.',
  ),
  SCANNER_NOT_IDENTIFIED: entry(
    'A file names neither serial number nor station, so the scanner cannot be identified.',
    'Configure the scanner to write Device Serial Number or Station Name.',
  ),
  SCANNER_EPOCH_DIFFERS: entry(
    'The scanner was changed, moved or recalibrated between the scans.',
    'Import a cross-calibration across the change, or treat the later scan as a new baseline.',
  ),
  CROSS_CALIBRATED: entry('A cross-calibration covers the two scanners.', NOTHING_TO_DO),
  CROSS_CALIBRATION_RANGE: entry(
    'The earlier BMD lies outside the values that the cross-calibration was measured on.',
    'Extend the cross-calibration study, or treat the later scan as a new baseline.',
  ),
  SAME_MODEL: entry('Both scanners are of the same model.', NOTHING_TO_DO),
  MODEL_NOT_STATED: entry('Neither file names the model of its scanner.', NOTHING_TO_DO),
  MODEL_DIFFERS: entry('The scanners are of different models.', 'Import an in-vivo cross-calibration.'),
  SAME_MANUFACTURER: entry('Both scanners are of the same manufacturer.', NOTHING_TO_DO),
  MANUFACTURER_NOT_STATED: entry('Neither file names the manufacturer of its scanner.', NOTHING_TO_DO),
  MANUFACTURER_DIFFERS: entry('The scanners are of different manufacturers.', 'Import an in-vivo cross-calibration.'),
  SAME_SOFTWARE: entry('Both scans were analysed with the same software.', NOTHING_TO_DO),
  SOFTWARE_NOT_STATED: entry('A file does not name its software version.', NOTHING_TO_DO),
  SOFTWARE_DIFFERS: entry(
    'The scans were analysed with different software versions.',
    'Check whether the algorithm changed; if so, reanalyse the earlier scan.',
  ),
  SOFTWARE_MAJOR_CHANGE: entry(
    'The scans were analysed with different major software versions.',
    'Reanalyse the earlier scan with the current software.',
  ),
  SAME_SCAN_MODE: entry('Both scans were made in the same mode.', NOTHING_TO_DO),
  SCAN_MODE_NOT_STATED: entry('A file does not name its scan mode.', NOTHING_TO_DO),
  SCAN_MODE_DIFFERS: entry('The scans were made in different modes.', 'Check both scans; repeat in the earlier mode.'),
  NO_VERTEBRAE: entry('The region has no vertebrae.', NOTHING_TO_DO),
  SAME_VERTEBRAE: entry('Both scans measured the same vertebrae.', NOTHING_TO_DO),
  VERTEBRAE_REDUCED: entry(
    'The scans measured different vertebrae; those measured as a set in both were compared.',
    'Check why the vertebrae differ.',
  ),
  VERTEBRAE_REBUILT: entry(
    'The scans measured different vertebrae; the common ones were rebuilt from BMC and area.',
    'Check why the vertebrae differ, or analyse both scans with the same ones.',
  ),
  VERTEBRAE_DIFFER: entry(
    'The scans have no set of vertebrae in common that could be compared.',
    'Reanalyse both scans with the same vertebrae.',
  ),
  ENOUGH_VERTEBRAE: entry('Enough vertebrae were measured.', NOTHING_TO_DO),
  TOO_FEW_VERTEBRAE: entry(
    'Fewer than two vertebrae can be compared; a single one is not used for monitoring.',
    'Monitor at the hip or forearm.',
  ),
  NO_SIDE: entry('The region has no side.', NOTHING_TO_DO),
  SAME_SIDE: entry('Both scans are of the same side.', NOTHING_TO_DO),
  SIDE_DIFFERS: entry(
    'The scans are of different sides.',
    'Scan the earlier side, or treat the later scan as a new baseline.',
  ),
  SIDE_NOT_STATED: entry(
    'A file does not say which side was scanned.',
    'Configure the scanner to write the side, or map the label that names it.',
  ),
  MEAN_OF_BOTH: entry('Both scans are the mean of both hips.', NOTHING_TO_DO),
  SINGLE_SIDE: entry('The scans are of a single side.', NOTHING_TO_DO),
  PRIMARY_REGION: entry('The region is primary for monitoring.', NOTHING_TO_DO),
  SECONDARY_REGION: entry('The region is noisier and counts as secondary.', NOTHING_TO_DO),
  FOREARM_33_RADIUS: entry('The 33 % radius is the forearm region for monitoring.', NOTHING_TO_DO),
  FOREARM_INFORMATIVE: entry('At the forearm only the 33 % radius is for monitoring.', NOTHING_TO_DO),
  NOT_FOREARM: entry('The region is not at the forearm.', NOTHING_TO_DO),
  AREA_SIMILAR: entry('The bone area is similar in both scans.', NOTHING_TO_DO),
  AREA_NOT_STATED: entry('A file does not give area or BMC.', NOTHING_TO_DO),
  AREA_DIFFERS: entry(
    'The bone area differs by more than expected for a good repeat scan.',
    'Compare the regions on both images.',
  ),
  WEIGHT_SIMILAR: entry('The weight is similar at both visits.', NOTHING_TO_DO),
  WEIGHT_NOT_STATED: entry('A file does not give the weight.', NOTHING_TO_DO),
  WEIGHT_DIFFERS: entry('The weight differs between the visits.', 'Consider soft tissue when reading spine and hip.'),
  INTERVAL_LONG_ENOUGH: entry('The interval is long enough.', NOTHING_TO_DO),
  INTERVAL_SHORT: entry('The scans are less than a year apart.', 'Check whether rapid loss was expected.'),
  INTERVAL_BELOW_MTI: entry('The interval is too short to exclude a change at the expected rate.', NOTHING_TO_DO),
  MONITORING_INTERVAL_NOT_KNOWN: entry(
    'A rate of change is configured, but without an LSC the monitoring interval cannot be told.',
    'Import the LSC of the facility’s precision study for this scanner and region.',
  ),
  LSC_ON_FILE: entry('An LSC on file covers both dates.', NOTHING_TO_DO),
  LSC_GENERALISED: entry('The LSC was combined from those of the two dates or scanners.', NOTHING_TO_DO),
  LSC_LATER_THAN_REFERENCE: entry(
    'A scan is earlier than the first LSC of its scanner; the change is assessed by that first LSC.',
    'Import an earlier LSC if there was a precision study before; otherwise nothing to do.',
  ),
  NO_LSC: entry(
    'No LSC on file covers this scanner, region, side and both dates.',
    'Import the LSC of the facility’s precision study for this scanner and region.',
  ),
  CROSS_CALIBRATION_INCOMPLETE: entry(
    'The cross-calibration on file lacks mean and sum of squares, so that its interval would be too narrow.',
    'Import the cross-calibration with mean and sum of squares of the earlier scanner’s values.',
  ),
  CROSS_CALIBRATION_WITHOUT_LSC: entry(
    'A cross-calibration covers the scans, but one of the two scanners has no LSC on file for its day.',
    'Import the LSC of both scanners for this region: no conversion is finer than the scanners themselves.',
  ),
  SAME_DEMOGRAPHICS: entry('Sex, birth date and ethnic group are the same in both.', NOTHING_TO_DO),
  DEMOGRAPHICS_NOT_STATED: entry(
    'A file does not give sex, birth date or ethnic group, so that it cannot be told whether they are the same.',
    NOTHING_TO_DO,
  ),
  DEMOGRAPHICS_DIFFER: entry(
    'Sex, birth date or ethnic group differ: T- and Z-scores cannot be compared, BMD can.',
    'Correct the demographics on the scanner.',
  ),
  PHANTOM_IN_CONTROL: entry('The phantom was in control on both days.', NOTHING_TO_DO),
  PHANTOM_NOT_KNOWN: entry('No phantom log covers both days.', NOTHING_TO_DO),
  PHANTOM_OUT_OF_CONTROL: entry('The phantom was out of control on one of the days.', 'Check the scanner’s QC log.'),
  PHANTOM_SHIFT: entry(
    'A shift of the phantom was not resolved on one of the days.',
    'Resolve the shift, or record an epoch.',
  ),
} as const satisfies Record<string, CodeEntry>;

export type ComparabilityCode = keyof typeof COMPARABILITY_CODES;
