import { CONSISTENCY_CODES } from '../../dxa/scan/consistency.ts';
import type { CodeEntry } from '../../dxa/values/finding.ts';

const permanent = 'permanent';

/** Why a whole report is turned away. */
export const REFUSAL_CODES = {
  NOT_DXA: {
    text: 'The object is a structured report, but not about bone densitometry.',
    remedy: 'Nothing to do for a dose report, a mammography report or a key object. Stop the route if many arrive.',
    permanence: permanent,
  },
  UNSUPPORTED_VENDOR: {
    text: 'The report is about bone densitometry but uses a vocabulary that no adapter recognises.',
    remedy: 'Send the facts (root title, schemes, counts) to the maintainers; the file is kept and can be reprocessed.',
    permanence: permanent,
  },
  NO_PATIENT_ID: {
    text: 'Patient ID (0010,0020) is absent or empty.',
    remedy: 'Correct the object in the PACS and send it again: results without a patient ID cannot be compared.',
    permanence: permanent,
  },
  NO_STUDY_UID: {
    text: 'Study Instance UID (0020,000D) is absent or empty.',
    remedy: 'Correct the object in the PACS and send it again.',
    permanence: permanent,
  },
  NO_SCAN_DATE: {
    text: 'No readable date says when the patient was scanned.',
    remedy: 'Correct Study Date (0008,0020) in the PACS and send the object again.',
    permanence: permanent,
  },
  NO_PRIVATE_RESULTS: {
    text: 'The object is an image without results that can be read: neither private ones of Hologic nor the XML of GE Lunar.',
    remedy: 'Nothing to do for an ordinary image. For a densitometer, enable the export of its results.',
    permanence: permanent,
  },
} as const satisfies Record<string, CodeEntry>;

export type RefusalCode = keyof typeof REFUSAL_CODES;

/** What a person should see about a report that was read. */
export const FINDING_CODES = {
  UNREADABLE_VALUE: {
    text: 'A result holds text that is not a number; no value was stored.',
    remedy: 'Open the report at this path and compare it with the printout.',
    permanence: permanent,
  },
  IMPLAUSIBLE_VALUE: {
    text: 'A number is outside the range that its quantity can have; no value was stored.',
    remedy: 'Compare with the printout: a wrong unit, a lost decimal sign or a mistyped region is likely.',
    permanence: permanent,
  },
  AMBIGUOUS_NUMBER: {
    text: 'A comma could be a decimal sign or a thousands separator, and nothing in the file settles which; no value was stored.',
    remedy: 'Set the number format of the densitometer workstation to a decimal point.',
    permanence: permanent,
  },
  UNIT_NOT_SUPPORTED: {
    text: 'The unit is not the unit of this quantity (mg/cm2, mg/cm3 and m/s are not areal BMD); no value was stored.',
    remedy:
      'If it is the right unit under a local name, add a mapping for it. Standardised BMD, QCT and ultrasound results are not compared: check which result the vendor exports.',
    permanence: permanent,
  },
  UNIT_ABSENT: {
    text: 'A number has no unit; it was read in the unit that the vendor always prints for this quantity.',
    remedy: 'None needed; the value lies in the range of that unit.',
    permanence: permanent,
  },
  UNKNOWN_SCAN: {
    text: 'A scan of the report is of a kind that is not read.',
    remedy:
      'If it is a spine, hip, forearm or whole body scan under a local name, add a mapping for it (dxaflow map unmapped). Otherwise use dxaflow map ignore.',
    permanence: permanent,
  },
  UNKNOWN_REGION: {
    text: 'A region of interest is not known; its results were not stored.',
    remedy:
      'Add a mapping for this label or code; the file is then reprocessed. dxaflow map add --dry-run shows the effect.',
    permanence: permanent,
  },
  UNKNOWN_MEASURE: {
    text: 'A result of a region is not known; it was not stored.',
    remedy: 'Add a mapping for this label or code if it is BMD, BMC, area or a score.',
    permanence: permanent,
  },
  CONCEPT_IGNORED: {
    text: 'Scans, regions, results or units that the site ignores were left in the report.',
    remedy: 'None needed; dxaflow map list shows who ignored them, and dxaflow map retire undoes it.',
    permanence: permanent,
  },
  MEASURE_NOT_STORED: {
    text: 'Results that this product does not use (body composition and the like) were left in the report.',
    remedy: 'None needed.',
    permanence: permanent,
  },
  RESULTS_TABLE_NOT_READ: {
    text: 'A further table of results is in no known form; none of it was stored.',
    remedy: 'Compare with the printout, and send a survey of such files to the maintainers (dxaflow survey).',
    permanence: permanent,
  },
  CODE_LABEL_CONFLICT: {
    text: 'The code and the label of an item contradict each other; its result was not stored.',
    remedy: 'Report it to the maintainers with the model and software version.',
    permanence: permanent,
  },
  LATERALITY_UNKNOWN: {
    text: 'A hip or forearm result names no side; it was not stored.',
    remedy: 'Check the scan type on the densitometer (Left Femur, Right Femur, DualFemur).',
    permanence: permanent,
  },
  LATERALITY_CONFLICT: {
    text: 'A region names another side than its scan; its results were not stored.',
    remedy: 'Check the side of the scan on the densitometer.',
    permanence: permanent,
  },
  DUPLICATE_VALUE_DIFFERS: {
    text: 'One report gives two different numbers for the same result; the first was stored.',
    remedy: 'Compare both places with the printout.',
    permanence: permanent,
  },
  TOO_MANY_RESULTS: {
    text: 'A region holds far more results than any densitometer writes; none was stored.',
    remedy: 'Find out which system wrote the file.',
    permanence: permanent,
  },
  REFERENCE_POPULATION_UNNAMED: {
    text: 'A region has several T-scores and the report does not say against which reference; all were stored.',
    remedy: "Look up the reference population on the printout before using this patient's T-score.",
    permanence: permanent,
  },
  TREE_XML_DISAGREE: {
    text: 'The report tree and the XML in Image Comments give different numbers; the tree was used.',
    remedy: 'Compare with the printout.',
    permanence: permanent,
  },
  XML_USED: {
    text: 'Results that the report tree lacks, or that an image carries, were taken from the XML in Image Comments.',
    remedy: 'None needed.',
    permanence: permanent,
  },
  XML_NOT_READABLE: {
    text: 'The XML in Image Comments is malformed, truncated or in an unsupported form; only complete parts were used.',
    remedy: 'None needed if the report tree is complete. Otherwise compare with the printout.',
    permanence: permanent,
  },
  XML_REFUSED: {
    text: 'The XML in Image Comments has a document type declaration or is too large or too deep; it was not used.',
    remedy: 'A densitometer does not write such XML: find out where the file comes from.',
    permanence: permanent,
  },
  XML_OTHER_EXAM: {
    text: 'The XML in Image Comments belongs to an exam of another date; it was not used.',
    remedy: 'Check Study Date (0008,0020) against the printout.',
    permanence: permanent,
  },
  TREND_DATE_AMBIGUOUS: {
    text: 'The date of an earlier scan is ambiguous; only its text was kept.',
    remedy: 'None needed: earlier scans are compared from their own reports.',
    permanence: permanent,
  },
  TREND_DATE_UNREADABLE: {
    text: 'The date of an earlier scan cannot be read; only its text was kept.',
    remedy: 'None needed: earlier scans are compared from their own reports.',
    permanence: permanent,
  },
  CONTENT_DATE_MISSING: {
    text: 'Content Date (0008,0023) is absent or implausible; the scan date is used instead.',
    remedy: 'If the study was analysed twice, check which analysis is shown.',
    permanence: permanent,
  },
  IMPOSSIBLE_DATE: {
    text: 'A date cannot be the day of a scan (before 1987 or birth, after receipt, at over 115 years, or not a whole date).',
    remedy:
      'It was rejected. If there was no other date, the results are stored but never compared: correct the dates in the PACS and send the object again.',
    permanence: permanent,
  },
  HEADER_VALUE_UNREADABLE: {
    text: 'An attribute of the header cannot be read or is implausible; it was left out.',
    remedy: 'Correct the attribute in the PACS or the worklist.',
    permanence: permanent,
  },
  T_SCORE_REFERENCE_MISMATCH: {
    text: 'A T-score cannot be computed from its BMD with the reference that the report names.',
    remedy: 'Check the reference database of the densitometer and the sex and birth date of the patient.',
    permanence: permanent,
  },
  NO_RESULTS: {
    text: 'The report holds no result that could be stored.',
    remedy: 'Normal for the nearly empty reports that some densitometers send in addition to the full one.',
    permanence: permanent,
  },
  NOTE_NAMES_NOTHING: {
    text: 'A rejection note names no instance; nothing was taken out of use.',
    remedy: 'Ask the archive that wrote it what it meant to reject, and have it send the note again.',
    permanence: permanent,
  },
  NOTE_REFERENCE_UNREADABLE: {
    text: 'A rejection note names instances by something that is not a UID; those were skipped.',
    remedy: 'Ask the archive that wrote it what it meant to reject, and have it send the note again.',
    permanence: permanent,
  },
  NOTE_REFERENCES_DIFFER: {
    text: 'The content of a rejection note names instances that its evidence (0040,A375) does not list; all of them count as named.',
    remedy: 'Check the instances on the page of the file; put back in use any that were not meant.',
    permanence: permanent,
  },
  NOTE_WITHOUT_PATIENT: {
    text: 'A rejection note names no patient, so the patient could not be checked against the stored instances.',
    remedy: 'Check the instances on the page of the file; put back in use any that were not meant.',
    permanence: permanent,
  },
} as const satisfies Record<string, CodeEntry>;

export type FindingCode = keyof typeof FINDING_CODES;

/** Every code that adaptReport can give, with a text and a remedy worded for a PACS administrator. */
export const VENDOR_CODES = {
  ...REFUSAL_CODES,
  ...FINDING_CODES,
  ...CONSISTENCY_CODES,
} as const satisfies Record<string, CodeEntry>;
