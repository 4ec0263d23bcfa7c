import type { Identity } from '../../db/access/session.ts';
import { mayDo } from '../access/guard.ts';
import { html } from '../answer/html.ts';
import { SCRIPT, STYLE } from '../assets/assets.ts';

/** Markup that is already escaped. Only the html tag makes it. */
export type Markup = string;

export type Section =
  | 'worklist'
  | 'patients'
  | 'scanners'
  | 'files'
  | 'failed'
  | 'lists'
  | 'nights'
  | 'settings'
  | 'status'
  | 'access'
  | 'api'
  | null;

export type Frame = {
  readonly title: string;
  /** Null before sign-in. */
  readonly identity: Identity | null;
  readonly section: Section;
};

const SECTIONS: readonly (readonly [Exclude<Section, null>, string, string])[] = [
  ['worklist', '/', 'Review cases'],
  ['patients', '/patients', 'Patients'],
  ['scanners', '/scanners', 'Scanners'],
  ['files', '/files', 'Files'],
  ['failed', '/failed', 'Failed'],
  ['lists', '/lists', 'QA lists'],
  ['nights', '/nights', 'Nights'],
  ['settings', '/settings', 'Settings'],
  ['status', '/status', 'Status'],
  ['api', '/api', 'API'],
];

function bar({ identity, section }: Frame): Markup {
  if (identity === null) return '<strong>dxaflow</strong>';
  const entries = mayDo(identity, 'administrator') ? [...SECTIONS, ['access', '/access', 'Access'] as const] : SECTIONS;
  const links = entries.map(([name, href, label]) =>
    name === section ? html`<a href="${href}" aria-current="page">${label}</a>` : html`<a href="${href}">${label}</a>`,
  );
  return html`<strong>dxaflow</strong><nav aria-label="Main">!${links.join('')}</nav>
<div class="who"><span>${identity.actor} (${identity.role})</span>
<form class="inline" method="post" action="/sign-out"><button class="link">Sign out</button></form></div>`;
}

/** A whole page around `content`. */
export function page(frame: Frame, content: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${frame.title} · dxaflow</title>
<link rel="stylesheet" href="${STYLE.url}">
<link rel="icon" href="data:,">
<script src="${SCRIPT.url}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="bar"><div>!${bar(frame)}</div></header>
<main id="content" tabindex="-1">
!${content}
</main>
<footer>Decision support for quality assurance of bone densitometry. It reports what was measured and compared, and what to
check. It is not a medical device and makes no diagnosis.</footer>
</body>
</html>
`;
}

/** Rows under headings, in a box that scrolls on a narrow screen. A heading that starts with "#" is of a number column. */
export function table(options: {
  readonly label: string;
  /** Class under which the style sheet knows the table. */
  readonly name?: string;
  readonly caption?: string;
  readonly headings: readonly string[];
  readonly rows: readonly Markup[];
}): Markup {
  const headings = options.headings.map((heading) =>
    heading.startsWith('#')
      ? html`<th scope="col" class="number">${heading.slice(1)}</th>`
      : html`<th scope="col">${heading}</th>`,
  );
  const caption = options.caption === undefined ? '' : html`<caption>${options.caption}</caption>`;
  return html`<div class="scroll ${options.name ?? ''}" tabindex="0" role="region" aria-label="${options.label}"><table>!${caption}
<thead><tr>!${headings.join('')}</tr></thead><tbody>!${options.rows.join('')}</tbody></table></div>`;
}
