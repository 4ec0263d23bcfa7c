import { html } from 'ghtml';

/** Markup that is already escaped. Only the html tag makes it. */
export type Markup = string;

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b2430; --paper: #fff; --soft: #55606e; --line: #cfd6de; --band: #f3f6f9; --accent: #0b5394; --mark: #8a1c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --paper: #14191f; --soft: #a7b2bf; --line: #3a4653; --band: #1d242c; --accent: #8ec1f5; --mark: #ffb4a8; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding-top: 1rem; border-bottom: 1px solid var(--line); padding-bottom: .5rem; }
header strong { font-size: 1.15rem; }
nav a { margin-right: 1rem; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; }
h1 { font-size: 1.5rem; margin: 1.2rem 0 .3rem; }
h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem; }
.soft, footer { color: var(--soft); }
footer { font-size: .9rem; margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .75rem; padding-bottom: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; background: var(--band); }
td.number, th.number { text-align: right; white-space: nowrap; }
.up, .down { font-weight: 600; white-space: nowrap; }
.statement { border-left: 4px solid var(--mark); background: var(--band); padding: .6rem .9rem; margin: .8rem 0; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: .6rem; padding: 0 .5rem; font-size: .85rem; }
code { overflow-wrap: anywhere; font-size: .9em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .4rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { nav, .skip { display: none; } body { font-size: 11pt; } }
`;

/** A whole page around `content`. */
export function page(title: string, content: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · dxaflow</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header><strong>dxaflow</strong><nav aria-label="Main"><a href="/">Review cases</a><a href="/files">Files</a></nav></header>
<main id="content">
!${content}
</main>
<footer>Decision support for quality assurance of bone densitometry. It says what was measured and compared, and what to
check. It is not a medical device and makes no diagnosis.</footer>
</body>
</html>
`;
}
