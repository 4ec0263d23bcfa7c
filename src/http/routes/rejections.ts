import { z } from 'zod';
import { decideInstances } from '../../jobs/rejection/decide-instances.ts';
import { identityOf } from '../access/guard.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM } from '../answer/problem.ts';
import { waitBriefly } from '../answer/wait-briefly.ts';

const DECISIONS = [
  ['restore', 'in_use', 'Put the report of a file, or every instance named by a rejection note, back in use'],
  ['take-out', 'out_of_use', 'Take the report of a file, or every instance named by a rejection note, out of use'],
] as const;

const BODY = z.object({ note: z.string().trim().min(1).max(500).describe('reason; recorded in the audit log') });
const ANSWER = z.object({ instances: z.int().describe('whose status changed'), patientsToAssess: z.int() });

/** What a person says of an instance: as a form of the page of a file, and for programs. */
export function addRejectionRoutes(app: App, { pool, queues, log }: ServerContext): void {
  const config = { role: 'administrator', shows: 'nothing' } as const;
  for (const [action, decision, summary] of DECISIONS) {
    const decide = async (fileId: string, by: string, note: string) => {
      const decided = await decideInstances(pool, { fileId }, decision, { by, note });
      await waitBriefly(queues.enqueueAssessments(decided.patientIds), log);
      return decided;
    };
    app.post(
      `/files/:id/${action}`,
      { config, schema: { hide: true, params: BY_ID, body: BODY } },
      async (request, reply) => {
        await decide(request.params.id, identityOf(request).actor, request.body.note);
        return await reply.redirect(`/files/${request.params.id}`, 303);
      },
    );
    app.post(
      `/api/files/:id/${action}`,
      {
        config,
        schema: {
          ...{ tags: ['files'], summary, params: BY_ID, body: BODY },
          description: 'Reversible. It overrides the rejection notes received so far; a later note is applied.',
          response: { 200: ANSWER, '4xx': PROBLEM },
        },
      },
      async (request) => {
        const { instances, patientIds } = await decide(request.params.id, identityOf(request).actor, request.body.note);
        return { instances: instances.length, patientsToAssess: patientIds.length };
      },
    );
  }
}
