import { logAccess } from '../../db/access-log.ts';
import { listIntakeProblems } from '../../db/intake-problem.ts';
import { findPatientOfFile } from '../../db/patient.ts';
import { countSourceFiles, findSourceFile, listFilesWithReasons } from '../../db/source-file.ts';
import {
  findClaimsOfFile,
  findSourceFileDetail,
  listArrivals,
  listDuplicates,
  listValuesOfFile,
} from '../../db/source-file-detail.ts';
import { describeDocument } from '../../dicom/describe.ts';
import { READ_LIMITS } from '../../dicom/limits.ts';
import { readReport } from '../../dicom/read-report.ts';
import { readArchived } from '../../jobs/archive.ts';
import { identityOf } from '../access/guard.ts';
import { type App, BY_ID, type ServerContext } from '../context.ts';
import { fileContent, filesContent, treeContent } from '../pages/files.ts';
import { problem } from '../problem.ts';
import { sendPage } from '../send.ts';

const LIST_LIMIT = 500;
const FEW = 100;
/** Larger files are looked into with "dxaflow inspect": reading them here would keep other pages waiting. */
const TREE_LIMIT_BYTES = 4 * 1024 * 1024;

/** The archived bytes as lines for a reader, or why they are no report. */
async function inspect(
  archiveDir: string,
  file: { readonly archivePath: string; readonly sha256: string },
): Promise<readonly string[]> {
  const bytes = await readArchived(archiveDir, file.archivePath, file.sha256);
  if (bytes.length > TREE_LIMIT_BYTES) return ['The file is too large to be shown here. Use: dxaflow inspect'];
  const result = readReport(bytes, READ_LIMITS);
  if (result.ok) return describeDocument(result.document).split('\n');
  const { code, path, offset } = result.refusal;
  return [
    `Not a report that can be read: ${code}${path === null ? '' : ` at ${path}`}${offset === null ? '' : `, byte ${offset}`}`,
  ];
}

/** Files with their outcomes, and down into the bytes. */
export function addFileRoutes(app: App, { pool, archiveDir }: ServerContext): void {
  const config = { role: 'viewer' } as const;
  const schema = { hide: true, params: BY_ID } as const;
  app.get('/files', { config, schema: { hide: true } }, async (request, reply) => {
    const [counts, files, problems, duplicates] = await Promise.all([
      countSourceFiles(pool),
      listFilesWithReasons(pool, LIST_LIMIT),
      listIntakeProblems(pool, LIST_LIMIT),
      listDuplicates(pool, FEW),
    ]);
    return sendPage(request, reply, {
      title: 'Files',
      section: 'files',
      content: filesContent(counts, files, problems, duplicates),
    });
  });
  app.get('/files/:id', { config, schema }, async (request, reply) => {
    const file = await findSourceFileDetail(pool, request.params.id);
    if (file === null) throw problem('NOT_FOUND');
    const [values, claims, patient, arrivals] = await Promise.all([
      listValuesOfFile(pool, file.id),
      findClaimsOfFile(pool, file.id),
      findPatientOfFile(pool, file.id),
      listArrivals(pool, file.id, FEW),
    ]);
    const patientIds = patient === null ? [] : [patient.id];
    await logAccess(pool, { actor: identityOf(request).actor, route: 'GET /files/:id', patientIds });
    return sendPage(request, reply, {
      title: `File ${file.id}`,
      section: 'files',
      content: fileContent(file, values, claims, patient, arrivals),
    });
  });
  app.get('/files/:id/tree', { config, schema }, async (request, reply) => {
    const { id } = request.params;
    const [file, stored, patient] = await Promise.all([
      findSourceFileDetail(pool, id),
      findSourceFile(pool, id),
      findPatientOfFile(pool, id),
    ]);
    if (file === null || stored === null) throw problem('NOT_FOUND');
    const patientIds = patient === null ? [] : [patient.id];
    await logAccess(pool, { actor: identityOf(request).actor, route: 'GET /files/:id/tree', patientIds });
    const content = treeContent(file, await inspect(archiveDir, stored));
    return sendPage(request, reply, { title: `Inside file ${file.id}`, section: 'files', content });
  });
}
