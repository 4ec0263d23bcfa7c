import { kindLabel, mappingMeaning } from '../../codes/mapping-wording.ts';
import type { Identity } from '../../db/access/session.ts';
import type { SiteMappingRow } from '../../db/registry/site-mapping.ts';
import type { UnmappedConcept } from '../../db/registry/unknown-concept.ts';
import { UNIT_OF } from '../../dxa/values/quantity.ts';
import { LATERALITIES, REGIONS, SCAN_TYPES } from '../../dxa/values/region.ts';
import { mayDo } from '../access/guard.ts';
import { exact, html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

type Select = {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
  /** What the choice of none says; null where one must be chosen. */
  readonly empty: string | null;
  readonly chosen?: string;
};

function select({ name, label, values, empty, chosen = '' }: Select): Markup {
  const option = (value: string, words: string) =>
    html`<option value="${value}" !${value === chosen ? 'selected' : ''}>${words}</option>`;
  const options = values.map((value) => option(value, value.replaceAll('_', ' ')));
  const none = empty === null ? [] : [option('', empty)];
  return html`<label>${label}<select name="${name}">!${[...none, ...options].join('')}</select></label>`;
}

const side = select({ name: 'laterality', label: 'Side', values: LATERALITIES, empty: 'as the surrounding item' });

/** What has to be said of a concept of each kind. */
function meaningFields(kind: string, one: UnmappedConcept): Markup {
  if (kind === 'scan') {
    return html`!${select({ name: 'scan_type', label: 'Kind of scan', values: SCAN_TYPES, empty: null })}!${side}`;
  }
  if (kind === 'region') {
    const scan = {
      name: 'scan_type',
      label: 'In a scan of the',
      values: SCAN_TYPES,
      empty: 'any',
      chosen: one.scanType,
    };
    return html`!${select({ name: 'region', label: 'Region', values: REGIONS, empty: null })}
<label>Vertebrae, for a spine<input name="vertebrae" placeholder="L1,L2,L3,L4" size="12" maxlength="20"></label>
!${side}!${select(scan)}`;
  }
  const quantities = Object.keys(UNIT_OF);
  return select({ name: 'quantity', label: 'Quantity', values: quantities, empty: null, chosen: one.quantity });
}

const KINDS = ['scan', 'region', 'measure', 'unit'] as const;

type Form = {
  readonly kind: string;
  readonly more: Readonly<Record<string, string>>;
  readonly fields: Markup;
  readonly words: string;
};

function filingForm(one: UnmappedConcept, { kind, more, fields, words }: Form): Markup {
  // A code is the surer key; a label serves where there is none.
  const given = {
    vendor: one.vendor,
    model_name: one.modelName,
    kind,
    code_scheme: one.codeValue === '' ? '' : one.codeScheme,
    code_value: one.codeScheme === '' ? '' : one.codeValue,
    label: one.codeScheme === '' || one.codeValue === '' ? one.label : '',
    ...more,
  };
  const hidden = Object.entries(given).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="!${exact(value)}">`,
  );
  return html`<form class="filters" method="post" action="/unmapped" aria-label="${words}: ${one.label}">!${hidden.join('')}!${fields}
<label>Note<input name="note" maxlength="500" size="16"></label><button>${words}</button></form>`;
}

/** Choices for a concept: first the kind its place suggests, then the other kinds, then ignore. */
function filingForms(one: UnmappedConcept): Markup {
  const mapForm = (kind: string) =>
    filingForm(one, { kind, more: {}, fields: meaningFields(kind, one), words: 'Show the effect' });
  const others = KINDS.filter((kind) => kind !== one.kind).map(
    (kind) => html`<details><summary>it is ${kindLabel(kind)}</summary>!${mapForm(kind)}</details>`,
  );
  const inScan = one.kind === 'region' && one.scanType !== '' ? { scan_type: one.scanType } : {};
  const more = { ...inScan, ignored: 'yes' };
  return html`!${mapForm(one.kind)}!${others.join('')}<details><summary>ignore it permanently</summary>
!${filingForm(one, { kind: one.kind, more, fields: html``, words: 'Show the effect of ignoring' })}</details>`;
}

/** A label from which a possible patient name was removed cannot be mapped here. */
const isShown = ({ codeScheme, codeValue, label }: UnmappedConcept) =>
  (codeScheme !== '' && codeValue !== '') || (label !== '' && !/^<\w+>$/.test(label));

function conceptRow(one: UnmappedConcept, editable: boolean): Markup {
  return html`<tr><td>${one.label}</td><td><code>${[one.codeValue, one.codeScheme].filter((part) => part !== '').join(', ')}</code></td>
<td>${kindLabel(one.kind)}!${one.scanType === '' ? '' : html`<br><span class="soft">in a ${one.scanType.replaceAll('_', ' ')} scan</span>`}!${one.quantity === '' ? '' : html`<br><span class="soft">of ${one.quantity.replaceAll('_', ' ')}</span>`}</td>
<td>${one.vendor}, ${one.modelName}<br><span class="soft">${one.softwareVersions}</span></td>
<td class="number">${String(one.files)}</td><td class="number">${String(one.times)}</td>
<td>!${editable && one.vendor !== '' && isShown(one) ? html`<details><summary>map</summary>!${filingForms(one)}</details>` : ''}</td></tr>`;
}

function mappingRow(one: SiteMappingRow, editable: boolean): Markup {
  const retire = editable
    ? html`<form class="filters" method="post" action="/unmapped/${one.mappingId}/retire"><label>Why<input name="note" required maxlength="500" size="12"></label><button>Retire</button></form>`
    : '';
  return html`<tr><td class="number">${one.mappingId}</td><td>${one.label ?? ''} <code>${[one.codeValue, one.codeScheme].filter((part) => part !== null).join(', ')}</code></td>
<td>${kindLabel(one.kind)}: ${mappingMeaning(one)}</td><td>${one.vendor} ${one.modelName}</td><td>${one.author}${one.note === '' ? '' : `: ${one.note}`}</td><td>!${retire}</td></tr>`;
}

/** Unmapped codes and labels, each with a form to map it; and the mappings in force. */
export function unmappedContent(
  concepts: readonly UnmappedConcept[],
  mappings: readonly SiteMappingRow[],
  identity: Identity,
): Markup {
  const editable = mayDo(identity, 'administrator');
  return html`<p><a href="/lists" data-key="up">← QA lists</a></p><h1>Unmapped concepts</h1>
<p class="soft">These codes and labels are not stored until they are mapped. You see how many values a mapping would add before it is saved;
it is recorded under your name, and the affected files are reprocessed. Ignored entries are no longer listed and change no value; retire one below to list it again.
<a href="/lists/unmapped">All occurrences</a></p>
!${
    concepts.length === 0
      ? html`<p>Nothing is unmapped.</p>`
      : table({
          label: 'Unmapped concepts',
          headings: ['Label', 'Code', 'Kind', 'From', '#Files', '#Times', 'Meaning'],
          rows: concepts.map((one) => conceptRow(one, editable)),
        })
  }
<h2>Mappings in force and ignored entries</h2>!${
    mappings.length === 0
      ? html`<p>None.</p>`
      : table({
          label: 'Mappings in force',
          headings: ['#No.', 'Concept', 'Meaning', 'For', 'Author', 'Retire'],
          rows: mappings.map((one) => mappingRow(one, editable)),
        })
  }`;
}
