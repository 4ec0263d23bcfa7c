import { z } from 'zod';
import { findPatient } from '../../db/records/patient.ts';
import { listVisitsOfPatient } from '../../db/records/visit.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM, problem } from '../answer/problem.ts';

const VISIT = z.object({
  studyId: z.string().describe('the first study of the visit'),
  studyIds: z.array(z.string()),
  scannedOn: z.string(),
  scanner: z.string().nullable(),
  remarks: z
    .array(z.record(z.string(), z.unknown()))
    .describe('what is noted beside the cases: code, kind, says, facts'),
  report: z.string().describe('draft of the follow-up report in plain lines; empty where there is none'),
});

/** Visits with the drafts of their follow-up reports, for a reporting system to begin with. */
export function addVisitApi(app: App, { pool }: ServerContext): void {
  app.get(
    '/api/patients/:id/visits',
    {
      config: { role: 'viewer', shows: 'patients' },
      schema: {
        tags: ['patients'],
        summary: 'Visits of a patient in order, with drafts of the follow-up reports',
        params: BY_ID,
        response: { 200: z.object({ patient: z.unknown(), visits: z.array(VISIT) }), '4xx': PROBLEM },
      },
    },
    async (request) => {
      const { id } = request.params;
      const patient = await findPatient(pool, id);
      if (patient === null) throw problem('NOT_FOUND');
      willShow(request, { patientIds: [id] });
      const visits = await listVisitsOfPatient(pool, id);
      return {
        patient,
        visits: visits.map(({ studyIds, remarks, ...visit }) => ({
          ...visit,
          studyIds: [...studyIds],
          remarks: remarks.map((remark) => ({ ...remark })),
        })),
      };
    },
  );
}
