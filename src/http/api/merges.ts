import { z } from 'zod';
import { previewMerge } from '../../jobs/merge/merge-preview.ts';
import { mergePatients, unmergePatient } from '../../jobs/merge/patient-merge.ts';
import { identityOf } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, ROW_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM } from '../answer/problem.ts';
import { INTO, REASON } from '../routes/merge.ts';

const SIDE = z.object({
  id: ROW_ID,
  ids: z.array(z.string()).describe('as ID^^^ISSUER, with those merged into it'),
  identities: z.array(
    z.object({ name: z.string().nullable(), sex: z.string().nullable(), birthDate: z.string().nullable() }),
  ),
  studies: z.int(),
  firstScanOn: z.string().nullable(),
  lastScanOn: z.string().nullable(),
  scanners: z.array(z.string()),
  cases: z.record(z.string(), z.int()).describe('by state'),
  isPhantom: z.boolean(),
});
const PREVIEW = z.object({
  from: SIDE,
  into: SIDE,
  disagreements: z.array(z.enum(['name', 'sex', 'birth_date'])),
  comparisons: z.int().describe('that would be added, removed or changed'),
  cases: z.array(z.object({ caseId: ROW_ID.nullable(), rule: z.string(), event: z.string() })),
});
const MERGED = z.object({ patientsToAssess: z.int() });
const into = INTO.describe('ID or ID^^^ISSUER of the patient to keep');

/** Two ids of one person, for programs: first looked at, then merged; and taken back. */
export function addMergeApi(app: App, { pool }: ServerContext): void {
  const config = { role: 'administrator', shows: 'nothing' } as const;
  const route = <B extends z.ZodType, A extends z.ZodType>(summary: string, body: B, answer: A) =>
    ({ tags: ['patients'], summary, params: BY_ID, body, response: { 200: answer, '4xx': PROBLEM } }) as const;

  const look = route('Preview of a merge into another patient; writes nothing', z.object({ into }), PREVIEW);
  const shows = { role: 'administrator', shows: 'patients' } as const;
  app.post('/api/patients/:id/merge-preview', { config: shows, schema: look }, async (request) => {
    const preview = await previewMerge(pool, { rowId: request.params.id }, request.body.into);
    willShow(request, { patientIds: [preview.from.id, preview.into.id] });
    return z.parse(PREVIEW, preview);
  });

  const merging = z.object({
    into,
    note: REASON.default('').describe('reason; recorded in the audit log'),
    despite: REASON.optional().describe('why they are the same person although name, sex or birth date disagree'),
  });
  const merge = route('Merge this patient into another', merging, MERGED);
  app.post('/api/patients/:id/merge', { config, schema: merge }, async (request) => {
    const { note, despite = null, ...given } = request.body;
    const signature = { by: identityOf(request).actor, note };
    return await mergePatients(pool, { from: { rowId: request.params.id }, into: given.into, signature, despite });
  });

  const why = z.object({ note: REASON.default('').describe('reason; recorded in the audit log') });
  const unmerge = route('Undo the merge of this patient', why, MERGED);
  app.post('/api/patients/:id/unmerge', { config, schema: unmerge }, async (request) => {
    const signature = { by: identityOf(request).actor, note: request.body.note };
    return await unmergePatient(pool, { rowId: request.params.id }, signature);
  });
}
