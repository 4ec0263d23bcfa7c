import { explainCode } from '../../codes/codes.ts';
import { noteArchiveProblem } from '../../db/files/archive-problem.ts';
import { listIntakeProblems } from '../../db/files/intake-problem.ts';
import { countSourceFiles, findSourceFile, listFilesWithReasons, type SourceFile } from '../../db/files/source-file.ts';
import {
  findClaimsOfFile,
  findSourceFileDetail,
  listArrivals,
  listDuplicates,
  listValuesOfFile,
} from '../../db/files/source-file-detail.ts';
import type { Pool } from '../../db/pool.ts';
import { findPatientOfFile } from '../../db/records/patient.ts';
import { findNoteOfFile, listNotes, listPrecisionStudiesOf, listRejectionsOfFile } from '../../db/rejection/shown.ts';
import { describeDocument } from '../../dicom/describe.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { readReport } from '../../dicom/read-report.ts';
import { codeOf } from '../../errors/errors.ts';
import { ARCHIVE_PROBLEMS, readArchived } from '../../jobs/archive/archive.ts';
import { identityOf, mayDo } from '../access/guard.ts';
import { type Shown, willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { fileContent, filesContent, treeContent } from '../pages/files.ts';
import { useSection } from '../view/rejections.ts';
import { sendPage } from '../view/send.ts';

const LIST_LIMIT = 500;
const FEW = 100;
/** Larger files are looked into with "dxaflow inspect": reading them here would keep other pages waiting. */
const TREE_LIMIT_BYTES = 4 * 1024 * 1024;

/** What is said instead of the content of a file that the archive does not give; others throw. */
async function withoutBytes(pool: Pool, id: string, error: unknown): Promise<readonly string[]> {
  const code = codeOf(error);
  if (code === 'LIMIT_BYTES') return ['The file is too large to be shown here. Use: dxaflow inspect'];
  if (!ARCHIVE_PROBLEMS.includes(code)) throw error;
  await noteArchiveProblem(pool, id, code);
  const entry = explainCode(code);
  return [`${code}: ${entry?.text ?? ''} ${entry?.remedy ?? ''}`];
}

/** The archived bytes as lines for a reader, or why they are no report. */
async function inspect(
  pool: Pool,
  archiveDir: string,
  file: SourceFile,
  limits: ReadLimits,
): Promise<readonly string[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readArchived(archiveDir, file.archivePath, file.sha256, TREE_LIMIT_BYTES);
  } catch (error) {
    return await withoutBytes(pool, file.id, error);
  }
  const result = readReport(bytes, limits);
  if (result.ok) return describeDocument(result.document).split('\n');
  const { code, path, offset } = result.refusal;
  return [
    `Not a report that can be read: ${code}${path === null ? '' : ` at ${path}`}${offset === null ? '' : `, byte ${offset}`}`,
  ];
}

/** A file without a report has no patient yet, but may still show patient data. */
export const shownOf = (fileId: string, patient: { readonly id: string } | null): Shown => ({
  patientIds: patient === null ? [] : [patient.id],
  fileIds: [fileId],
});

/** Files with their outcomes, and down into the bytes. */
export function addFileRoutes(app: App, { pool, archiveDir, limits }: ServerContext): void {
  const config = { role: 'viewer', shows: 'patients' } as const;
  const schema = { hide: true, params: BY_ID } as const;
  app.get('/files', { config, schema: { hide: true } }, async (request, reply) => {
    const [counts, files, problems, duplicates, notes] = await Promise.all([
      countSourceFiles(pool),
      listFilesWithReasons(pool, LIST_LIMIT),
      listIntakeProblems(pool, LIST_LIMIT),
      listDuplicates(pool, FEW),
      listNotes(pool, FEW),
    ]);
    const others = [...duplicates, ...notes].map(({ fileId }) => fileId);
    willShow(request, { fileIds: [...files.map(({ id }) => id), ...others] });
    return sendPage(request, reply, {
      title: 'Files',
      section: 'files',
      content: filesContent(counts, files, problems, duplicates, notes),
    });
  });
  app.get('/files/:id', { config, schema }, async (request, reply) => {
    const file = await findSourceFileDetail(pool, request.params.id);
    if (file === null) throw problem('NOT_FOUND');
    const [values, claims, patient, arrivals, note, instances, precisionStudies] = await Promise.all([
      listValuesOfFile(pool, file.id),
      findClaimsOfFile(pool, file.id),
      findPatientOfFile(pool, file.id),
      listArrivals(pool, file.id, FEW),
      findNoteOfFile(pool, file.id),
      listRejectionsOfFile(pool, file.id),
      listPrecisionStudiesOf(pool, file.id),
    ]);
    const { patientIds = [], fileIds = [] } = shownOf(file.id, patient);
    const named = instances.flatMap(({ fileId }) => fileId ?? []);
    const whose = instances.flatMap(({ patientKey }) => patientKey ?? []);
    willShow(request, {
      patientIds: [...new Set([...patientIds, ...whose])],
      fileIds: [...new Set([...fileIds, ...arrivals.map(({ fileId }) => fileId), ...named])],
    });
    const use = useSection(
      file.id,
      { note, instances, precisionStudies },
      claims !== null,
      mayDo(identityOf(request), 'administrator'),
    );
    return sendPage(request, reply, {
      title: `File ${file.id}`,
      section: 'files',
      content: fileContent(file, values, claims, patient, arrivals, use),
    });
  });
  app.get('/files/:id/tree', { config, schema }, async (request, reply) => {
    const { id } = request.params;
    const [file, stored, patient] = await Promise.all([
      findSourceFileDetail(pool, id),
      findSourceFile(pool, id),
      findPatientOfFile(pool, id),
    ]);
    if (file === null) throw problem('NOT_FOUND');
    willShow(request, shownOf(id, patient));
    // Too large to be read, it has no hash and is not in the archive.
    const unread = ['The file was moved aside unread because it exceeds the size limit.'];
    const content = treeContent(file, stored === null ? unread : await inspect(pool, archiveDir, stored, limits));
    return sendPage(request, reply, { title: `Inside file ${file.id}`, section: 'files', content });
  });
}
