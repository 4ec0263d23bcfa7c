import {
  DISPOSITION_LABELS,
  formatAge,
  formatMoment,
  formatPersonName,
  ruleLabel,
  STATE_LABELS,
  TIER_LABELS,
} from '../../codes/wording.ts';
import type { Identity } from '../../db/access/session.ts';
import type { CaseEvent, CaseTick, ReviewCase } from '../../db/cases/review-case.ts';
import type { FindingOfStudy } from '../../db/records/history-finding.ts';
import type { VisitOfPatient } from '../../db/records/visit.ts';
import type { RejectedInstance } from '../../db/rejection/shown.ts';
import type { PatientContext } from '../../dxa/study/context.ts';
import { html } from '../answer/html.ts';
import type { Series } from '../chart/series.ts';
import type { Markup } from '../view/layout.ts';
import { caseRejections } from '../view/rejections.ts';
import { studyFindingsSection } from '../view/study-findings.ts';
import { reportsSection } from '../view/visit-reports.ts';
import { visitsSection } from '../view/visits.ts';
import { actionsSection, checklistSection, type Draft } from './case-actions.ts';
import { comparisonsSection, measuredSection, supportSection } from './case-comparisons.ts';
import { historySection } from './case-history.ts';
import { contextSection } from './context.ts';
import { trendFigure } from './trend-figure.ts';
import type { Sources } from './value-link.ts';

export type CaseView = {
  readonly found: ReviewCase;
  readonly events: readonly CaseEvent[];
  readonly ticks: readonly CaseTick[];
  readonly sources: Sources;
  readonly series: readonly Series[];
  /** What notes or people have said of the instances that the case looked at. */
  readonly rejections: readonly RejectedInstance[];
  readonly context: PatientContext;
  /** Of the studies that the case is about. */
  readonly findings: readonly FindingOfStudy[];
  /** The visit of the case. */
  readonly visits: readonly VisitOfPatient[];
  readonly people: readonly string[];
  readonly draft: Draft;
  readonly now: Date;
};

function headerSection({ found, now }: CaseView): Markup {
  const issuer = found.issuerOfPatientId === '' ? '' : ` (${found.issuerOfPatientId})`;
  const outcome =
    found.disposition === null || found.resolvedAt === null
      ? ''
      : html`<dt>Resolved</dt><dd>${DISPOSITION_LABELS[found.disposition] ?? found.disposition}, by ${found.resolvedBy ?? ''}, ${formatMoment(found.resolvedAt)}${
          found.flagged ? '' : '; the rule no longer applies to the current values'
        }</dd>`;
  return html`<h1>${ruleLabel(found.rule)} <span class="tag ${found.tier}">${TIER_LABELS[found.tier] ?? found.tier}</span> <span class="tag">${STATE_LABELS[found.state]}</span></h1>
<dl><dt>Patient</dt><dd><a href="/patients/${found.patientKey}">${formatPersonName(found.patientName)}</a>, ${found.patientId}${issuer}, born ${found.birthDate ?? 'not known'}, ${found.sex ?? 'sex not known'}</dd>
<dt>Follow-up study</dt><dd>${found.followUpOn}, accession ${found.accessionNumber ?? 'not given'} <code class="soft screen">${found.studyInstanceUid}</code></dd>
<dt>Rule</dt><dd><code>${found.rule}</code>, rule set ${found.ruleSetVersion}, strength ${found.strength.toFixed(2)}</dd>
<dt>Assigned to</dt><dd>${found.assignee ?? 'not assigned'}; opened ${formatAge(found.openedAt, now)} ago${found.timesReopened === 0 ? '' : `, reopened ${found.timesReopened} time(s)`}</dd>
!${outcome}</dl>
<p class="statement">${found.statement}</p>`;
}

function explanationsSection({ explanations }: ReviewCase): Markup {
  if (explanations.length === 0) return '';
  const items = explanations.map(
    (one) =>
      html`<li>${one.says} <span class="soft">${one.group.replaceAll('_', ' ')}, weight ${String(one.weight)}; ${one.source}</span></li>`,
  );
  return html`<section aria-label="Explanations"><h2>Possible explanations, most likely first</h2><ol>!${items.join('')}</ol>
<p class="soft">Ranked by the evidence in these values. None of them is a diagnosis.</p></section>`;
}

/** One case with its evidence, down to the raw text of each value, and what a reviewer can do with it. */
export function caseContent(view: CaseView, identity: Identity): Markup {
  const { found, sources } = view;
  const scanDays = [...new Set(view.series.flatMap(({ points }) => points.map(({ scannedOn }) => scannedOn)))];
  return html`<p class="screen"><a href="/" data-key="up">← All cases</a></p>
!${headerSection(view)}!${caseRejections(view.rejections)}
<section aria-label="Comparison"><h2>Comparison</h2>!${comparisonsSection(found.evidence, sources)}!${supportSection(found.evidence)}!${measuredSection(found.evidence, sources)}</section>
!${studyFindingsSection(view.findings)}!${visitsSection(view.visits, found.studyIds)}
<section aria-label="Trends"><h2>Trend</h2><div class="columns">!${view.series.map((series) => trendFigure(series, sources)).join('')}</div></section>
!${reportsSection(view.visits)}
!${actionsSection(found, identity, view.people, view.draft)}
<div class="columns"><div>!${explanationsSection(found)}!${contextSection(view.context, scanDays)}!${historySection(view.events)}</div>
<div>!${checklistSection(found, view.ticks, identity)}</div></div>
<p class="keys"><kbd>a</kbd> assign · <kbd>r</kbd> resolve · <kbd>c</kbd> comment · <kbd>u</kbd> back to the list</p>`;
}
