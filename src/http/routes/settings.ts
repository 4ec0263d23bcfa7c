import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { codeOf } from '../../errors/errors.ts';
import { showSettingHistory, showSettings } from '../../jobs/settings/list-settings.ts';
import { previewSetting } from '../../jobs/settings/preview-setting.ts';
import { type AskedSetting, setSetting, settingNameOf } from '../../jobs/settings/set-setting.ts';
import { identityOf, mayDo } from '../access/guard.ts';
import type { App, ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { type SettingInput, settingContent, settingPreviewContent, settingsContent } from '../registry/settings.ts';
import { sendPage } from '../view/send.ts';

export const BY_NAME = z.object({
  name: z.string().regex(/^[A-Za-z]\w{0,59}$/, { error: 'must be the name of a setting' }),
});
export const SETTING_VALUE = z.string().trim().max(1000);
export const SETTING_REASON = z.string().trim().min(1).max(500);
/** Patients that a request judges to show what a setting would change: a few seconds. */
export const SETTING_SAMPLE = 200;

const WRONG_INPUT: readonly string[] = ['SETTING_INVALID', 'SETTING_CONTRADICTS'];

/** What judges, who set it, and the forms that change it. */
export function addSettingRoutes(app: App, { pool }: ServerContext): void {
  const shown = { role: 'viewer', shows: 'nothing' } as const;

  async function sendSetting(
    request: FastifyRequest,
    reply: FastifyReply,
    given: string,
    refused: { readonly input: SettingInput; readonly message: string } | null,
  ) {
    const name = settingNameOf(given);
    const [{ settings }, history] = await Promise.all([showSettings(pool), showSettingHistory(pool, name)]);
    const setting = settings.find((one) => one.name === name);
    if (setting === undefined) throw problem('NOT_FOUND');
    const editable = mayDo(identityOf(request), 'administrator');
    const content = settingContent({ setting, history, editable, refused });
    return sendPage(request, reply, {
      title: name,
      section: 'settings',
      status: refused === null ? 200 : 400,
      content,
    });
  }

  app.get('/settings', { config: shown, schema: { hide: true } }, async (request, reply) =>
    sendPage(request, reply, {
      title: 'Settings',
      section: 'settings',
      content: settingsContent(await showSettings(pool)),
    }),
  );
  app.get('/settings/:name', { config: shown, schema: { hide: true, params: BY_NAME } }, async (request, reply) =>
    sendSetting(request, reply, request.params.name, null),
  );

  const body = z.object({
    value: SETTING_VALUE.optional(),
    default: z.literal('yes').optional(),
    reason: SETTING_REASON,
    confirm: z.literal('yes').optional(),
  });
  const config = { role: 'administrator', shows: 'nothing' } as const;
  app.post('/settings/:name', { config, schema: { hide: true, params: BY_NAME, body } }, async (request, reply) => {
    const { name } = request.params;
    const { value = '', reason, confirm } = request.body;
    const text = request.body.default === 'yes' ? null : value;
    const asked: AskedSetting = { name, text };
    try {
      if (confirm === undefined) {
        const preview = await previewSetting(pool, asked, SETTING_SAMPLE);
        const content = settingPreviewContent(preview, { text, reason });
        return sendPage(request, reply, { title: name, section: 'settings', content });
      }
      await setSetting(pool, asked, { by: identityOf(request).actor, note: reason });
    } catch (error) {
      if (!(error instanceof Error) || !WRONG_INPUT.includes(codeOf(error))) throw error;
      return await sendSetting(request, reply, name, { input: { text, reason }, message: error.message });
    }
    return await reply.redirect(`/settings/${name}`, 303);
  });
}
