import { z } from 'zod';
import { listAccesses } from '../../db/access/access-log.ts';
import { findSourceFileDetail, listValuesOfFile } from '../../db/files/source-file-detail.ts';
import { readList } from '../../db/qa-list/read-list.ts';
import { shownIn } from '../../db/qa-list/shown.ts';
import {
  findPatient,
  findPatientOfFile,
  listComparisonsOfPatient,
  listStudiesOfPatient,
} from '../../db/records/patient.ts';
import { listScanners } from '../../db/records/scanner.ts';
import { listLsc } from '../../db/registry/lsc.ts';
import { findNoteOfFile, listRejectionsOfFile, listRejectionsOfPatient } from '../../db/rejection/shown.ts';
import { formatMicro } from '../../dxa/values/quantity.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM, problem } from '../answer/problem.ts';
import { shownOf } from '../routes/files.ts';
import { LIST_PARAMS, LIST_VALUE, listQueryOf } from '../routes/lists.ts';
import { ACCESS_QUERY, askedFor, readStatus } from '../routes/status.ts';

const LIMIT = z.coerce.number().int().min(1).max(1000);
const ROWS = z.array(z.record(z.string(), z.unknown()));
const ERRORS = { '4xx': PROBLEM } as const;

/** What programs can read beside the cases. Numbers are decimal text, moments ISO 8601, ids decimal text. */
export function addReadApi(app: App, context: ServerContext): void {
  const { pool } = context;
  const patients = { role: 'viewer', shows: 'patients' } as const;
  const none = { role: 'viewer', shows: 'nothing' } as const;
  const route = <R extends z.ZodType>(tag: string, summary: string, answer: R) =>
    ({ tags: [tag], summary, response: { 200: answer, ...ERRORS } }) as const;

  const lists = {
    ...route(
      'lists',
      'One QA list, in pages; filters as on the command line',
      z.object({ rows: ROWS, next: z.string().nullable() }),
    ),
    params: LIST_PARAMS,
    querystring: z.object({ limit: LIMIT.default(100) }).catchall(LIST_VALUE),
  };
  app.get('/api/lists/:name', { config: patients, schema: lists }, async (request) => {
    const { name } = request.params;
    const { limit, ...given } = request.query;
    const page = await readList(pool, listQueryOf(name, given, limit));
    willShow(request, shownIn(name, page.rows));
    return { rows: [...page.rows], next: page.next };
  });

  const rejections = ROWS.describe('instances named by a rejection note or a decision');
  const patient = z.object({ patient: z.unknown(), studies: ROWS, comparisons: ROWS, rejections });
  app.get(
    '/api/patients/:id',
    {
      config: patients,
      schema: { ...route('patients', 'A patient with studies and comparisons', patient), params: BY_ID },
    },
    async (request) => {
      const { id } = request.params;
      const found = await findPatient(pool, id);
      if (found === null) throw problem('NOT_FOUND');
      const [studies, comparisons, rejected] = await Promise.all([
        listStudiesOfPatient(pool, id),
        listComparisonsOfPatient(pool, id),
        listRejectionsOfPatient(pool, id),
      ]);
      const fileIds = [...studies, ...rejected].flatMap(({ fileId }) => fileId ?? []);
      willShow(request, { patientIds: [id], fileIds: [...new Set(fileIds)] });
      return {
        ...{ patient: found, studies: [...studies], comparisons: [...comparisons] },
        rejections: [...rejected],
      };
    },
  );

  const note = z.unknown().describe('content of the rejection note; null for any other file');
  const file = z.object({ file: z.unknown(), values: ROWS, rejectionNote: note, rejections });
  app.get(
    '/api/files/:id',
    {
      config: patients,
      schema: { ...route('files', 'A file with its outcome, findings and values', file), params: BY_ID },
    },
    async (request) => {
      const found = await findSourceFileDetail(pool, request.params.id);
      if (found === null) throw problem('NOT_FOUND');
      const [values, owner, rejectionNote, rejected] = await Promise.all([
        listValuesOfFile(pool, found.id),
        findPatientOfFile(pool, found.id),
        findNoteOfFile(pool, found.id),
        listRejectionsOfFile(pool, found.id),
      ]);
      const { patientIds = [], fileIds = [] } = shownOf(found.id, owner);
      willShow(request, {
        patientIds: [...new Set([...patientIds, ...rejected.flatMap(({ patientKey }) => patientKey ?? [])])],
        fileIds: [...new Set([...fileIds, ...rejected.flatMap(({ fileId }) => fileId ?? [])])],
      });
      return { file: found, values: [...values], rejectionNote, rejections: [...rejected] };
    },
  );

  app.get(
    '/api/scanners',
    { config: none, schema: route('scanners', 'Scanners and their usage', z.object({ scanners: ROWS })) },
    async () => ({
      scanners: [...(await listScanners(pool))],
    }),
  );
  const withRetired = z.object({ all: z.enum(['yes', 'no']).default('no').describe('include retired ones') });
  app.get(
    '/api/lsc',
    {
      config: none,
      schema: {
        ...route('scanners', 'Least significant changes on file', z.object({ lsc: ROWS })),
        querystring: withRetired,
      },
    },
    async (request) => {
      const entries = await listLsc(pool, { all: request.query.all === 'yes' });
      const decimal = (value: number | null) => (value === null ? null : formatMicro(value, 6));
      return {
        lsc: entries.map(({ roi, leastSignificantChange, precisionError, precisionErrorUpper, given, ...entry }) => ({
          ...entry,
          ...roi,
          lscGramsPerCm2: decimal(leastSignificantChange),
          precisionErrorGramsPerCm2: decimal(precisionError),
          precisionErrorUpperGramsPerCm2: decimal(precisionErrorUpper),
          lscPercent: given?.lscPercent ?? null,
        })),
      };
    },
  );
  app.get(
    '/api/status',
    {
      config: none,
      schema: route('status', 'Backlog, and time of the last activity', z.record(z.string(), z.unknown())),
    },
    async () => ({
      ...(await readStatus(context)),
    }),
  );
  const accessQuery = ACCESS_QUERY.extend({ limit: LIMIT.default(200) });
  app.get(
    '/api/access',
    {
      config: { role: 'administrator', shows: 'patients' },
      schema: {
        ...route('status', 'Who viewed which patient and which file, latest first', z.object({ accesses: ROWS })),
        querystring: accessQuery,
      },
    },
    async (request) => {
      const { patient: patientId = null, file: fileId = null, before: beforeId = null, limit } = request.query;
      willShow(request, askedFor(request.query));
      return { accesses: [...(await listAccesses(pool, { patientId, fileId, beforeId, limit }))] };
    },
  );
}
