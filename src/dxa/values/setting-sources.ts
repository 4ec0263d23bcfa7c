import type { Grade } from './grade.ts';
import { formatMicro } from './quantity.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from './settings.ts';

export type SettingSource = {
  /** What the value says; the unit it is read in. */
  readonly means: string;
  readonly unit:
    | 'kg'
    | 'm'
    | 'cm²'
    | 'g/cm² a year'
    | 'percent a year'
    | 'days'
    | 'years'
    | 'percent'
    | 'tenths'
    | 'factor'
    | 'vertebrae'
    | 'triples'
    | 'choice';
  /** Section of docs/clinical-rules.md. */
  readonly rule: string;
  readonly source: string;
  readonly grade: Grade;
};

/** Where each value of ASSESSMENT_SETTINGS comes from, and how well that is known. */
export const SETTING_SOURCES: Readonly<Record<keyof AssessmentSettings, SettingSource>> = {
  significanceOperator: {
    means: 'Whether a change must reach (>=) or exceed (>) the LSC.',
    unit: 'choice',
    rule: 'R1.4',
    source: 'ISCD precision calculator glossary: must equal or exceed. Shepherd & Lu 2007 says: must be exceeded.',
    grade: 'VERIFIED',
  },
  lscFactor: {
    means: 'Factor from precision error to LSC at 95 %, one scan at each visit.',
    unit: 'choice',
    rule: 'R1.4',
    source: 'ISCD glossary, which rounds it to 2.77; the rounding moves LSCs of three decimals at the edge.',
    grade: 'VERIFIED',
  },
  lscConversionRounding: {
    means: 'How an LSC given at another confidence level is rounded to millionths once it is converted to 95 %.',
    unit: 'choice',
    rule: 'R1.4',
    source: 'Nearest millionth; the alternative `up` would never understate an LSC.',
    grade: 'own',
  },
  lscAcrossEntries: {
    means: 'What judges a pair when no single LSC covers both days but each day has one.',
    unit: 'choice',
    rule: 'C16',
    source: 'ISCD: one LSC for both scans. The alternative `generalised` is the root mean square of the two (R2.2).',
    grade: 'RECALLED',
  },
  fallbackLsc: {
    means: 'What a provisional change is shown beside.',
    unit: 'choice',
    rule: 'R1.9',
    source: 'ISCD minimum acceptable precision, quoted by the IOC REDs CAT2 table.',
    grade: 'VERIFIED-2nd',
  },
  monitoredVertebrae: {
    means: 'Vertebrae that a compared spine may consist of.',
    unit: 'choice',
    rule: 'C7',
    source: 'ISCD: the spine is L1-L4 or its evaluable part.',
    grade: 'RECALLED',
  },
  minimumVertebrae: {
    means: 'Fewest vertebrae that are compared.',
    unit: 'vertebrae',
    rule: 'C8',
    source: 'ISCD 2023, Reporting Less Than Four Vertebrae.',
    grade: 'VERIFIED-2nd',
  },
  unmonitoredRegions: {
    means: 'Regions that are never compared over time.',
    unit: 'choice',
    rule: 'C11',
    source: 'ISCD atlas.',
    grade: 'VERIFIED',
  },
  secondaryRegions: {
    means: 'Regions whose change is judged and shown but counts as secondary.',
    unit: 'choice',
    rule: 'C11',
    source: 'DVO and ISCD: spine and total hip are primary for monitoring.',
    grade: 'VERIFIED-2nd',
  },
  softwareChange: {
    means: 'What a change of the major software version does: warn, or block_major.',
    unit: 'choice',
    rule: 'C5',
    source: 'ISCD and vendors. Blocking until the earlier scan is analysed again is left to the site.',
    grade: 'RECALLED',
  },
  weightChangeLimit: {
    means: 'Change of weight above which a pair is marked.',
    unit: 'kg',
    rule: 'C14',
    source: 'Rajamanohar 2011: up to 5 kg has little effect on precision.',
    grade: 'VERIFIED',
  },
  areaChangeLimit: {
    means: 'Relative change of bone area above which a pair is marked (the 2 % rule).',
    unit: 'percent',
    rule: 'C13',
    source: 'Leslie group 2006; 22-46 % of good same-day pairs exceed it, so it only warns.',
    grade: 'VERIFIED',
  },
  spineAreaChangeLimit: {
    means: 'Change of bone area at the spine above which a pair is marked (the 1 cm² rule).',
    unit: 'cm²',
    rule: 'C13',
    source: 'Leslie group 2006.',
    grade: 'VERIFIED',
  },
  areaPerBmcSlope: {
    means: 'Percent of area that comes with each percent of BMC through edge detection alone.',
    unit: 'factor',
    rule: 'R2.4',
    source: 'Tothill & Avenell 1998: a slope of about 0.25 at the spine.',
    grade: 'VERIFIED',
  },
  areaResidualLimit: {
    means: 'Area change left over once edge detection is allowed for, above which a pair is marked.',
    unit: 'percent',
    rule: 'R2.4',
    source: 'From Tothill & Avenell 1998.',
    grade: 'DERIVED',
  },
  areaDrivenShare: {
    means: 'Share of a change that the area explains, above which the change is called area-driven.',
    unit: 'percent',
    rule: 'D7',
    source: 'After Watts 2009, where true changes at the neck were of BMC.',
    grade: 'own',
  },
  shortIntervalDays: {
    means: 'Days between scans below which a pair is marked.',
    unit: 'days',
    rule: 'C15',
    source: 'ISCD: usually a year.',
    grade: 'RECALLED',
  },
  expectedAnnualChange: {
    means: 'Expected change a year of each region, for the monitoring time interval; empty: not checked.',
    unit: 'g/cm² a year',
    rule: 'R1.10',
    source: 'No published rate fits everyone; a site that wants the check names its own.',
    grade: 'own',
  },
  longTermFactor: {
    means: 'Factor from short-term to long-term precision; 1 leaves LSCs as filed.',
    unit: 'factor',
    rule: 'R1.8',
    source: 'Rajamanohar 2011: long-term precision error is about 1.5 times the short-term one.',
    grade: 'VERIFIED',
  },
  upperLimitFactor: {
    means: 'LSC from the upper limit of the precision error over the plain LSC, where that limit is not on file.',
    unit: 'factor',
    rule: 'R1.3',
    source:
      'sqrt(30 / chi-square of 0.05 at 30 degrees of freedom), Glüer 1995: 30 degrees of freedom are the common study.',
    grade: 'DERIVED',
  },
  adultAge: {
    means: 'Age from which on loss and discordance are looked for; a younger person is growing.',
    unit: 'years',
    rule: '4.7',
    source: 'ISCD Pediatric 2013: Z-scores, and total body less head.',
    grade: 'VERIFIED-2nd',
  },
  tScoreAge: {
    means: 'Age from which on a T-score is expected; below it a Z-score is.',
    unit: 'years',
    rule: 'R3.1',
    source: 'ISCD adult positions: T-scores for postmenopausal women and men from 50 on.',
    grade: 'VERIFIED-2nd',
  },
  tScoreAgainstBmdTenths: {
    means: 'Tenths of a T-score that moved against BMD, from which on it is looked into.',
    unit: 'tenths',
    rule: 'D10',
    source: 'One step of printing is 0.1; three cannot come from rounding.',
    grade: 'own',
  },
  otherPersonAreaChange: {
    means: 'Change of bone area at one scanner type above which the scan may be of another person.',
    unit: 'percent',
    rule: '4.7',
    source: 'Area of an adult hardly changes; same-day pairs differ by less than 5 %.',
    grade: 'own',
  },
  otherPersonHeightChange: {
    means: 'Change of height above which the scan may be of another person.',
    unit: 'm',
    rule: '4.7',
    source: 'More than vertebral fractures usually take in a year or two.',
    grade: 'own',
  },
  heightLossHint: {
    means: 'Loss of height since the previous visit that hints at vertebral imaging.',
    unit: 'm',
    rule: '4.7',
    source: 'ISCD indications for vertebral fracture assessment.',
    grade: 'RECALLED',
  },
  implausibleTotalHipGain: {
    means: 'Gain of the total hip a year above which the measurement is doubted.',
    unit: 'percent a year',
    rule: '4.7',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  implausibleTotalHipLoss: {
    means: 'Loss of the total hip a year above which the measurement is doubted.',
    unit: 'percent a year',
    rule: '4.7',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  implausibleSpineGain: {
    means: 'Gain of the spine a year above which the measurement is doubted.',
    unit: 'percent a year',
    rule: '4.7',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  implausibleSpineLoss: {
    means: 'Loss of the spine a year above which the measurement is doubted.',
    unit: 'percent a year',
    rule: '4.7',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  neckBoxAreaChange: {
    means: 'Change of the area of the femoral neck, with a stable total hip, that speaks for a moved neck box.',
    unit: 'percent',
    rule: '4.7',
    source: 'The box has a fixed size on each scanner type.',
    grade: 'own',
  },
  neckBoxTotalAreaChange: {
    means: 'Change of the area of the total hip up to which it counts as stable.',
    unit: 'percent',
    rule: '4.7',
    source: 'The 2 % rule for areas (Leslie group 2006).',
    grade: 'own',
  },
  sameNumbersTriples: {
    means: 'Equal triples of BMD, BMC and area on two days from which on the numbers are taken for one scan.',
    unit: 'triples',
    rule: '4.7',
    source: 'Three printed numbers of six regions do not repeat by chance.',
    grade: 'own',
  },
};

const trimmed = (micro: number) => formatMicro(micro, 6).replace(/\.?0+$/, '');

/** The value of a setting with its unit, for a reader: "5 kg", ">=", "L1, L2, L3, L4". */
export function settingText(name: keyof AssessmentSettings): string {
  const value = ASSESSMENT_SETTINGS[name];
  const { unit } = SETTING_SOURCES[name];
  if (name === 'lscFactor')
    return `${ASSESSMENT_SETTINGS.lscFactor.name} = ${ASSESSMENT_SETTINGS.lscFactor.value.toFixed(4)}`;
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'empty' : JSON.stringify(value);
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'kg':
    case 'm':
    case 'cm²':
      return `${trimmed(value)} ${unit}`;
    case 'percent':
      return `${100 * value} %`;
    case 'percent a year':
      return `${value} % a year`;
    case 'days':
    case 'years':
    case 'tenths':
    case 'triples':
    case 'vertebrae':
      return `${value} ${unit}`;
    case 'factor':
    case 'choice':
    case 'g/cm² a year':
      return String(value);
    default:
      return unit satisfies never;
  }
}
