import { previewSentences, unusableWords } from '../../codes/setting-wording.ts';
import { formatMoment } from '../../codes/wording.ts';
import type { SettingHistoryEntry, SettingShown, SettingsShown } from '../../jobs/settings/list-settings.ts';
import type { SettingPreview } from '../../jobs/settings/preview-setting.ts';
import { exact, html } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';

const signature = (set: SettingShown['set']): string =>
  set === null ? '' : `${set.setBy}, ${formatMoment(set.setAt)}: ${set.reason}`;

const settingRow = (one: SettingShown): Markup =>
  html`<tr data-href="/settings/${one.name}"><td><a href="/settings/${one.name}">${one.name}</a><br><span class="soft">${one.means}</span></td>
<td>!${one.value === one.default ? html`${one.value}` : html`<strong>${one.value}</strong><br><span class="soft">default ${one.default}</span>`}</td>
<td>${one.rule}</td><td>${one.source} <span class="soft">${one.grade}</span></td><td>${signature(one.set)}</td></tr>`;

function unusablePart(unusable: SettingsShown['unusable']): Markup {
  if (unusable.length === 0) return '';
  const rows = unusable.map(
    ({ name, why, set }) =>
      html`<tr><td>${name}</td><td><code>${JSON.stringify(set.value)}</code></td><td>${unusableWords({ why })}</td><td>${signature(set)}</td></tr>`,
  );
  return html`<h2>Stored and not in force</h2><p class="problem">These were set with another release. They are kept, and judge nothing here.</p>
!${table({ label: 'Stored and not in force', headings: ['Setting', 'Stored', 'Why', 'Set by'], rows })}`;
}

/** Every setting with what is in force. */
export function settingsContent({ version, settings, unusable }: SettingsShown): Markup {
  return html`<h1>Settings</h1>
<p class="soft">What every process judges with, for all history. Settings version ${version}: each verdict names the version it was written under.</p>
!${table({ label: 'Settings', headings: ['Setting', 'In force', 'Rule', 'Source of the default', 'Set by'], rows: settings.map(settingRow) })}
!${unusablePart(unusable)}`;
}

/** Input of a person; `text` is null for the default. */
export type SettingInput = { readonly text: string | null; readonly reason: string };

type SettingView = {
  readonly setting: SettingShown;
  readonly history: readonly SettingHistoryEntry[];
  readonly editable: boolean;
  /** Input that was refused, and why. */
  readonly refused: { readonly input: SettingInput; readonly message: string } | null;
};

function valueField({ choices, takes, value }: SettingShown, typed: string): Markup {
  if (choices === null) {
    return html`<label>Value<input name="value" required maxlength="1000" size="40" value="${typed}"></label><span class="soft">${takes}</span>`;
  }
  const options = choices.map(
    (one) => html`<option value="${one}" !${one === (typed === '' ? value : typed) ? 'selected' : ''}>${one}</option>`,
  );
  return html`<label>Value<select name="value">!${options.join('')}</select></label>`;
}

function formPart({ setting, editable, refused }: SettingView): Markup {
  if (!editable) return html`<p class="soft">Administrators change settings.</p>`;
  const action = `/settings/${setting.name}`;
  const reason = html`<label>Reason<input name="reason" required maxlength="500" value="${refused?.input.reason ?? ''}"></label>`;
  return html`<h2>Change it</h2>!${refused === null ? '' : html`<p class="problem">${refused.message}</p>`}
<p class="soft">You will first see what it would change.</p>
<form class="filters" method="post" action="${action}" aria-label="Change the setting">!${valueField(setting, refused?.input.text ?? setting.value)}!${reason}<button>Show what it would change</button></form>
<form class="filters" method="post" action="${action}" aria-label="Back to the default"><input type="hidden" name="default" value="yes">
<label>Reason<input name="reason" required maxlength="500"></label><button>Back to the default (${setting.default})</button></form>`;
}

const historyRow = ({ settingId, value, setBy, setAt, reason }: SettingHistoryEntry): Markup =>
  html`<tr><td class="number">${settingId}</td><td>${value ?? 'default'}</td><td>${setBy}</td><td class="nowrap">${formatMoment(setAt)}</td><td>${reason}</td></tr>`;

/** One setting with its bounds, its source, everything that was ever set, and the form to change it. */
export function settingContent(view: SettingView): Markup {
  const { setting, history } = view;
  return html`<p><a href="/settings" data-key="up">← Settings</a></p><h1>${setting.name}</h1><p>${setting.means}</p>
<dl><dt>In force</dt><dd>${setting.value}</dd><dt>Default</dt><dd>${setting.default}</dd><dt>Takes</dt><dd>${setting.takes}</dd>
<dt>Rule</dt><dd>${setting.rule}</dd><dt>Source of the default</dt><dd>${setting.source} (${setting.grade})</dd></dl>
!${formPart(view)}
<h2>History</h2>!${
    history.length === 0
      ? html`<p>Never set: the default judges.</p>`
      : table({
          label: 'History',
          headings: ['#Version', 'Value', 'Set by', 'At', 'Reason'],
          rows: history.map(historyRow),
        })
  }`;
}

/** What it would change, and the form that does it. */
export function settingPreviewContent(preview: SettingPreview, { text, reason }: SettingInput): Markup {
  const { name } = preview;
  const value =
    text === null
      ? html`<input type="hidden" name="default" value="yes">`
      : html`<input type="hidden" name="value" value="!${exact(text)}">`;
  const [first = '', ...others] = previewSentences(preview);
  return html`<p><a href="/settings/${name}" data-key="up">← ${name}</a></p><h1>Change a setting</h1><p><strong>${first}</strong></p>
!${others.map((sentence) => html`<p>${sentence}</p>`).join('')}
<form class="filters" method="post" action="/settings/${name}" aria-label="Set it">!${value}<input type="hidden" name="confirm" value="yes">
<label>Reason<input name="reason" required maxlength="500" value="${reason}"></label><button>Set it</button> <a href="/settings/${name}">Cancel</a></form>`;
}
