import { type Command, Option } from 'commander';
import { decisionLabel, formatDay, noteLabel, statusLabel, useLabel } from '../../codes/rejection-wording.ts';
import { readWholeList } from '../../db/qa-list/read-list.ts';
import { shownIn } from '../../db/qa-list/shown.ts';
import { findRejections, listRejectionsOfFile, type RejectedInstance } from '../../db/rejection/shown.ts';
import { type InstanceDecision, TARGET_STATUSES, type TargetStatus } from '../../dxa/study/rejection.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { parseListQuery } from '../../jobs/cases/list-query.ts';
import { decideInstances, type GivenInstances } from '../../jobs/rejection/decide-instances.ts';
import { DEFERRED_TO_SWEEP, enqueueOrDefer } from '../terminal/enqueue-work.ts';
import { logShown } from '../terminal/log-shown.ts';
import { reassessmentMessage, type SignatureOptions, signatureOf, signed } from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { COLUMNS, lineOf } from './qa-lines.ts';

const PAGE = 500;
const WHAT = 'file-ID of a report or of a rejection note (every instance it names), or a SOP Instance UID';

function given(text: string): GivenInstances {
  const fileId = /^file-(\d{1,18})$/.exec(text)?.[1];
  if (fileId !== undefined) return { fileId };
  if (/^[0-9.]{1,64}$/.test(text)) return { sopInstanceUid: text };
  throw new DxaflowError('USAGE', `Name ${WHAT}.`, { exitCode: EXIT.usage });
}

/** One instance for a terminal: whether it counts, and why. */
function renderInstance(instance: RejectedInstance): string {
  const place = [instance.fileId === null ? null : `file-${instance.fileId}`, instance.scannedOn];
  const decided = decisionLabel(instance);
  return [
    [instance.sopInstanceUid, ...place.filter((text) => text !== null), useLabel(instance)].join('  '),
    ...instance.notes.map(
      (one) =>
        `  rejection note file-${one.noteFileId}: ${noteLabel(one)}. ${statusLabel(one)}, since ${formatDay(one.since)}`,
    ),
    ...(decided === null ? [] : [`  ${decided}`]),
  ].join('\n');
}

type ListOptions = { readonly status?: TargetStatus; readonly limit: string; readonly json?: true };

async function list({ status, limit, json }: ListOptions): Promise<void> {
  const reason = status === undefined ? {} : { reason: `REJECTION_${status.toUpperCase()}` };
  const query = parseListQuery({ list: 'rejections', filters: reason, sort: null, limit: Number(limit), after: null });
  const { rows, more } = await withRuntime(async ({ pool }) => {
    const found = [];
    let next: string | null = null;
    for await (const page of readWholeList(pool, query, query.limit, PAGE)) {
      found.push(...page.rows);
      next = page.next;
    }
    await logShown(pool, 'rejection list', shownIn('rejections', found));
    return { rows: found, more: next !== null };
  });
  if (json) for (const row of rows) console.log(JSON.stringify(row));
  else if (rows.length === 0) console.log('No instance is named by a rejection note.');
  else {
    const columns = COLUMNS.rejections;
    const lines = rows.map((row) => lineOf('rejections', row));
    console.log(
      renderTable(
        columns,
        lines.map((line) => columns.map((name) => String(line[name]))),
      ),
    );
  }
  if (more) process.stderr.write('More rows are available: raise --limit.\n');
}

async function show(text: string): Promise<void> {
  const what = given(text);
  const found = await withRuntime(async ({ pool }) => {
    const instances =
      'fileId' in what
        ? await listRejectionsOfFile(pool, what.fileId)
        : await findRejections(pool, [what.sopInstanceUid]);
    await logShown(pool, 'rejection show', {
      patientIds: instances.flatMap(({ patientKey }) => patientKey ?? []),
      fileIds: instances.flatMap(({ fileId }) => fileId ?? []),
    });
    return instances;
  });
  console.log(
    found.length === 0 ? 'No rejection note and no decision refers to it.' : found.map(renderInstance).join('\n'),
  );
}

async function decide(text: string, decision: InstanceDecision['decision'], options: SignatureOptions): Promise<void> {
  const what = given(text);
  const signature = signatureOf(options);
  await withRuntime(async (runtime) => {
    const { instances, patientIds } = await decideInstances(runtime.pool, what, decision, signature);
    if (instances.length === 0) {
      console.log('Nothing to do: this is already the case.');
      return;
    }
    console.log(
      `${instances.length} instance${instances.length === 1 ? '' : 's'}. ${reassessmentMessage(patientIds.length)}`,
    );
    if (patientIds.length === 0) return;
    if (!(await enqueueOrDefer(runtime, (queues) => queues.enqueueAssessments(patientIds))))
      console.log(DEFERRED_TO_SWEEP);
  });
}

export function addRejectionCommand(program: Command): void {
  const rejection = program
    .command('rejection')
    .description('instances taken out of use by rejection notes (IHE IOCM), and decisions that override them');
  rejection
    .command('list')
    .description('every instance named by a note, with its status; latest first')
    .addOption(new Option('--status <status>', 'only this status').choices(TARGET_STATUSES))
    .option('--limit <n>', 'maximum number of rows', '10000')
    .option('--json', 'one JSON object per line')
    .action(list);
  rejection
    .command('show')
    .description('show whether an instance is in use, and why')
    .argument('<what>', WHAT)
    .action(show);
  const decision = (name: string, description: string, value: InstanceDecision['decision']) =>
    signed(rejection.command(name))
      .description(`${description}; requires --note. Existing notes no longer change this decision`)
      .argument('<what>', WHAT)
      .action(async (text: string, options: SignatureOptions) => await decide(text, value, options));
  decision('restore', 'put back in use', 'in_use');
  decision('take-out', 'take out of use', 'out_of_use');
  rejection.addHelpText(
    'after',
    '\nExamples:\n  $ dxaflow rejection list --status other_patient\n  $ dxaflow rejection restore file-120 --by m.weber --note "rejected by mistake; Dr. Lee confirms"',
  );
}
