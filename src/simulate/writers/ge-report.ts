import type { DicomElements } from 'dcmjs';
import { fixed } from '../scanner/fixed.ts';
import { bmdOf, type Part } from '../scanner/scan-model.ts';
import type { Scores } from '../scanner/scores.ts';
import { type ReportStyle, USUAL_STYLE } from '../scanner/style.ts';
import { type GeTrend, trendItem } from './ge-trend.ts';
import { GE_MEASURES, GE_ROOT, geRegion, NO_UNITS, OLD_UNITS, UCUM } from './ge-vocabulary.ts';
import { type Code, codeValueItem, containerItem, numItem, personNameItem, textItem } from './sr-elements.ts';

/** One region row of a printout. Scores are absent where enCORE prints none (shaft, differences). */
export type GeRow = {
  readonly label: string;
  readonly part: Part;
  /** Thousandths of g/cm2; only for rows whose BMD is not the ratio of their part (mean, difference). */
  readonly bmd?: number;
  readonly scores: Scores | null;
};

export type GeScanContent = {
  readonly name: Code;
  readonly rows: readonly GeRow[];
  readonly trends?: readonly GeTrend[];
};

export const geRootConcept: Code = GE_ROOT;

export function rowBmd(row: GeRow): number {
  return row.bmd ?? bmdOf(row.part);
}

/** The content of an enCORE report: what stands under the root. */
export function geContent(
  observer: string,
  scans: readonly GeScanContent[],
  style: ReportStyle = USUAL_STYLE,
): readonly DicomElements[] {
  return [
    codeValueItem(
      'HAS CONCEPT MOD',
      ['121049', 'DCM', 'Language of Content Item and Descendants'],
      ['en', 'RFC5646', 'English'],
    ),
    codeValueItem('HAS OBS CONTEXT', ['121005', 'DCM', 'Observer Type'], ['121006', 'DCM', 'Person']),
    personNameItem('HAS OBS CONTEXT', ['121008', 'DCM', 'Person Observer Name'], observer),
    ...scans.map(({ name, rows, trends = [] }) =>
      containerItem(name, [
        ...rows.map((row, index) => regionItem(row, index, style)),
        ...trends.map((trend) => trendItem(trend, style)),
      ]),
    ),
  ];
}

/** "0.985" as "9.85e-001". */
function inExponents(plain: string): string {
  const [mantissa = '', exponent = '0'] = Number(plain).toExponential().split('e');
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(3, '0')}`;
}

function regionItem(row: GeRow, index: number, style: ReportStyle): DicomElements {
  const units = style.ucum ? UCUM : OLD_UNITS;
  const number = (units10: number, decimals: number) => {
    const plain = fixed(units10, decimals);
    return style.decimals === 'plain' ? plain : inExponents(plain);
  };
  const text = (units10: number, decimals: number) => {
    const point = fixed(units10, decimals);
    return style.decimalComma ? point.replace('.', ',') : point;
  };
  const score = (name: Code, tenths: number) =>
    style.scoresAsNumbers ? numItem(name, fixed(tenths, 1), NO_UNITS) : textItem(name, text(tenths, 1));
  const { scores, part } = row;
  const bmd = rowBmd(row);
  return containerItem(geRegion(index, row.label), [
    style.decimalComma
      ? textItem(GE_MEASURES.bmd, `${text(bmd, 3)} g/cm2`)
      : numItem(GE_MEASURES.bmd, number(bmd, 3), units.bmd),
    ...(scores === null
      ? []
      : [
          score(GE_MEASURES.tScore, scores.t),
          score(GE_MEASURES.zScore, scores.z),
          textItem(GE_MEASURES.youngAdult, `${scores.youngAdult} %`),
          textItem(GE_MEASURES.ageMatched, `${scores.ageMatched} %`),
        ]),
    ...(style.bmcAndArea
      ? [
          numItem(GE_MEASURES.bmc, number(part.bmc, 2), units.bmc),
          numItem(GE_MEASURES.area, number(part.area, 2), units.area),
        ]
      : []),
  ]);
}
