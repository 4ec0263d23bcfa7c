import type { DicomElements } from 'dcmjs';
import { GE_MEASURES, GE_ROOT, geRegion, UCUM } from './ge-vocabulary.ts';
import { bmdOf, type Part } from './scan-model.ts';
import type { Scores } from './scores.ts';
import { type Code, codeValueItem, containerItem, numItem, personNameItem, textItem } from './sr-elements.ts';

/** One region row of a printout. Scores are absent where enCORE prints none (shaft, differences). */
export type GeRow = {
  readonly label: string;
  readonly part: Part;
  /** Thousandths of g/cm2; only for rows whose BMD is not the ratio of their part (mean, difference). */
  readonly bmd?: number;
  readonly scores: Scores | null;
};

export type GeScanContent = { readonly name: Code; readonly rows: readonly GeRow[] };

/** The content of an enCORE report: what stands under the root. */
export function geContent(observer: string, scans: readonly GeScanContent[]): readonly DicomElements[] {
  return [
    codeValueItem(
      'HAS CONCEPT MOD',
      ['121049', 'DCM', 'Language of Content Item and Descendants'],
      ['en', 'RFC5646', 'English'],
    ),
    codeValueItem('HAS OBS CONTEXT', ['121005', 'DCM', 'Observer Type'], ['121006', 'DCM', 'Person']),
    personNameItem('HAS OBS CONTEXT', ['121008', 'DCM', 'Person Observer Name'], observer),
    ...scans.map(({ name, rows }) => containerItem(name, rows.map(regionItem))),
  ];
}

export const geRootConcept: Code = GE_ROOT;

function regionItem(row: GeRow, index: number): DicomElements {
  const bmd = row.bmd ?? bmdOf(row.part);
  const { scores } = row;
  const scored =
    scores === null
      ? []
      : [
          textItem(GE_MEASURES.tScore, fixed(scores.t, 1)),
          textItem(GE_MEASURES.zScore, fixed(scores.z, 1)),
          textItem(GE_MEASURES.youngAdult, `${scores.youngAdult} %`),
          textItem(GE_MEASURES.ageMatched, `${scores.ageMatched} %`),
        ];
  return containerItem(geRegion(index, row.label), [
    numItem(GE_MEASURES.bmd, fixed(bmd, 3), UCUM.bmd),
    ...scored,
    numItem(GE_MEASURES.bmc, fixed(row.part.bmc, 2), UCUM.bmc),
    numItem(GE_MEASURES.area, fixed(row.part.area, 2), UCUM.area),
  ]);
}

/** Writes a whole number of 10^-decimals as decimal text: (985, 3) = "0.985". */
export function fixed(units: number, decimals: number): string {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const text = decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return units < 0 ? `-${text}` : text;
}
