import type { ValueSource } from '../../db/cases/review-case.ts';
import { html } from '../answer/html.ts';
import type { Markup } from '../view/layout.ts';

export type Sources = ReadonlyMap<string, ValueSource>;

/** Address of the item in the inspected tree of its file. */
export const treeAddress = (fileId: string, path: string): string => `/files/${fileId}/tree#item-${path}`;

/** A number as a link to where it stands; one that was computed from several links to the first of them. */
export function valueLink(text: string, sources: readonly string[], found: Sources): Markup {
  const value = sources.map((source) => found.get(source)).find((one) => one !== undefined);
  if (value === undefined) return html`${text}`;
  const place = `“${value.rawText}” at ${value.scanLabel} / ${value.rawLabel}, item ${value.treePath} of ${value.dropName}`;
  return html`<a href="${treeAddress(value.sourceFileId, value.treePath)}" title="${place}">${text}</a>`;
}

/** Every value behind a number: raw text, label, tree path, file, adapter, scanner and software. */
export function sourceList(sources: readonly string[], found: Sources): Markup {
  const items = sources.map((source) => {
    const value = found.get(source);
    if (value === undefined) return html`<li>the file has been reprocessed since; this value is superseded</li>`;
    return html`<li>“${value.rawText}” ${value.rawUnit ?? ''} at ${value.scanLabel} / ${value.rawLabel},
<a href="${treeAddress(value.sourceFileId, value.treePath)}">item <code>${value.treePath}</code></a>
of file <a href="/files/${value.sourceFileId}">${value.dropName}</a>, read by ${value.adapterVersion};
scanner ${value.scanner}, software ${value.softwareVersions.join(', ')}!${value.outOfUse ? html` <span class="tag">out of use</span>` : ''}</li>`;
  });
  return html`<ul>!${items.join('')}</ul>`;
}
