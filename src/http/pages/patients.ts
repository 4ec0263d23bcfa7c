import {
  formatPersonName,
  formatRegion,
  roundDecimal,
  signedDecimal,
  verdictArrow,
  verdictLabel,
} from '../../codes/wording.ts';
import type { FindingOfStudy } from '../../db/records/history-finding.ts';
import type { Patient, PatientComparison, PatientStudy } from '../../db/records/patient.ts';
import type { VisitOfPatient } from '../../db/records/visit.ts';
import type { RejectedInstance } from '../../db/rejection/shown.ts';
import type { PatientContext } from '../../dxa/study/context.ts';
import { html } from '../answer/html.ts';
import type { Series } from '../chart/series.ts';
import { checkLabel, notKnownText } from '../view/checks.ts';
import { type Markup, table } from '../view/layout.ts';
import { patientRejections } from '../view/rejections.ts';
import { studyFindingsSection } from '../view/study-findings.ts';
import { reportsSection } from '../view/visit-reports.ts';
import { visitsSection } from '../view/visits.ts';
import { contextSection } from './context.ts';
import { mergeSection } from './merge.ts';
import { trendFigure } from './trend-figure.ts';
import type { Sources } from './value-link.ts';

const patientRow = (patient: Patient): Markup =>
  html`<tr data-href="/patients/${patient.id}"><td><a href="/patients/${patient.id}">${formatPersonName(patient.name)}</a></td><td>${patient.patientId}</td>
<td>${patient.issuerOfPatientId}</td><td class="nowrap">${patient.birthDate ?? ''}</td><td class="number">${String(patient.studies)}</td>
<td class="nowrap">${patient.lastScanOn ?? ''}</td><td class="number">${String(patient.waitingCases)}</td></tr>`;

/** Search by id or beginning of the name. The text travels in the request's body: an address would be logged. */
export function patientsContent(patients: readonly Patient[], text: string): Markup {
  return html`<h1>Patients</h1>
<form class="filters" method="post" action="/patients" role="search">
<label>Patient ID, or beginning of the family name<input type="search" name="text" value="${text}" maxlength="64"></label><button>Search</button></form>
!${
    patients.length === 0
      ? html`<p>No patient found.</p>`
      : table({
          label: 'Patients',
          caption: text === '' ? 'Most recent patients' : 'Patients found',
          headings: ['Name', 'Patient ID', 'Issuer', 'Born', '#Studies', 'Last scan', '#Waiting cases'],
          rows: patients.map(patientRow),
        })
  }`;
}

const studyRow = (study: PatientStudy): Markup =>
  html`<tr><td class="nowrap">${study.scannedOn}</td><td>${study.accessionNumber ?? ''}</td>
<td><a href="/scanners/${study.scannerId}">${study.scanner}</a></td><td>${study.softwareVersions.join(', ')}</td>
<td class="number">${study.weightKg === null ? '' : roundDecimal(study.weightKg, 1)}</td><td>${study.regions.join(', ')}</td>
<td><a href="/files/${study.fileId}">${study.dropName}</a>!${study.outOfUse ? html` <span class="tag">out of use</span>` : ''}</td></tr>`;

function comparisonRow(one: PatientComparison): Markup {
  const why = one.blockCode === null ? '' : html`<br><span class="soft">${checkLabel(one.blockCode)}</span>`;
  const unknown =
    one.notKnown.length === 0
      ? ''
      : html`<br><span class="soft" title="${one.notKnown.map(checkLabel).join(' ')}">${notKnownText(one.notKnown)}</span>`;
  return html`<tr><td>${formatRegion(one.region, one.vertebrae, one.laterality)}</td><td>${one.kind}</td>
<td class="nowrap">${one.referenceOn}</td><td class="nowrap">${one.followUpOn}</td>
<td class="nowrap"><span class="${one.verdict}">!${one.deltaGramsPerCm2 === null ? '' : verdictArrow(one.verdict)} ${signedDecimal(one.deltaGramsPerCm2, 3)}</span> (${signedDecimal(one.deltaPercent, 1)} %)</td>
<td class="number">${roundDecimal(one.lscGramsPerCm2, 3)}</td><td class="number">${one.strength === null ? '–' : one.strength.toFixed(2)}</td>
<td>${verdictLabel(one.verdict)}!${why}!${unknown}</td></tr>`;
}

export type PatientView = {
  readonly patient: Patient;
  readonly studies: readonly PatientStudy[];
  readonly comparisons: readonly PatientComparison[];
  readonly series: readonly Series[];
  readonly sources: Sources;
  readonly context: PatientContext;
  readonly findings: readonly FindingOfStudy[];
  readonly rejections: readonly RejectedInstance[];
  readonly visits: readonly VisitOfPatient[];
};

/** A patient with all studies; `mayMerge` for whom the form of the merge is shown. */
export function patientContent(view: PatientView, mayMerge: boolean): Markup {
  const { patient } = view;
  const merged =
    patient.mergedIntoId === null
      ? ''
      : html`<p class="problem">Merged into <a href="/patients/${patient.mergedIntoId}">another patient</a>.</p>`;
  return html`<p class="screen"><a href="/patients" data-key="up">← Patients</a></p>
<h1>${formatPersonName(patient.name)}</h1>!${merged}
<dl><dt>Patient ID</dt><dd>${patient.patientId}${patient.issuerOfPatientId === '' ? '' : ` (${patient.issuerOfPatientId})`}</dd>
<dt>Born</dt><dd>${patient.birthDate ?? 'not known'}, ${patient.sex ?? 'sex not known'}</dd>
<dt>Cases</dt><dd><a href="/?patient=${patient.id}&amp;state=all">${String(patient.waitingCases)} waiting; show all cases</a></dd></dl>
<h2>Studies</h2>!${table({
    label: 'Studies',
    headings: ['Scanned', 'Accession', 'Scanner', 'Software', '#Weight (kg)', 'Scans', 'File'],
    rows: view.studies.map(studyRow),
  })}!${patientRejections(view.rejections)}
<h2>Trend</h2><div class="columns">!${view.series.map((series) => trendFigure(series, view.sources)).join('')}</div>
<h2>Comparisons</h2>!${
    view.comparisons.length === 0
      ? html`<p>None: no region has two scans.</p>`
      : table({
          label: 'Comparisons',
          headings: ['Region', 'Against', 'Reference', 'Follow-up', 'Change (g/cm²)', '#LSC', '#Strength', 'Verdict'],
          rows: view.comparisons.map(comparisonRow),
        })
  }
!${reportsSection(view.visits)}!${visitsSection(view.visits, null)}!${studyFindingsSection(view.findings)}!${contextSection(view.context, [...new Set(view.studies.map(({ scannedOn }) => scannedOn))])}!${mayMerge ? mergeSection(patient) : ''}`;
}
