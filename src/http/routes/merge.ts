import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findSurvivor } from '../../db/records/patient-merge.ts';
import { codeOf } from '../../errors/errors.ts';
import { previewMerge } from '../../jobs/merge/merge-preview.ts';
import { mergePatients, unmergePatient } from '../../jobs/merge/patient-merge.ts';
import { identityOf } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { type MergeForm, mergeContent } from '../pages/merge.ts';
import { sendPage } from '../view/send.ts';

/** Ids travel in the body: an address would be logged. */
export const INTO = z.string().trim().min(1).max(140);
export const REASON = z.string().trim().max(500);

/** Makes two patients one, after both were shown beside each other, and takes it back. */
export function addMergeRoutes(app: App, { pool }: ServerContext): void {
  const config = { role: 'administrator', shows: 'patients' } as const;

  async function showBoth(request: FastifyRequest, reply: FastifyReply, id: string, form: MergeForm, refused: boolean) {
    const preview = await previewMerge(pool, { rowId: id }, form.into);
    willShow(request, { patientIds: [preview.from.id, preview.into.id] });
    return sendPage(request, reply, {
      title: 'Merge',
      section: 'patients',
      status: refused ? 409 : 200,
      content: mergeContent(preview, form, refused),
    });
  }

  const body = z.object({
    into: INTO,
    note: REASON.default(''),
    despite: REASON.default(''),
    confirm: z.literal('yes').optional(),
  });
  app.post('/patients/:id/merge', { config, schema: { hide: true, params: BY_ID, body } }, async (request, reply) => {
    const { id } = request.params;
    const { confirm, ...form } = request.body;
    if (confirm === undefined) return await showBoth(request, reply, id, form, false);
    const signature = { by: identityOf(request).actor, note: form.note };
    try {
      await mergePatients(pool, { from: { rowId: id }, into: form.into, signature, despite: form.despite });
    } catch (error) {
      if (codeOf(error) !== 'PATIENT_MERGE_DISAGREES') throw error;
      return await showBoth(request, reply, id, form, true);
    }
    return await reply.redirect(`/patients/${await findSurvivor(pool, id)}`, 303);
  });

  const why = z.object({ note: REASON.min(1) });
  const unmerge = {
    config: { role: 'administrator', shows: 'nothing' },
    schema: { hide: true, params: BY_ID, body: why },
  } as const;
  app.post('/patients/:id/unmerge', unmerge, async (request, reply) => {
    const { id } = request.params;
    await unmergePatient(pool, { rowId: id }, { by: identityOf(request).actor, note: request.body.note });
    return await reply.redirect(`/patients/${id}`, 303);
  });
}
