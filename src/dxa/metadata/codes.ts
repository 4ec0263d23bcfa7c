import type { CodeEntry } from '../values/finding.ts';

const entry = (text: string, remedy: string): CodeEntry => ({ text, remedy, permanence: 'permanent' });
const READ_ONLY = 'Nothing to do.';

/** Errors that the metadata of a visit shows, and lines beside its cases. Texts and remedies hold no patient value. */
export const VISIT_CODES = {
  SAME_NUMBERS_AGAIN: entry(
    'Two days of one patient and scanner show exactly the same numbers in six or more regions.',
    'Compare both scans with the archive: one may have been sent, or analysed, under a wrong date. Correct it, and take the wrong report out of use.',
  ),
  LEVEL_SHIFT: entry(
    'The vertebrae fit the earlier scan better one level up or down.',
    'Compare the labels of both spine scans and analyse the wrong one again.',
  ),
  GROWING: entry(
    'The person was still growing at one of the scans: loss and discordance are not looked for.',
    'Read Z-scores, and total body less head.',
  ),
  T_SCORE_UNDER_AGE: entry(
    'A T-score is printed at an age at which a Z-score is read.',
    'Check the birth date and the reference that the scanner is set to.',
  ),
  IMPLAUSIBLE_RATE: entry(
    'BMD changed faster than bone usually does.',
    'Compare positioning, regions and identity of both scans before the change is reported.',
  ),
  NECK_BOX_MOVED: entry(
    'The area of the femoral neck changed while that of the total hip did not.',
    'Compare the neck boxes of both scans and analyse the wrong one again.',
  ),
  HEIGHT_LOSS: entry(
    'The height is at least 2 cm less than at the visit before.',
    'Measure again; where the loss is real, it hints at vertebral imaging.',
  ),
  VERTEBRAL_BMC_NOT_RISING: entry(
    'L4 is larger than L1 and holds less bone mineral.',
    'Check levels, regions and metal in the spine scan.',
  ),
  SAME_DAY_REPEAT: entry('A region was scanned more than once on one day; the last scan is used.', READ_ONLY),
  SAME_DAY_REPEAT_DISAGREES: entry(
    'A region was scanned more than once on one day, and the scans differ by the least significant change or more.',
    'Compare positioning and regions of both scans; take the wrong one out of use.',
  ),
  STUDIES_CONTRADICT: entry(
    'Two studies of one visit give different values of one scan; the later analysis is used.',
    'Compare both analyses with the archive and take the wrong one out of use.',
  ),
  OTHER_PERSON: entry(
    'A person found that the scan is of another person: it is compared with nothing.',
    'Reopen the case to take that back. Correct the identity at the scanner and in the archive.',
  ),
  CONTINUES_SINCE: entry(
    'What an earlier visit showed continues, without a further least significant change.',
    READ_ONLY,
  ),
} as const satisfies Record<string, CodeEntry>;
