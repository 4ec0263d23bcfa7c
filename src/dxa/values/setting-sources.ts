import type { Grade } from './grade.ts';
import { REGIONS, VERTEBRAE } from './region.ts';
import {
  amount,
  annualRates,
  choice,
  factor,
  lscFactorForm,
  percent,
  percentAYear,
  type SettingForm,
  someOf,
  whole,
} from './setting-form.ts';
import type { SettingName, Settings } from './settings.ts';

export type SettingSource<T> = {
  readonly means: string;
  /** How it is written, with its unit and bounds. */
  readonly form: SettingForm<T>;
  /** Section of docs/clinical-rules.md. */
  readonly rule: string;
  /** Of the default. */
  readonly source: string;
  readonly grade: Grade;
  /** What a change makes out of date: the judgement of every patient unless it says otherwise. */
  readonly concerns?: 'precision_studies';
};

/** How each setting is written, where its default comes from, and how well that is known. */
export const SETTING_SOURCES: {
  readonly [Name in SettingName]: SettingSource<Settings[Name]>;
} = {
  significanceOperator: {
    means: 'Whether a change must reach (>=) or exceed (>) the LSC.',
    form: choice('>=', '>'),
    rule: 'R1.4',
    source: 'ISCD precision calculator glossary: must equal or exceed. Shepherd & Lu 2007 says: must be exceeded.',
    grade: 'VERIFIED',
  },
  lscFactor: {
    means: 'Factor from precision error to LSC at 95 %, one scan at each visit.',
    form: lscFactorForm,
    rule: 'R1.4',
    source: 'ISCD glossary, which rounds it to 2.77; the rounding moves LSCs of three decimals at the edge.',
    grade: 'VERIFIED',
  },
  lscConversionRounding: {
    means: 'How an LSC given at another confidence level is rounded to millionths once it is converted to 95 %.',
    form: choice('half_away_from_zero', 'up'),
    rule: 'R1.4',
    source: 'Nearest millionth; the alternative `up` would never understate an LSC.',
    grade: 'own',
  },
  lscAcrossEntries: {
    means: 'What judges a pair on one scanner whose two days have different LSCs.',
    form: choice('provisional', 'generalised'),
    rule: 'C16',
    source:
      'Shepherd & Lu 2007 with perfect calibration: the root mean square of the two (R2.2). The alternative `provisional` lets a renewed LSC silence its scanner.',
    grade: 'DERIVED',
  },
  lscBeforeFirstEntry: {
    means: 'What judges a scan from before the first LSC of its scanner.',
    form: choice('first_entry', 'provisional'),
    rule: 'C16',
    source:
      'A precision study is done after the scanner was bought; the pair is marked. The alternative `provisional` says nothing of such scans.',
    grade: 'own',
  },
  fallbackLsc: {
    means: 'What a provisional change is shown beside.',
    form: choice('iscd_ceiling', 'five_percent', 'manitoba', 'none'),
    rule: 'R1.9',
    source: 'ISCD minimum acceptable precision, quoted by the IOC REDs CAT2 table.',
    grade: 'VERIFIED-2nd',
  },
  monitoredVertebrae: {
    means: 'Vertebrae that a compared spine may consist of.',
    form: someOf(VERTEBRAE, 1),
    rule: 'C7',
    source: 'ISCD: the spine is L1-L4 or its evaluable part.',
    grade: 'RECALLED',
  },
  minimumVertebrae: {
    means: 'Fewest vertebrae that are compared.',
    form: whole('vertebrae', { from: 2, to: 4 }),
    rule: 'C8',
    source: 'ISCD 2023, Reporting Less Than Four Vertebrae.',
    grade: 'VERIFIED-2nd',
  },
  uncomparedRegions: {
    means: 'Regions that are never compared over time; their values are shown.',
    form: someOf(REGIONS, 0),
    rule: 'C11',
    source: 'ISCD atlas.',
    grade: 'VERIFIED',
  },
  monitoredRegions: {
    means:
      'Regions whose missing LSCs and pairs that cannot be compared fill the QA lists; the others are compared all the same.',
    form: someOf(REGIONS, 1),
    rule: 'C11',
    source: 'ISCD 2019 (spine, total hip, femoral neck, 33 % radius) and ISCD Pediatric 2013 (total body less head).',
    grade: 'VERIFIED-2nd',
  },
  secondaryRegions: {
    means: 'Regions whose change is judged and shown but counts as secondary.',
    form: someOf(REGIONS, 0),
    rule: 'C11',
    source: 'DVO and ISCD: spine and total hip are primary for monitoring.',
    grade: 'VERIFIED-2nd',
  },
  softwareChange: {
    means: 'What a change of the major software version does: warn, or block_major.',
    form: choice('warn', 'block_major'),
    rule: 'C5',
    source: 'ISCD and vendors. Blocking until the earlier scan is analysed again is left to the site.',
    grade: 'RECALLED',
  },
  weightChangeLimit: {
    means: 'Change of weight above which a pair is marked.',
    form: amount('kg', { from: 0.1, to: 50 }),
    rule: 'C14',
    source: 'Rajamanohar 2011: up to 5 kg has little effect on precision.',
    grade: 'VERIFIED',
  },
  areaChangeLimit: {
    means: 'Relative change of bone area above which a pair is marked (the 2 % rule).',
    form: percent({ from: 0.1, to: 50 }),
    rule: 'C13',
    source: 'Leslie group 2006; 22-46 % of good same-day pairs exceed it, so it only warns.',
    grade: 'VERIFIED',
  },
  spineAreaChangeLimit: {
    means: 'Change of bone area at the spine above which a pair is marked (the 1 cm² rule).',
    form: amount('cm²', { from: 0.1, to: 20 }),
    rule: 'C13',
    source: 'Leslie group 2006.',
    grade: 'VERIFIED',
  },
  areaPerBmcSlope: {
    means: 'Percent of area that comes with each percent of BMC through edge detection alone.',
    form: factor({ from: 0, to: 1 }),
    rule: 'R2.4',
    source: 'Tothill & Avenell 1998: a slope of about 0.25 at the spine.',
    grade: 'VERIFIED',
  },
  areaResidualLimit: {
    means: 'Area change left over once edge detection is allowed for, above which a pair is marked.',
    form: percent({ from: 0.1, to: 50 }),
    rule: 'R2.4',
    source: 'From Tothill & Avenell 1998.',
    grade: 'DERIVED',
  },
  areaResidualMinimum: {
    means:
      'Change of area up to which the residual marks nothing: mineral gained on a constant area is no fault of area.',
    form: percent({ from: 0, to: 50 }),
    rule: 'C13',
    source: 'Half of the 2 % rule; on romosozumab the spine gains 13 % (Cosman 2022) without a change of area.',
    grade: 'own',
  },
  areaDrivenShare: {
    means: 'Share of a change that the area explains, above which the change is called area-driven.',
    form: percent({ from: 1, to: 100 }),
    rule: 'D7',
    source: 'After Watts 2009, where true changes at the neck were of BMC.',
    grade: 'own',
  },
  shortIntervalDays: {
    means: 'Days between scans below which a pair is marked.',
    form: whole('days', { from: 1, to: 3650 }),
    rule: 'C15',
    source: 'ISCD: usually a year.',
    grade: 'RECALLED',
  },
  expectedAnnualChange: {
    means: 'Expected change a year of each region, for the monitoring time interval; empty: not checked.',
    form: annualRates,
    rule: 'R1.10',
    source: 'No published rate fits everyone; a site that wants the check names its own.',
    grade: 'own',
  },
  longTermFactor: {
    means: 'Factor from short-term to long-term precision; 1 leaves LSCs as filed.',
    form: factor({ from: 1, to: 3 }),
    rule: 'R1.8',
    source: 'Rajamanohar 2011: long-term precision error is about 1.5 times the short-term one.',
    grade: 'VERIFIED',
  },
  upperLimitFactor: {
    means: 'LSC from the upper limit of the precision error over the plain LSC, where that limit is not on file.',
    form: factor({ from: 1, to: 3 }),
    rule: 'R1.3',
    source:
      'sqrt(30 / chi-square of 0.05 at 30 degrees of freedom), Glüer 1995: 30 degrees of freedom are the common study.',
    grade: 'DERIVED',
  },
  adultAge: {
    means: 'Age from which on loss and discordance are looked for; a younger person is growing.',
    form: whole('years', { from: 10, to: 30 }),
    rule: '4.12',
    source: 'ISCD Pediatric 2013: Z-scores, and total body less head.',
    grade: 'VERIFIED-2nd',
  },
  tScoreAge: {
    means: 'Age from which on a T-score is expected; below it a Z-score is.',
    form: whole('years', { from: 20, to: 90 }),
    rule: 'R3.1',
    source: 'ISCD adult positions: T-scores for postmenopausal women and men from 50 on.',
    grade: 'VERIFIED-2nd',
  },
  tScoreAgainstBmdTenths: {
    means: 'Tenths of a T-score that moved against BMD, from which on it is looked into.',
    form: whole('tenths', { from: 1, to: 20 }),
    rule: 'D10',
    source: 'One step of printing is 0.1; three cannot come from rounding.',
    grade: 'own',
  },
  otherPersonAreaChange: {
    means: 'Change of bone area at one scanner type above which the scan may be of another person.',
    form: percent({ from: 0.1, to: 100 }),
    rule: '4.12',
    source: 'Area of an adult hardly changes; same-day pairs differ by less than 5 %.',
    grade: 'own',
  },
  otherPersonHeightChange: {
    means: 'Change of height above which the scan may be of another person.',
    form: amount('m', { from: 0.005, to: 0.5 }),
    rule: '4.12',
    source: 'More than vertebral fractures usually take in a year or two.',
    grade: 'own',
  },
  heightLossHint: {
    means: 'Loss of height since the previous visit that hints at vertebral imaging.',
    form: amount('m', { from: 0.005, to: 0.5 }),
    rule: '4.12',
    source: 'ISCD indications for vertebral fracture assessment.',
    grade: 'RECALLED',
  },
  implausibleTotalHipGain: {
    means: 'Gain of the total hip a year above which the measurement is doubted.',
    form: percentAYear({ from: 1, to: 100 }),
    rule: '4.12',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  implausibleTotalHipLoss: {
    means: 'Loss of the total hip a year above which the measurement is doubted.',
    form: percentAYear({ from: 1, to: 100 }),
    rule: '4.12',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  implausibleSpineGain: {
    means: 'Gain of the spine a year above which the measurement is doubted.',
    form: percentAYear({ from: 1, to: 100 }),
    rule: '4.12',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  implausibleSpineLoss: {
    means: 'Loss of the spine a year above which the measurement is doubted.',
    form: percentAYear({ from: 1, to: 100 }),
    rule: '4.12',
    source: 'AACE/ACE 2018: dramatic change in a short time suggests an error; limits own.',
    grade: 'own',
  },
  neckBoxAreaChange: {
    means: 'Change of the area of the femoral neck, with a stable total hip, that speaks for a moved neck box.',
    form: percent({ from: 0.1, to: 100 }),
    rule: '4.12',
    source: 'The box has a fixed size on each scanner type.',
    grade: 'own',
  },
  neckBoxTotalAreaChange: {
    means: 'Change of the area of the total hip up to which it counts as stable.',
    form: percent({ from: 0.1, to: 100 }),
    rule: '4.12',
    source: 'The 2 % rule for areas (Leslie group 2006).',
    grade: 'own',
  },
  sameNumbersTriples: {
    means: 'Equal triples of BMD, BMC and area on two days from which on the numbers are taken for one scan.',
    form: whole('triples', { from: 2, to: 50 }),
    rule: '4.12',
    source: 'Three printed numbers of six regions do not repeat by chance.',
    grade: 'own',
  },
  heightChangeLimit: {
    means: 'Change of height beyond which a study is on the list of changed demographics.',
    form: amount('m', { from: 0.001, to: 0.5 }),
    rule: 'E10',
    source: 'General practice.',
    grade: 'RECALLED',
  },
  minimumTrendScans: {
    means: 'Fewest scans for a trend.',
    form: whole('scans', { from: 3, to: 20 }),
    rule: '4.6',
    source: 'With two scans the trend is the LSC test itself.',
    grade: 'DERIVED',
  },
  hipLossAge: {
    means: 'Age from which on loss with age is named as an explanation of a falling hip.',
    form: whole('years', { from: 40, to: 100 }),
    rule: '4.2',
    source: 'After Warming 2002.',
    grade: 'own',
  },
  antiresorptiveDays: {
    means: 'Time on an antiresorptive agent after which a loss is not expected; longest gap before a switch.',
    form: whole('days', { from: 30, to: 3650 }),
    rule: '4.4',
    source: 'General practice.',
    grade: 'RECALLED',
  },
  ageLossLimit: {
    means: 'Loss at the hip a year up to which age may explain it; a faster one is named as faster than age.',
    form: percentAYear({ from: 0.1, to: 10 }),
    rule: '4.2',
    source: 'After Warming 2002: loss with age stays below it at the hip.',
    grade: 'own',
  },
  anabolicDays: {
    means: 'Time after the start of teriparatide or abaloparatide in which a falling hip is known (18 months).',
    form: whole('days', { from: 30, to: 3650 }),
    rule: '4.4',
    source: 'Watts 2009, for the neck.',
    grade: 'VERIFIED',
  },
  denosumabGapDays: {
    means: 'Time that a dose of denosumab lasts; longer without one counts as a gap (six months and one).',
    form: whole('days', { from: 180, to: 730 }),
    rule: '4.4',
    source: 'ECTS 2020: whatever follows denosumab starts six months after the last dose. The month beside it is own.',
    grade: 'own',
  },
  markerBaselineDays: {
    means: 'Time before the start of an agent from which a sample of P1NP or CTX is its baseline.',
    form: whole('days', { from: 1, to: 3650 }),
    rule: '4.5',
    source: 'Half a year: an older sample says little of the turnover that the agent met.',
    grade: 'own',
  },
  markerResponseFromDays: {
    means: 'Time after the start of an agent from which a sample shows the response.',
    form: whole('days', { from: 1, to: 3650 }),
    rule: '4.5',
    source: 'IOF-ECTS 2017 takes it at three months; a month of tolerance is own.',
    grade: 'own',
  },
  markerResponseToDays: {
    means: 'Time after the start of an agent up to which a sample shows the response.',
    form: whole('days', { from: 1, to: 3650 }),
    rule: '4.5',
    source: 'Later samples speak of adherence more than of the first response.',
    grade: 'own',
  },
  minimumDegreesOfFreedom: {
    means: 'Fewer make a precision study insufficient.',
    form: whole('degrees of freedom', { from: 1, to: 1000 }),
    rule: 'R1.2',
    source: 'The example of Glüer 1995 (VERIFIED) has 27; strict ISCD is 30.',
    grade: 'own',
    concerns: 'precision_studies',
  },
  upperLimitLowerTail: {
    means: 'Probability below the chi-square quantile of the upper limit of a precision error.',
    form: factor({ from: 0.001, to: 0.5 }),
    rule: 'R1.3',
    source: 'Reproduced from +30 % at 27 degrees of freedom in Glüer 1995.',
    grade: 'DERIVED',
    concerns: 'precision_studies',
  },
};
