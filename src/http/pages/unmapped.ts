import { regionWords } from '../../codes/wording.ts';
import type { Identity } from '../../db/access/session.ts';
import type { SiteMappingRow } from '../../db/registry/site-mapping.ts';
import type { UnmappedConcept } from '../../db/registry/unknown-concept.ts';
import { UNIT_OF } from '../../dxa/values/quantity.ts';
import { LATERALITIES, REGIONS, SCAN_TYPES } from '../../dxa/values/region.ts';
import { mayDo } from '../access/guard.ts';
import { exact, html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

const select = (name: string, label: string, values: readonly string[], empty: string | null): Markup =>
  html`<label>${label}<select name="${name}">!${empty === null ? '' : html`<option value="">${empty}</option>`}!${values
    .map((value) => html`<option value="${value}">${value.replaceAll('_', ' ')}</option>`)
    .join('')}</select></label>`;

/** What has to be said of a concept of each kind. */
function meaningFields(kind: string): Markup {
  if (kind === 'scan')
    return html`!${select('scan_type', 'Kind of scan', SCAN_TYPES, null)}!${select('laterality', 'Side', LATERALITIES, 'as around it')}`;
  if (kind === 'region') {
    return html`!${select('region', 'Region', REGIONS, null)}
<label>Vertebrae, for a spine<input name="vertebrae" placeholder="L1,L2,L3,L4" size="12" maxlength="20"></label>
!${select('laterality', 'Side', LATERALITIES, 'as around it')}`;
  }
  return select('quantity', 'Quantity', Object.keys(UNIT_OF), null);
}

function mapForm(one: UnmappedConcept): Markup {
  // A code is the surer key; a label serves where there is none.
  const given = {
    vendor: one.vendor,
    model_name: one.modelName,
    kind: one.kind,
    code_scheme: one.codeValue === '' ? '' : one.codeScheme,
    code_value: one.codeScheme === '' ? '' : one.codeValue,
    label: one.codeScheme === '' || one.codeValue === '' ? one.label : '',
    ...(one.kind === 'region' && one.scanType !== '' ? { scan_type: one.scanType } : {}),
  };
  const hidden = Object.entries(given).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="!${exact(value)}">`,
  );
  return html`<form class="filters" method="post" action="/unmapped" aria-label="Map ${one.label}">!${hidden.join('')}!${meaningFields(one.kind)}
<label>Note<input name="note" maxlength="500" size="16"></label><button>Map and read again</button></form>`;
}

function conceptRow(one: UnmappedConcept, editable: boolean): Markup {
  return html`<tr><td>${one.label}</td><td><code>${[one.codeValue, one.codeScheme].filter((part) => part !== '').join(', ')}</code></td>
<td>${one.kind}!${one.scanType === '' ? '' : html`<br><span class="soft">in a ${one.scanType} scan</span>`}</td>
<td>${one.vendor}, ${one.modelName}<br><span class="soft">${one.softwareVersions}</span></td>
<td class="number">${String(one.files)}</td><td class="number">${String(one.times)}</td>
<td>!${editable && one.vendor !== '' ? html`<details><summary>map</summary>!${mapForm(one)}</details>` : ''}</td></tr>`;
}

function mappingRow(one: SiteMappingRow, editable: boolean): Markup {
  const meaning =
    one.region !== null
      ? regionWords(one.region, one.vertebrae, one.laterality ?? 'none')
      : [one.scanType, one.quantity, one.laterality].filter((part) => part !== null).join(', ');
  const retire = editable
    ? html`<form class="filters" method="post" action="/unmapped/${one.mappingId}/retire"><label>Why<input name="note" required maxlength="500" size="12"></label><button>Retire</button></form>`
    : '';
  return html`<tr><td class="number">${one.mappingId}</td><td>${one.label ?? ''} <code>${[one.codeValue, one.codeScheme].filter((part) => part !== null).join(', ')}</code></td>
<td>${one.kind}: ${meaning}</td><td>${one.vendor} ${one.modelName}</td><td>${one.author}${one.note === '' ? '' : `: ${one.note}`}</td><td>!${retire}</td></tr>`;
}

/** Codes and labels that nobody knows, each with a form that says what it means; and what was said before. */
export function unmappedContent(
  concepts: readonly UnmappedConcept[],
  mappings: readonly SiteMappingRow[],
  identity: Identity,
): Markup {
  const editable = mayDo(identity, 'administrator');
  return html`<p><a href="/lists" data-key="up">← QA lists</a></p><h1>Unmapped concepts</h1>
<p class="soft">What these codes and labels stand for is not in the database. A mapping is signed with your name, and the files it concerns are read again.
<a href="/lists/unmapped">Every place where they stand</a></p>
!${
    concepts.length === 0
      ? html`<p>Nothing is unmapped.</p>`
      : table({
          label: 'Unmapped concepts',
          headings: ['Label', 'Code', 'Kind', 'From', '#Files', '#Times', 'Meaning'],
          rows: concepts.map((one) => conceptRow(one, editable)),
        })
  }
<h2>Mappings in force</h2>!${
    mappings.length === 0
      ? html`<p>None.</p>`
      : table({
          label: 'Mappings in force',
          headings: ['#No.', 'Concept', 'Meaning', 'For', 'Author', 'Retire'],
          rows: mappings.map((one) => mappingRow(one, editable)),
        })
  }`;
}
