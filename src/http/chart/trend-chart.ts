import { formatMicro } from '../../dxa/values/quantity.ts';
import { html } from '../answer/html.ts';
import type { Markup } from '../view/layout.ts';
import { dayNumber, linearScale, niceTicks, type Scale, yearTicks } from './scale.ts';
import type { Series, SeriesPoint } from './series.ts';

const WIDTH = 560;
const HEIGHT = 230;
const PLOT = { left: 50, right: WIDTH - 12, top: 14, bottom: HEIGHT - 30 } as const;
const DAYS_AROUND = 90;

const at = (value: number) => value.toFixed(1);

/** One mark; every kind has a shape of its own, so that grey print tells them apart. */
function mark(point: SeriesPoint, x: number, y: number): Markup {
  const facts = html`data-study="${point.studyId}" data-mark="${point.mark}" data-bmd="${formatMicro(point.bmd, 3)}" data-y="${at(y)}"`;
  switch (point.mark) {
    case 'reference':
      return html`<circle class="reference" cx="${at(x)}" cy="${at(y)}" r="6" !${facts}/>`;
    case 'follow_up':
      return html`<path class="point" d="M${at(x)} ${at(y - 7)}L${at(x + 7)} ${at(y)}L${at(x)} ${at(y + 7)}L${at(x - 7)} ${at(y)}Z" !${facts}/>`;
    case 'scan':
      return html`<circle class="point" cx="${at(x)}" cy="${at(y)}" r="4" !${facts}/>`;
    case 'other_scanner':
      return html`<rect class="other-scanner" x="${at(x - 5)}" y="${at(y - 5)}" width="10" height="10" !${facts}/>`;
    case 'excluded':
      return html`<path class="excluded" d="M${at(x - 5)} ${at(y - 5)}L${at(x + 5)} ${at(y + 5)}M${at(x - 5)} ${at(y + 5)}L${at(x + 5)} ${at(y - 5)}" !${facts}/>`;
    default:
      return point.mark satisfies never;
  }
}

function axes(x: Scale, y: Scale, days: readonly [number, number], bmds: readonly [number, number]): Markup {
  const rows = niceTicks(bmds[0], bmds[1], 5).map(
    (value) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at(y(value))}" y2="${at(y(value))}"/>
<text x="${PLOT.left - 6}" y="${at(y(value) + 4)}" text-anchor="end">${formatMicro(Math.round(value), 3)}</text>`,
  );
  const columns = yearTicks(days[0], days[1]).map(
    ({
      day,
      label,
    }) => html`<line class="tick" x1="${at(x(day))}" x2="${at(x(day))}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 5}"/>
<text x="${at(x(day))}" y="${PLOT.bottom + 18}" text-anchor="middle">${label}</text>`,
  );
  return html`!${rows.join('')}!${columns.join('')}<path class="axis" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>`;
}

/** The line joins scans that can be compared: it breaks where the scanner changes and leaves excluded scans out. */
function lines(points: readonly SeriesPoint[], x: (point: SeriesPoint) => number, y: Scale): Markup {
  const joined = points.filter((point) => point.mark !== 'excluded');
  const parts = joined.map((point, index) => {
    const move = index === 0 || joined[index - 1]?.scannerId !== point.scannerId ? 'M' : 'L';
    return `${move}${at(x(point))} ${at(y(point.bmd))}`;
  });
  return html`<path class="line" d="${parts.join('')}"/>`;
}

/** BMD over time as SVG, drawn on the server; the table beside it holds the same numbers. Empty without a scan. */
export function trendChart(series: Series, label: string): Markup {
  const { points, band } = series;
  if (points.length === 0) return '';
  const dayOfPoint = ({ scannedOn }: SeriesPoint) => dayNumber(scannedOn);
  const days = [
    Math.min(...points.map(dayOfPoint)) - DAYS_AROUND,
    Math.max(...points.map(dayOfPoint)) + DAYS_AROUND,
  ] as const;
  const values = [
    ...points.map(({ bmd }) => bmd),
    ...(band === null ? [] : [band.reference - band.lsc, band.reference + band.lsc]),
  ];
  const margin = Math.max((Math.max(...values) - Math.min(...values)) * 0.12, 5000);
  const bmds = [Math.min(...values) - margin, Math.max(...values) + margin] as const;
  const x = linearScale(days, [PLOT.left, PLOT.right]);
  const y = linearScale(bmds, [PLOT.bottom, PLOT.top]);
  const xOf = (point: SeriesPoint) => x(dayOfPoint(point));
  const shade =
    band === null
      ? ''
      : html`<rect class="band" x="${at(x(dayNumber(band.from)))}" y="${at(y(band.reference + band.lsc))}"
 width="${at(PLOT.right - x(dayNumber(band.from)))}" height="${at(y(band.reference - band.lsc) - y(band.reference + band.lsc))}"
 data-low="${formatMicro(band.reference - band.lsc, 3)}" data-high="${formatMicro(band.reference + band.lsc, 3)}"/>
<path class="band-edge" d="M${at(x(dayNumber(band.from)))} ${at(y(band.reference + band.lsc))}H${PLOT.right}M${at(x(dayNumber(band.from)))} ${at(y(band.reference - band.lsc))}H${PLOT.right}"/>`;
  const changes = series.scannerChanges.map(
    (
      on,
    ) => html`<line class="change" x1="${at(x(dayNumber(on)) - 9)}" x2="${at(x(dayNumber(on)) - 9)}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>
<text x="${at(x(dayNumber(on)) - 13)}" y="${PLOT.top + 9}" text-anchor="end">new scanner</text>`,
  );
  return html`<svg class="chart" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-label="BMD over time, ${label}; the table gives the values">
!${axes(x, y, days, bmds)}!${shade}!${changes.join('')}!${lines(points, xOf, y)}!${points.map((point) => mark(point, xOf(point), y(point.bmd))).join('')}
</svg>`;
}
