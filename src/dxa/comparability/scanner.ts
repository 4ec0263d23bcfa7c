import { epochsBetween } from '../study/chronology.ts';
import type { ComparabilityCheck } from '../values/assessment.ts';
import { type ComparabilityRule, check, type Pair } from './pair.ts';

/** C1 (own): the follow-up is of a later day. A second scan of the same day is a repeat, not a follow-up. */
export const laterStudy: ComparabilityRule = ({ reference, followUp }) => {
  const facts = { referenceOn: reference.scannedOn, followUpOn: followUp.scannedOn };
  if (followUp.study.studyId === reference.study.studyId || followUp.scannedOn <= reference.scannedOn) {
    return check('C1', 'block', 'NOT_LATER', facts);
  }
  const twice = reference.scansInStudy > 1 || followUp.scansInStudy > 1;
  if (!twice) return check('C1', 'ok', 'LATER_DAY', facts);
  const counts = { referenceScans: reference.scansInStudy, followUpScans: followUp.scansInStudy };
  return check('C1', 'warn', 'REGION_SCANNED_TWICE', { ...facts, ...counts });
};

/**
 * C2: the same physical scanner in the same epoch, or a cross-calibration between them (ISCD, "BMD comparison between
 * facilities", VERIFIED-2nd). Epochs count as different scanners (Q5, own).
 */
export const sameScanner: ComparabilityRule = (pair) => {
  const { reference, followUp, onFile } = pair;
  const facts = { referenceScannerId: reference.scanner.scannerId, followUpScannerId: followUp.scanner.scannerId };
  if (!reference.scanner.identified || !followUp.scanner.identified) {
    return check('C2', 'block', 'SCANNER_NOT_IDENTIFIED', facts);
  }
  if (reference.scanner.scannerId !== followUp.scanner.scannerId) {
    return bridged('C2', pair, facts) ?? check('C2', 'block', 'SCANNER_DIFFERS', facts);
  }
  const { scannerId } = followUp.scanner;
  const [epoch] = epochsBetween(onFile.scannerEpochs, scannerId, reference.scannedOn, followUp.scannedOn);
  if (epoch === undefined) return check('C2', 'ok', 'SAME_SCANNER', facts);
  const withEpoch = { ...facts, epochStartsOn: epoch.startsOn, reason: epoch.reason };
  return bridged('C2', pair, withEpoch) ?? check('C2', 'block', 'SCANNER_EPOCH_DIFFERS', withEpoch);
};

/** C3: the same model, or an in-vivo cross-calibration (Saarelainen 2016, Hind 2014; VERIFIED). */
export const sameModel: ComparabilityRule = (pair) => {
  const { reference, followUp } = pair;
  const facts = { referenceModel: reference.scanner.modelName, followUpModel: followUp.scanner.modelName };
  if (sameName(facts.referenceModel + facts.followUpModel, ''))
    return check('C3', 'unknown', 'MODEL_NOT_STATED', facts);
  if (sameName(facts.referenceModel, facts.followUpModel)) return check('C3', 'ok', 'SAME_MODEL', facts);
  // One device whose files write its model in two ways is still one device.
  if (isOneDevice(pair)) return check('C3', 'warn', 'MODEL_DIFFERS', facts);
  return bridged('C3', pair, facts) ?? check('C3', 'block', 'MODEL_DIFFERS', facts);
};

/**
 * C4: the same manufacturer. Published conversions have a standard error of 4-7 %, a prediction interval of about
 * 8-14 %: not for individuals (Fan 2010, VERIFIED). Only the site's own cross-calibration lifts the block.
 */
export const sameManufacturer: ComparabilityRule = (pair) => {
  const { reference, followUp } = pair;
  const facts = {
    referenceManufacturer: reference.scanner.manufacturer,
    followUpManufacturer: followUp.scanner.manufacturer,
  };
  if (sameName(facts.referenceManufacturer + facts.followUpManufacturer, '')) {
    return check('C4', 'unknown', 'MANUFACTURER_NOT_STATED', facts);
  }
  if (sameName(facts.referenceManufacturer, facts.followUpManufacturer)) {
    return check('C4', 'ok', 'SAME_MANUFACTURER', facts);
  }
  if (isOneDevice(pair)) return check('C4', 'warn', 'MANUFACTURER_DIFFERS', facts);
  return bridged('C4', pair, facts) ?? check('C4', 'block', 'MANUFACTURER_DIFFERS', facts);
};

function bridged(
  rule: 'C2' | 'C3' | 'C4',
  { bridge }: Pair,
  facts: ComparabilityCheck['facts'],
): ComparabilityCheck | null {
  if (bridge === null) return null;
  const withBridge = { ...facts, crossCalibrationId: bridge.crossCalibration.crossCalibrationId };
  if (!bridge.inRange) return check(rule, 'block', 'CROSS_CALIBRATION_RANGE', withBridge);
  return check(rule, 'warn', 'CROSS_CALIBRATED', withBridge);
}

function isOneDevice({ reference, followUp }: Pair): boolean {
  return followUp.scanner.identified && followUp.scanner.scannerId === reference.scanner.scannerId;
}

function sameName(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
