import { z } from 'zod';
import { listSiteMappings } from '../../db/registry/site-mapping.ts';
import { listUnmapped } from '../../db/registry/unknown-concept.ts';
import { previewSiteMappings } from '../../jobs/ingest/mapping-preview.ts';
import { addSiteMappings, retireSiteMapping } from '../../jobs/registry/site-mapping.ts';
import { readMapping } from '../../jobs/registry/site-mapping-csv.ts';
import { identityOf } from '../access/guard.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { waitBriefly } from '../answer/wait-briefly.ts';
import { unmappedContent } from '../registry/unmapped.ts';
import { mappingPreviewContent } from '../view/mapping-preview.ts';
import { sendPage } from '../view/send.ts';

const NOTE = z.string().max(500);

/** A preview reads files for this long while a person waits; a site with more of them is told how many it read. */
const PREVIEW_MS = 5_000;

/** Says what unknown codes and labels mean, after showing what that gives, and has the files read again that they concern. */
export function addUnmappedRoutes(app: App, { pool, queues, log, archiveDir, limits }: ServerContext): void {
  app.get(
    '/unmapped',
    { config: { role: 'viewer', shows: 'patients' }, schema: { hide: true } },
    async (request, reply) => {
      const [concepts, mappings] = await Promise.all([listUnmapped(pool), listSiteMappings(pool)]);
      const content = unmappedContent(concepts, mappings, identityOf(request));
      return sendPage(request, reply, { title: 'Unmapped concepts', section: 'lists', content });
    },
  );
  const body = z.record(z.string().max(40), z.string().max(500));
  const shown = { role: 'administrator', shows: 'patients' } as const;
  app.post('/unmapped', { config: shown, schema: { hide: true, body } }, async (request, reply) => {
    const { note = '', confirm, ...fields } = request.body;
    const mapping = readMapping(fields);
    if (confirm !== 'yes') {
      const stopping = AbortSignal.timeout(PREVIEW_MS);
      const preview = await previewSiteMappings({ pool, archiveDir, limits, stopping }, [mapping]);
      const content = mappingPreviewContent(mapping, preview, { ...fields, note });
      return sendPage(request, reply, { title: 'Effect of a mapping', section: 'lists', content });
    }
    const { filesToRead } = await addSiteMappings(pool, [mapping], { by: identityOf(request).actor, note });
    // Committed first, enqueued second: what gets lost in between, the sweep finds.
    await waitBriefly(queues.enqueueIngests(filesToRead), log);
    return await reply.redirect('/unmapped', 303);
  });
  const config = { role: 'administrator', shows: 'nothing' } as const;
  const retire = { hide: true, params: BY_ID, body: z.object({ note: NOTE.min(1) }) } as const;
  app.post('/unmapped/:id/retire', { config, schema: retire }, async (request, reply) => {
    const signature = { by: identityOf(request).actor, note: request.body.note };
    const files = await retireSiteMapping(pool, request.params.id, signature);
    if (files === null) throw problem('NOT_FOUND');
    await waitBriefly(queues.enqueueIngests(files), log);
    return await reply.redirect('/unmapped', 303);
  });
}
