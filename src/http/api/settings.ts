import { z } from 'zod';
import { showSettingHistory, showSettings } from '../../jobs/settings/list-settings.ts';
import { previewSetting } from '../../jobs/settings/preview-setting.ts';
import { type AskedSetting, setSetting } from '../../jobs/settings/set-setting.ts';
import { identityOf } from '../access/guard.ts';
import { type App, ROW_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM } from '../answer/problem.ts';
import { BY_NAME, SETTING_REASON, SETTING_SAMPLE, SETTING_VALUE } from '../routes/settings.ts';

const SIGNED = { settingId: ROW_ID, setBy: z.string(), setAt: z.iso.datetime(), reason: z.string() } as const;

const SETTING = z.object({
  name: z.string(),
  value: z.string().describe('in force, with its unit'),
  default: z.string(),
  means: z.string(),
  takes: z.string(),
  choices: z.array(z.string()).nullable(),
  rule: z.string().describe('section of docs/clinical-rules.md'),
  source: z.string().describe('of the default'),
  grade: z.string().describe('how well the source is known (docs/clinical-rules.md)'),
  set: z.object(SIGNED).nullable().describe('who set it last; null: never set'),
});
const SETTINGS = z.object({
  version: ROW_ID.describe('of all settings together; 0: nothing was ever set'),
  settings: z.array(SETTING),
  unusable: z
    .array(
      z.object({
        name: z.string(),
        why: z.enum(['unknown_name', 'value_not_taken']),
        value: z.unknown().describe('as stored'),
        ...SIGNED,
      }),
    )
    .describe('set with another release: kept, and judging nothing'),
});
const HISTORY = z.object({
  history: z.array(
    z.object({ name: z.string(), value: z.string().nullable().describe('null: the default was put back'), ...SIGNED }),
  ),
});
const COUNTS = z.record(z.string(), z.int());
const PREVIEW = z.object({
  name: z.string(),
  before: z.string(),
  after: z.string(),
  patients: z.int().describe('that would be reassessed'),
  judged: z.int().describe(`how many of them were judged for this preview, at most ${SETTING_SAMPLE}`),
  patientsChanged: z.int(),
  comparisons: COUNTS.describe('verdicts that differ, as "down → not_significant"'),
  trends: COUNTS,
  cases: z.record(z.string(), COUNTS).describe('by rule and event'),
});
const CHANGE = z.object({
  name: z.string(),
  before: z.string(),
  after: z.string(),
  written: z.boolean().describe('false: it was set so already'),
  version: ROW_ID,
  patientsToAssess: z.int(),
});

const dated = <T extends { readonly setAt: Date }>({ setAt, ...rest }: T) => ({ ...rest, setAt: setAt.toISOString() });
const value = SETTING_VALUE.nullable().describe('as text, with or without its unit; null: the default of the release');

/** Settings for programs: what is in force, its history, what a change would do, and the change. */
export function addSettingApi(app: App, { pool }: ServerContext): void {
  const shown = { role: 'viewer', shows: 'nothing' } as const;
  const config = { role: 'administrator', shows: 'nothing' } as const;
  const tags = ['settings'];

  const list = {
    tags,
    summary: 'Settings in force, with sources and signatures',
    response: { 200: SETTINGS },
  } as const;
  app.get('/api/settings', { config: shown, schema: list }, async () => {
    const { version, settings, unusable } = await showSettings(pool);
    return z.parse(SETTINGS, {
      version,
      settings: settings.map((one) => ({ ...one, set: one.set === null ? null : dated(one.set) })),
      unusable: unusable.map(({ set, name, why }) => ({ ...dated(set), name, why })),
    });
  });

  const history = {
    tags,
    summary: 'Everything that one setting was ever set to, newest first',
    params: BY_NAME,
    response: { 200: HISTORY, '4xx': PROBLEM },
  } as const;
  app.get('/api/settings/:name/history', { config: shown, schema: history }, async (request) => ({
    history: (await showSettingHistory(pool, request.params.name)).map(dated),
  }));

  const asked = (name: string, text: string | null): AskedSetting => ({ name, text });
  const look = {
    tags,
    summary: 'Preview of a change: a sample of the patients is judged with it; writes nothing',
    params: BY_NAME,
    body: z.object({ value }),
    response: { 200: PREVIEW, '4xx': PROBLEM },
  } as const;
  app.post('/api/settings/:name/preview', { config, schema: look }, async (request) =>
    z.parse(PREVIEW, await previewSetting(pool, asked(request.params.name, request.body.value), SETTING_SAMPLE)),
  );

  const change = {
    tags,
    summary: 'Put a value in force, for all processes and all history',
    params: BY_NAME,
    body: z.object({ value, reason: SETTING_REASON.describe('recorded with the setting and in the audit log') }),
    response: { 200: CHANGE, '4xx': PROBLEM },
  } as const;
  app.post('/api/settings/:name', { config, schema: change }, async (request) => {
    const signature = { by: identityOf(request).actor, note: request.body.reason };
    return await setSetting(pool, asked(request.params.name, request.body.value), signature);
  });
}
