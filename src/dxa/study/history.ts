import type { Bmd, Micro } from '../values/quantity.ts';
import type { Laterality, Region, RegionOfInterest, ScanType } from '../values/region.ts';
import type { IsoDate, LocalDateTime } from '../values/report.ts';

/** A physical device. Two scans are on the same scanner only if `scannerId` is equal and `identified` is true. */
export type Scanner = {
  readonly scannerId: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string | null;
  readonly stationName: string | null;
  /** False when the files name neither serial number nor station, so the device is unknown. */
  readonly identified: boolean;
};

/** A number together with the row that holds its raw text, its file and its tree path. */
export type SourcedValue<T extends Micro = Micro> = { readonly valueId: string; readonly value: T };

export type ScoredValue = SourcedValue & { readonly referencePopulation: string };

/** Everything known about one region of interest in one study, after the latest analysis of it was chosen. */
export type Measurement = {
  /** Set where studies of one visit were put together: the study that the numbers are of. */
  readonly studyId?: string;
  /** When the region was scanned; null where no time of day is known, absent where it is that of the study. */
  readonly scannedAt?: LocalDateTime | null;
  /** When it was analysed; absent where the study has one report. */
  readonly contentAt?: IsoDate | LocalDateTime;
  readonly scanType: ScanType;
  readonly scanLabel: string;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly scanner: Scanner;
  readonly softwareVersions: readonly string[];
  /** Acquisition mode where the file tells (thin/standard/thick, fast/array); null otherwise. */
  readonly scanMode: string | null;
  readonly bmd: SourcedValue<Bmd> | null;
  readonly bmc: SourcedValue | null;
  readonly area: SourcedValue | null;
  readonly tScores: readonly ScoredValue[];
  readonly zScores: readonly ScoredValue[];
};

/** A scan of a region that was repeated on the same day: another one stands for the visit. */
export type RepeatedScan = {
  /** Set where studies of one visit were put together. */
  readonly studyId?: string;
  readonly scanType: ScanType;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly scannerId: string;
  readonly scannedAt: LocalDateTime;
  readonly bmd: SourcedValue<Bmd>;
  /** The BMD of the scan that stands, of the same region and vertebrae; null where that one did not measure them. */
  readonly standing: SourcedValue<Bmd> | null;
};

export type StudyOfPatient = {
  readonly studyId: string;
  readonly studyInstanceUid: string;
  readonly scannedAt: IsoDate | LocalDateTime;
  readonly sex: 'F' | 'M' | 'O' | null;
  readonly birthDate: IsoDate | null;
  readonly ethnicGroup: string | null;
  /** Millionths of a kilogram. */
  readonly weightKg: Micro | null;
  /** Millionths of a metre. */
  readonly heightM: Micro | null;
  readonly measurements: readonly Measurement[];
  readonly repeats?: readonly RepeatedScan[];
};

/** What a person found out about a scan that may be another person's. */
export type IdentityAnswer = { readonly studyId: string; readonly answer: 'same_person' | 'other_person' };

/** A patient's studies in any order; the order of arrival means nothing. */
export type PatientHistory = {
  readonly patientId: string;
  readonly studies: readonly StudyOfPatient[];
  readonly pinnedBaselines?: readonly PinnedBaseline[];
  readonly identityAnswers?: readonly IdentityAnswer[];
};

/** A study that a person chose as the baseline of a region and side; where it cannot be compared, the first comparable one is. */
export type PinnedBaseline = {
  readonly studyId: string;
  readonly region: Region;
  readonly laterality: Laterality;
};

/** One least significant change on file. */
export type LscEntry = {
  readonly lscId: string;
  readonly scannerId: string;
  readonly roi: RegionOfInterest;
  /** `none` for regions without a side; for hips the side it was measured on, `mean` for the mean of both, `any` for both single sides. */
  readonly laterality: Laterality | 'any';
  /** At `confidenceLevel`, millionths of g/cm². */
  readonly leastSignificantChange: Bmd;
  /** Two-sided, e.g. 0.95. */
  readonly confidenceLevel: number;
  /** Upper limit of the precision error (R1.3), where a precision study gives one. */
  readonly precisionErrorUpper: Bmd | null;
  readonly degreesOfFreedom: number | null;
  readonly validFrom: IsoDate;
  /** Last day on which it applies; null while it is in force. */
  readonly validTo: IsoDate | null;
  readonly source: string;
};

/** How one scanner's values translate to another's (R2.1); the conversion always carries its own generalised LSC. */
export type CrossCalibration = {
  readonly crossCalibrationId: string;
  readonly fromScannerId: string;
  readonly toScannerId: string;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality | 'any';
  readonly slope: number;
  /** g/cm². */
  readonly intercept: number;
  /** Standard error of the estimate, g/cm². */
  readonly standardErrorOfEstimate: number;
  readonly n: number;
  /** Mean and sum of squares of the `from` values, g/cm² and (g/cm²)²; null when not on file. */
  readonly meanFrom: number | null;
  readonly sumOfSquaresFrom: number | null;
  readonly minFrom: number | null;
  readonly maxFrom: number | null;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | null;
};

/** A day from which a scanner counts as a new one: hardware change, relocation, calibration shift. */
export type ScannerEpoch = {
  readonly epochId: string;
  readonly scannerId: string;
  readonly startsOn: IsoDate;
  readonly reason: 'hardware_change' | 'relocation' | 'calibration_shift' | 'other';
};

/** What the phantom said about a scanner over a span of days. */
export type PhantomState = {
  readonly scannerId: string;
  readonly from: IsoDate;
  readonly to: IsoDate | null;
  readonly state: 'in_control' | 'out_of_control' | 'unresolved_shift';
};

/** What a facility has on file beside its patients' studies. */
export type OnFile = {
  readonly lscEntries: readonly LscEntry[];
  readonly crossCalibrations: readonly CrossCalibration[];
  readonly scannerEpochs: readonly ScannerEpoch[];
  /** Absent where no phantom log is kept. */
  readonly phantomStates?: readonly PhantomState[];
};
