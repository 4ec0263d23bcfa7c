import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findValueSources } from '../../db/cases/review-case.ts';
import type { Pool } from '../../db/pool.ts';
import { readPatientContext } from '../../db/records/context.ts';
import { readHistory } from '../../db/records/history.ts';
import { listFindingsOfPatient } from '../../db/records/history-finding.ts';
import {
  findPatient,
  listComparisonsOfPatient,
  listStudiesOfPatient,
  listTrendsOfPatient,
  searchPatients,
} from '../../db/records/patient.ts';
import { listVisitsOfPatient } from '../../db/records/visit.ts';
import { listRejectionsOfPatient } from '../../db/rejection/shown.ts';
import { regionScans } from '../../dxa/scan/region-scan.ts';
import type { PatientHistory } from '../../dxa/study/history.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import { identityOf, mayDo } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { type Site, seriesOf } from '../chart/series.ts';
import { type PatientView, patientContent, patientsContent } from '../pages/patients.ts';
import { sendPage } from '../view/send.ts';

const SEARCH_LIMIT = 100;
/** Regions that are monitored; others stand in the file's values. */
const CHARTED: readonly string[] = ['spine', 'total_hip', 'femoral_neck', 'radius_33'];

/** Every monitored region and side, with the vertebrae of the latest study. */
function sitesOf(history: PatientHistory): readonly Site[] {
  const sites = new Map<string, Site>();
  for (const study of history.studies.toSorted((a, b) => (a.scannedAt < b.scannedAt ? -1 : 1))) {
    for (const { region, laterality, densities } of regionScans(study)) {
      if (!CHARTED.includes(region)) continue;
      sites.set(`${region}:${laterality}`, { region, laterality, vertebrae: vertebraeKey(densities[0].vertebrae) });
    }
  }
  return [...sites.values()].sort((a, b) => CHARTED.indexOf(a.region) - CHARTED.indexOf(b.region));
}

/** Reads everything that the page of a patient shows; null when there is no such patient. */
async function readPatientView(pool: Pool, id: string): Promise<PatientView | null> {
  const patient = await findPatient(pool, id);
  if (patient === null) return null;
  const [studies, comparisons, trends, history, context, findings, rejections, visits] = await Promise.all([
    listStudiesOfPatient(pool, id),
    listComparisonsOfPatient(pool, id),
    listTrendsOfPatient(pool, id),
    readHistory(pool, id),
    readPatientContext(pool, id),
    listFindingsOfPatient(pool, id),
    listRejectionsOfPatient(pool, id),
    listVisitsOfPatient(pool, id),
  ]);
  const series = sitesOf(history).map((site) => seriesOf(history, site, { comparisons, trends }, null));
  const used = series.flatMap(({ points }) => points.flatMap(({ sources }) => sources));
  const values = await findValueSources(pool, [...new Set(used)]);
  const sources = new Map(values.map((value) => [value.source, value]));
  return { patient, studies, comparisons, series, sources, context, findings, rejections, visits };
}

export function addPatientRoutes(app: App, { pool }: ServerContext): void {
  const config = { role: 'viewer', shows: 'patients' } as const;
  const search = async (request: FastifyRequest, reply: FastifyReply, text: string) => {
    const patients = await searchPatients(pool, text, SEARCH_LIMIT);
    willShow(request, { patientIds: patients.map(({ id }) => id) });
    return sendPage(request, reply, {
      title: 'Patients',
      section: 'patients',
      content: patientsContent(patients, text),
    });
  };
  app.get('/patients', { config, schema: { hide: true } }, async (request, reply) => await search(request, reply, ''));
  const body = z.object({ text: z.string().trim().max(64) });
  app.post(
    '/patients',
    { config, schema: { hide: true, body } },
    async (request, reply) => await search(request, reply, request.body.text),
  );
  app.get('/patients/:id', { config, schema: { hide: true, params: BY_ID } }, async (request, reply) => {
    const view = await readPatientView(pool, request.params.id);
    if (view === null) throw problem('NOT_FOUND');
    const shown = [...view.studies, ...view.rejections].flatMap(({ fileId }) => fileId ?? []);
    willShow(request, { patientIds: [view.patient.id], fileIds: [...new Set(shown)] });
    return sendPage(request, reply, {
      title: `Patient ${view.patient.id}`,
      section: 'patients',
      content: patientContent(view, mayDo(identityOf(request), 'administrator')),
    });
  });
}
