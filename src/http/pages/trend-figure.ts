import { formatRegion, signedDecimal, verdictLabel } from '../../codes/wording.ts';
import { formatMicro } from '../../dxa/values/quantity.ts';
import { html } from '../answer/html.ts';
import type { Mark, Series, SeriesPoint } from '../chart/series.ts';
import { trendChart } from '../chart/trend-chart.ts';
import { type Markup, table } from '../view/layout.ts';
import { type Sources, valueLink } from './value-link.ts';

const SHAPES: Readonly<Record<Mark, string>> = {
  reference: '○',
  follow_up: '◆',
  scan: '●',
  other_scanner: '□',
  excluded: '×',
};

const SHAPE_WORDS: Readonly<Record<Mark, string>> = {
  reference: 'reference scan',
  follow_up: 'this follow-up',
  scan: 'other scan',
  other_scanner: 'another scanner',
  excluded: 'excluded',
};

function pointRow(point: SeriesPoint, sources: Sources): Markup {
  return html`<tr><td class="nowrap">${SHAPES[point.mark]} ${point.scannedOn}</td>
<td class="number" data-bmd="${formatMicro(point.bmd, 3)}">!${valueLink(formatMicro(point.bmd, 3), point.sources, sources)}</td>
<td>${point.scanner}</td><td>${point.note}</td></tr>`;
}

function trendWords({ trend }: Series): string {
  if (trend === null) return '';
  const { studyIds, years, annualRateGramsPerCm2, annualPercent, verdict } = trend;
  return `. Line through ${studyIds.length} scans in ${years.toFixed(1)} years: ${signedDecimal(annualRateGramsPerCm2, 3)} g/cm² (${signedDecimal(annualPercent, 1)} %) a year, ${verdictLabel(verdict)}`;
}

/** A chart with the table of its numbers, and what its shapes mean. */
export function trendFigure(series: Series, sources: Sources): Markup {
  const label = formatRegion(series.region, series.vertebrae, series.laterality);
  if (series.points.length === 0) return '';
  const present = new Set(series.points.map(({ mark }) => mark));
  const key = (Object.keys(SHAPES) as Mark[])
    .filter((mark) => present.has(mark))
    .map((mark) => `${SHAPES[mark]} ${SHAPE_WORDS[mark]}`);
  const band =
    series.band === null
      ? 'no LSC on file, so no band'
      : `shaded: within ± ${formatMicro(series.band.lsc, 3)} g/cm² (LSC) of the reference`;
  return html`<section class="trend" data-region="${series.region}" aria-label="Trend of ${label}"><h3>${label}</h3><figure>
!${trendChart(series, label)}<figcaption class="soft">BMD in g/cm². ${[...key, band].join(' · ')}${trendWords(series)}</figcaption></figure>
!${table({
    label: `Values of ${label}`,
    headings: ['Scan', '#BMD (g/cm²)', 'Scanner', 'Note'],
    rows: series.points.map((point) => pointRow(point, sources)),
  })}</section>`;
}
