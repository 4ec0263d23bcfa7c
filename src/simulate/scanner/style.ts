import type { Random } from './random.ts';

/** How one densitometer's software writes its reports; the results are the same in every style. */
export type ReportStyle = {
  readonly name: string;
  /** Hologic sends images with private results, one a scan; what follows is about GE Lunar. */
  readonly vendor: 'ge-lunar' | 'hologic';
  readonly softwareVersion: string | null;
  /** UCUM since enCORE 11.1. */
  readonly ucum: boolean;
  /** Since 10.2. */
  readonly bmcAndArea: boolean;
  readonly xml: 'none' | 'beside' | 'only' | 'older-only';
  /** Trend containers with the previous study, dates in a local format. */
  readonly trend: 'none' | 'month-first' | 'day-first' | 'month-name';
  /** BMD as text with a decimal comma, T- and Z-scores with a comma too. */
  readonly decimalComma: boolean;
  readonly scoresAsNumbers: boolean;
  /** Regions in one file; enCORE sends up to 25 files a study. */
  readonly regionsPerFile: number;
  /** DualFemur beside Left Femur and Right Femur in one file. */
  readonly repeatHips: boolean;
  /** dcmjs writes every text as UTF-8, so a style in ISO_IR 100 must hold ASCII alone. */
  readonly characterSet: 'ISO_IR 192' | 'ISO_IR 100';
  readonly transferSyntax: 'explicit' | 'implicit' | 'big-endian' | 'deflated' | 'jpeg-lossless' | 'jpeg-2000' | 'rle';
  /** How Hologic writes the head of its tables: in square brackets, as seen, or in round ones, never seen. */
  readonly headerCells: 'square-brackets' | 'superscript' | 'round-brackets';
  /** A dual hip in ScanMode and ScanMode2, as seen, or in one word, never seen. */
  readonly dualHip: 'two-modes' | 'one-mode';
  /** GE Lunar: the XML comes on an image instead of a report. */
  readonly carrier: 'report' | 'image';
  /** "1.066", or "1.066000e+000" as some C runtimes print it. */
  readonly decimals: 'plain' | 'three-digit-exponent';
  /** A placeholder in Acquisition Date beside a good Study Date. */
  readonly acquisitionDate: string | null;
};

export const USUAL_STYLE: ReportStyle = {
  name: 'usual',
  vendor: 'ge-lunar',
  softwareVersion: null,
  ucum: true,
  bmcAndArea: true,
  xml: 'none',
  trend: 'none',
  decimalComma: false,
  scoresAsNumbers: false,
  regionsPerFile: 100,
  repeatHips: false,
  characterSet: 'ISO_IR 192',
  transferSyntax: 'explicit',
  headerCells: 'square-brackets',
  dualHip: 'two-modes',
  carrier: 'report',
  decimals: 'plain',
  acquisitionDate: null,
};

/** Every variant that the sources report, one habit or version at a time. */
export const STYLES: readonly [ReportStyle, ...ReportStyle[]] = [
  USUAL_STYLE,
  { ...USUAL_STYLE, name: 'hologic', vendor: 'hologic' },
  {
    ...USUAL_STYLE,
    name: 'hologic-superscript',
    vendor: 'hologic',
    headerCells: 'superscript',
    transferSyntax: 'implicit',
  },
  { ...USUAL_STYLE, name: 'hologic-compressed', vendor: 'hologic', transferSyntax: 'jpeg-lossless' },
  {
    ...USUAL_STYLE,
    name: 'hologic-round-brackets',
    vendor: 'hologic',
    headerCells: 'round-brackets',
    dualHip: 'one-mode',
  },
  {
    ...USUAL_STYLE,
    name: 'encore-9',
    softwareVersion: '9.30.044',
    ucum: false,
    bmcAndArea: false,
    transferSyntax: 'implicit',
  },
  { ...USUAL_STYLE, name: 'encore-10', softwareVersion: '10.20.028', ucum: false },
  { ...USUAL_STYLE, name: 'trend-month-first', trend: 'month-first' },
  { ...USUAL_STYLE, name: 'trend-day-first', trend: 'day-first', transferSyntax: 'big-endian' },
  { ...USUAL_STYLE, name: 'trend-month-name', trend: 'month-name', characterSet: 'ISO_IR 100' },
  { ...USUAL_STYLE, name: 'decimal-comma', decimalComma: true },
  { ...USUAL_STYLE, name: 'scores-as-numbers', scoresAsNumbers: true, transferSyntax: 'deflated' },
  { ...USUAL_STYLE, name: 'many-files', regionsPerFile: 3 },
  { ...USUAL_STYLE, name: 'hips-repeated', repeatHips: true },
  { ...USUAL_STYLE, name: 'xml-beside', xml: 'beside', trend: 'month-first' },
  { ...USUAL_STYLE, name: 'xml-only', xml: 'only' },
  { ...USUAL_STYLE, name: 'xml-on-image', xml: 'only', carrier: 'image' },
  { ...USUAL_STYLE, name: 'three-digit-exponents', decimals: 'three-digit-exponent' },
  { ...USUAL_STYLE, name: 'placeholder-dates', acquisitionDate: '19000101' },
  { ...USUAL_STYLE, name: 'older-xml-only', softwareVersion: '11.40.004', xml: 'older-only' },
];

/** `usual` is one current style for all; `every` gives each patient one of all styles. */
export type Variety = 'usual' | 'every';

export function drawStyle(random: Random, variety: Variety): ReportStyle {
  return variety === 'usual' ? USUAL_STYLE : random.pick(STYLES);
}
