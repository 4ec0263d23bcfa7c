import type { Finding } from './finding.ts';
import type { Micro, Quantity } from './quantity.ts';
import type { Laterality, RegionOfInterest, ScanType } from './region.ts';

/** A coded concept as it stood in the file. */
export type CodeTriple = { readonly value: string; readonly scheme: string; readonly meaning: string };

/** Calendar date "YYYY-MM-DD" in the patient's own calendar; never a Date object. */
export type IsoDate = string;
/** Local date and time "YYYY-MM-DDTHH:MM:SS[.ffffff]" as the scanner wrote it, without a zone unless it gave one. */
export type LocalDateTime = string;

export type ReportPatient = {
  readonly patientId: string;
  /** Empty when the file names none. */
  readonly issuerOfPatientId: string;
  /** For display on the review page only. */
  readonly name: string | null;
  readonly sex: 'F' | 'M' | 'O' | null;
  readonly birthDate: IsoDate | null;
};

/** What the scanner says it did, in the words of the worklist. */
export type PerformedProcedure = {
  readonly stepId: string | null;
  readonly description: string | null;
  readonly codes: readonly CodeTriple[];
};

export type ReportStudy = {
  readonly studyInstanceUid: string;
  readonly accessionNumber: string | null;
  /** When the patient was scanned; date only when the file gives no time. */
  readonly scannedAt: IsoDate | LocalDateTime;
  /** No date of the file can be the day of a scan: the results are stored, and compared with nothing. */
  readonly scanDateDoubted?: boolean;
  readonly performedProcedure?: PerformedProcedure;
  readonly description: string | null;
};

export type ReportEquipment = {
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string | null;
  readonly stationName: string | null;
  readonly institutionName: string | null;
  readonly softwareVersions: readonly string[];
};

/** Calibration factors that Hologic's software prints with its results, in millionths; a change is an event of the scanner. */
export type CalibrationFactors = { readonly acf: Micro | null; readonly bcf: Micro | null };

export type ReportBody = {
  /** Millionths of a metre. */
  readonly heightM: Micro | null;
  /** Millionths of a kilogram. */
  readonly weightKg: Micro | null;
  readonly ethnicGroup: string | null;
};

/** One number and where it came from: raw text, raw label, code and tree path are kept beside it. */
export type MeasuredValue = {
  readonly scanType: ScanType;
  /** The scan's own label in the file, e.g. "DualFemur". */
  readonly scanLabel: string;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly quantity: Quantity;
  /** Reference population of a T- or Z-score, as far as the file tells; empty when it does not. */
  readonly referencePopulation: string;
  readonly value: Micro;
  readonly rawText: string;
  readonly rawUnit: string | null;
  /** The region's own label in the file, e.g. "L1-L4 (L2)". */
  readonly rawLabel: string;
  readonly code: CodeTriple | null;
  readonly path: string;
};

/** What the vendor's software says about earlier scans and changes: a claim, never a measurement of this study. */
export type VendorClaim = {
  readonly kind:
    | 'prior_bmd'
    | 'change_vs_previous'
    | 'percent_change_vs_previous'
    | 'change_vs_baseline'
    | 'percent_change_vs_baseline';
  readonly scanType: ScanType;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  /** Date of the earlier scan, when its text can be read without doubt. */
  readonly date: IsoDate | null;
  readonly rawDate: string;
  readonly value: Micro | null;
  readonly rawText: string;
  readonly rawUnit: string | null;
  readonly path: string;
};

/** One structured report in the shape that every vendor's adapter produces. */
export type NormalisedReport = {
  readonly vendor: string;
  readonly adapterVersion: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string | null;
  /** Content Date and Time: decides which of two reports about the same region is the later analysis. */
  readonly contentAt: LocalDateTime | IsoDate;
  readonly patient: ReportPatient;
  readonly study: ReportStudy;
  readonly equipment: ReportEquipment;
  readonly body: ReportBody;
  /** Absent where the vendor prints none. */
  readonly calibration?: CalibrationFactors;
  readonly values: readonly MeasuredValue[];
  readonly claims: readonly VendorClaim[];
  readonly findings: readonly Finding[];
  /** Ids of the site mappings that named a scan, region or result in it. */
  readonly siteMappingIds?: readonly string[];
};
