import { conceptName, explainCount, kindLabel, mappingMeaning, wordPreview } from '../../codes/mapping-wording.ts';
import type { NewSiteMapping } from '../../db/registry/site-mapping.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import type { MappingPreview } from '../../jobs/ingest/mapping-preview.ts';
import { exact, html } from '../answer/html.ts';
import { type Markup, table } from './layout.ts';

/** What a mapping would do, and the form that saves it. `fields` are what was chosen, as it came. */
export function mappingPreviewContent(
  mapping: NewSiteMapping,
  preview: MappingPreview,
  fields: Readonly<Record<string, string>>,
): Markup {
  const { read, gives, lists, warnings } = wordPreview(preview, 1);
  const { note = '', ...given } = fields;
  const hidden = Object.entries({ ...given, confirm: 'yes' }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="!${exact(value)}">`,
  );
  const meaning = mappingMeaning({ ...mapping, vertebrae: vertebraeKey(mapping.vertebrae) });
  const model = mapping.modelName === '' ? 'every model' : mapping.modelName;
  const tables = lists.map(({ title, counts }) => {
    const explained = counts.some((one) => explainCount(one) !== '');
    const rows = counts.map(({ count, what }) =>
      explained
        ? html`<tr><td class="number">${String(count)}</td><td>${explainCount({ count, what })} <code class="soft">${what}</code></td></tr>`
        : html`<tr><td class="number">${String(count)}</td><td>${what.replaceAll('_', ' ')}</td></tr>`,
    );
    return html`<h2>${title}</h2>!${table({ label: title, headings: ['#Times', explained ? 'Finding' : 'Value'], rows })}`;
  });
  return html`<p><a href="/unmapped" data-key="up">← Unmapped concepts</a></p><h1>Effect of a mapping</h1>
<p><strong>${conceptName(mapping)}</strong>, in files of ${mapping.vendor}, ${model}, would be ${kindLabel(mapping.kind)}: <strong>${meaning}</strong>.
Nothing has been saved yet.</p>
<p><strong>${gives}</strong> ${read}</p>
!${warnings.map((warning) => html`<p class="problem">${warning}</p>`).join('')}!${tables.join('')}
<form class="filters" method="post" action="/unmapped" aria-label="Save the mapping">!${hidden.join('')}
<label>Note<input name="note" maxlength="500" value="${note}"></label><button>${mapping.ignored ? 'Ignore permanently' : 'Map and read again'}</button> <a href="/unmapped">Cancel</a></form>`;
}
