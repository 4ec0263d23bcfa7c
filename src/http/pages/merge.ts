import { caseEffects, sideFacts } from '../../codes/merge-wording.ts';
import type { MergePreview } from '../../jobs/merge/merge-preview.ts';
import { formatFields } from '../../jobs/merge/patient-merge.ts';
import { exact, html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

/** Input already typed, filled in again. */
export type MergeForm = { readonly into: string; readonly note: string; readonly despite: string };

/** On the page of a patient: whom it is the same person as, or that the merge is taken back. */
export function mergeSection(patient: { readonly id: string; readonly mergedIntoId: string | null }): Markup {
  if (patient.mergedIntoId !== null) {
    return html`<h2>Merge</h2><form class="filters" method="post" action="/patients/${patient.id}/unmerge" aria-label="Undo the merge">
<label>Why<input name="note" required maxlength="500"></label><button>Undo the merge</button></form>`;
  }
  return html`<h2>Merge</h2><p class="soft">If this patient is the same person as another, merge this record into the other. You will see both side by side first.</p>
<form class="filters" method="post" action="/patients/${patient.id}/merge" aria-label="Merge">
<label>Patient ID to keep<input name="into" required maxlength="140" placeholder="ID or ID^^^ISSUER" autocomplete="off"></label><button>Compare both</button></form>`;
}

/** Both patients side by side, what the merge would change, and the form that does it. */
export function mergeContent(preview: MergePreview, form: MergeForm, refused: boolean): Markup {
  const { from, into, disagreements, comparisons, cases } = preview;
  const right = sideFacts(into);
  const rows = sideFacts(from).map(({ name, value, field }, place) => {
    const disagrees = field !== null && disagreements.includes(field);
    return html`<tr><th scope="row">${name}</th><td>${value}</td><td>${right[place]?.value ?? ''}</td><td>!${disagrees ? html`<strong>they disagree</strong>` : ''}</td></tr>`;
  });
  const agree = disagreements.length === 0;
  const despite = agree
    ? ''
    : html`<label>Why they are the same person nevertheless<input name="despite" required maxlength="500" value="${form.despite}"></label>`;
  return html`<p><a href="/patients/${from.id}" data-key="up">← Patient</a></p><h1>Merge two patients</h1>
!${refused ? html`<p class="problem">Nothing was merged: say why they are the same person although their reports disagree in ${formatFields(disagreements)}.</p>` : ''}
!${table({ label: 'Both patients', headings: ['Field', 'Merged', 'Kept', 'Agreement'], rows })}
<p>!${agree ? 'Their reports agree in name, sex and birth date.' : html`<strong>Their reports disagree in ${formatFields(disagreements)}.</strong>`}
The merge changes ${String(comparisons)} comparison${comparisons === 1 ? '' : 's'}; ${caseEffects(cases)} It can be undone.</p>
<form class="filters" method="post" action="/patients/${from.id}/merge" aria-label="Merge">
<input type="hidden" name="into" value="!${exact(form.into)}"><input type="hidden" name="confirm" value="yes">!${despite}
<label>Note<input name="note" maxlength="500" value="${form.note}"></label><button>Merge</button> <a href="/patients/${from.id}">Cancel</a></form>`;
}
