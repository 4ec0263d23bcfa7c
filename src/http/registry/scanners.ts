import { formatMoment, formatRegion } from '../../codes/wording.ts';
import type { Scanner, ScannerUse } from '../../db/records/scanner.ts';
import type { CalibrationFactorsFrom, FactorChange } from '../../db/registry/calibration-factors.ts';
import type { LscOnFile } from '../../db/registry/lsc.ts';
import type { PrecisionOnFile } from '../../db/registry/precision.ts';
import type { ScannerEpochOnFile } from '../../db/registry/scanner-epoch.ts';
import { formatMicro } from '../../dxa/values/quantity.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import { html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

const nameOf = (scanner: Scanner) =>
  [scanner.manufacturer, scanner.modelName, scanner.deviceSerialNumber || scanner.stationName].join(' ').trim();

/** A change of the factors that no epoch answers is to be looked at. */
function changeOf(change: FactorChange | undefined): Markup {
  if (change === undefined) return '';
  const { changedOn, splitsHistory } = change;
  return html`<br><span class="soft">Calibration factors changed on ${changedOn}!${splitsHistory ? '' : html`: <strong>no epoch on file</strong>`}</span>`;
}

export function scannersContent(scanners: readonly ScannerUse[], changes: readonly FactorChange[]): Markup {
  const rows = scanners.map(
    (
      one,
    ) => html`<tr data-href="/scanners/${one.id}"><td><a href="/scanners/${one.id}">${nameOf(one)}</a>${one.identified ? '' : ' (not identified)'}!${changeOf(changes.find(({ scannerId }) => scannerId === one.id))}</td>
<td>${one.institutionName ?? ''}</td><td class="number">${String(one.reports)}</td><td class="nowrap">${one.firstScanOn ?? ''}</td>
<td class="nowrap">${one.lastScanOn ?? ''}</td><td>${one.softwareVersions.join(' · ')}</td></tr>`,
  );
  return html`<h1>Scanners</h1>!${
    rows.length === 0
      ? html`<p>No scanner has sent a report yet.</p>`
      : table({
          label: 'Scanners',
          headings: ['Scanner', 'Institution', '#Reports', 'First scan', 'Last scan', 'Software'],
          rows,
        })
  }`;
}

const place = (one: Pick<LscOnFile, 'roi' | 'laterality'>) =>
  one.laterality === 'any'
    ? `${formatRegion(one.roi.region, vertebraeKey(one.roi.vertebrae), 'none')}, any side`
    : formatRegion(one.roi.region, vertebraeKey(one.roi.vertebrae), one.laterality);

function lscRow(one: LscOnFile): Markup {
  const retired =
    one.retiredAt === null
      ? 'in force'
      : `retired ${formatMoment(one.retiredAt)} by ${one.retiredBy ?? 'not noted'}${one.retiredWhy ? `: ${one.retiredWhy}` : ''}`;
  return html`<tr id="lsc-${one.lscId}"><td class="number">${one.lscId}</td><td>${place(one)}</td><td class="number">${formatMicro(one.leastSignificantChange, 3)}</td>
<td class="number">${String(Math.round(one.confidenceLevel * 1000) / 10)} %</td><td class="number">${one.precisionError === null ? '' : formatMicro(one.precisionError, 4)}</td>
<td class="number">${one.degreesOfFreedom === null ? '' : String(one.degreesOfFreedom)}</td><td class="nowrap">${one.validFrom} – ${one.validTo ?? ''}</td>
<td>${one.source}!${one.precisionStudyId === null ? '' : html` <a href="#precision-${one.precisionStudyId}">study ${one.precisionStudyId}</a>`}</td><td>${one.author}</td><td>${retired}${one.despite === null ? '' : `; filed despite doubt: ${one.despite}`}</td></tr>`;
}

const precisionRow = (one: PrecisionOnFile): Markup =>
  html`<tr id="precision-${one.precisionStudyId}"><td class="number">${one.precisionStudyId}</td><td>${formatRegion(one.roi.region, vertebraeKey(one.roi.vertebrae), one.laterality)}</td>
<td class="nowrap">${one.scannedFrom ?? ''} – ${one.scannedTo ?? ''}</td>
<td class="number">${one.result.pooled === null ? '–' : formatMicro(one.result.pooled.precisionError, 4)}</td>
<td class="number">${one.result.pooled === null ? '–' : String(one.result.pooled.degreesOfFreedom)}</td>
<td>${one.result.verdict.replaceAll('_', ' ')}</td><td>${one.origin}</td><td>${one.author}, ${formatMoment(one.createdAt)}</td>
<td>${one.lscIds.length === 0 ? '' : `LSC ${one.lscIds.join(', ')}`}</td></tr>`;

export type ScannerView = {
  readonly scanner: Scanner;
  readonly factors: readonly CalibrationFactorsFrom[];
  readonly lsc: readonly LscOnFile[];
  readonly precision: readonly PrecisionOnFile[];
  readonly epochs: readonly ScannerEpochOnFile[];
};

const tableOr = (nothing: string, options: Parameters<typeof table>[0]): Markup =>
  options.rows.length === 0 ? html`<p>${nothing}</p>` : table(options);

/** A change of the factors is an event of the scanner: values before and after were not measured alike. */
function factorsPart(factors: readonly CalibrationFactorsFrom[]): Markup {
  if (factors.length === 0) return '';
  const short = (factor: string | null) => (factor === null ? '' : factor.replace(/0+$/, ''));
  return html`<h2>Calibration factors in its reports</h2>!${table({
    label: 'Calibration factors',
    headings: ['In reports of scans from', '#ACF', '#BCF'],
    rows: factors.map(
      ({ scannedOn, acf, bcf }) =>
        html`<tr><td class="nowrap">${scannedOn}</td><td class="number">${short(acf)}</td><td class="number">${short(bcf)}</td></tr>`,
    ),
  })}!${factors.length === 1 ? '' : html`<p>They changed. Record an epoch if the scanner was recalibrated: <code>dxaflow epoch add</code>.</p>`}`;
}

/** A scanner with every LSC there ever was, its precision studies and the days from which it counted as a new one. */
export function scannerContent({ scanner, factors, lsc, precision, epochs }: ScannerView): Markup {
  return html`<p><a href="/scanners" data-key="up">← Scanners</a></p><h1>${nameOf(scanner)}</h1>
<dl><dt>Institution</dt><dd>${scanner.institutionName ?? 'not stated'}</dd><dt>Key</dt><dd><code>${scanner.identityKey}</code></dd>
<dt>Cases</dt><dd><a href="/?scanner=${scanner.id}">Cases of this scanner</a></dd></dl>
!${scanner.identified ? '' : html`<p class="problem">Its files give neither serial number nor station name: scans of this scanner are never compared.</p>`}
<h2>Least significant changes</h2>!${tableOr('None on file: changes on this scanner stay provisional.', {
    label: 'Least significant changes',
    headings: [
      '#No.',
      'Region',
      '#LSC (g/cm²)',
      '#Confidence',
      '#Precision error',
      '#DF',
      'Valid',
      'Source',
      'Author',
      'State',
    ],
    rows: lsc.map(lscRow),
  })}
<h2>Precision studies</h2>!${tableOr('None on file.', {
    label: 'Precision studies',
    headings: ['#No.', 'Region', 'Scanned', '#Precision error', '#DF', 'Verdict', 'Origin', 'Author', 'Gave'],
    rows: precision.map(precisionRow),
  })}
<h2>Changes of the scanner</h2>!${tableOr('None on file.', {
    label: 'Changes of the scanner',
    headings: ['From', 'Reason', 'Note', 'Author'],
    rows: epochs.map(
      (one) =>
        html`<tr><td class="nowrap">${one.startsOn}</td><td>${one.reason.replaceAll('_', ' ')}</td><td>${one.note}</td><td>${one.author}${one.retiredAt === null ? '' : ' (retired)'}</td></tr>`,
    ),
  })}
!${factorsPart(factors)}`;
}
