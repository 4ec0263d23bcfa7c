import type { Command } from 'commander';
import { type Failure, listFailures, requeueFailures } from '../db/failure.ts';
import { DxaflowError, EXIT } from '../errors.ts';
import { openJobQueues } from '../jobs/enqueue.ts';
import { renderTable } from './table.ts';
import { withRuntime } from './with-runtime.ts';

const PAGE = 500;
const TARGET = /^(?:(file|patient)-)?(\d+)$/;

type RequeueOptions = { readonly code?: string; readonly all?: true };

function chosen(target: string | undefined, { code, all }: RequeueOptions) {
  const given = [target, code, all].filter((one) => one !== undefined);
  const match = TARGET.exec(target ?? '');
  if (given.length !== 1 || (target !== undefined && match?.[1] === undefined)) {
    throw new DxaflowError('USAGE', 'Name one of: file-ID or patient-ID as listed, --code CODE, or --all.', {
      exitCode: EXIT.usage,
    });
  }
  if (match === null) return code === undefined ? {} : { code };
  return { kind: match[1] as Failure['kind'], id: match[2] ?? '' };
}

export function addFailedCommand(program: Command): void {
  const failed = program.command('failed').description('files and patients whose processing broke');
  failed
    .command('list')
    .description('all of them, with attempts and reason; nothing leaves this list but by being done')
    .option('--json', 'one JSON object a line')
    .action(async (options: { readonly json?: true }) => {
      const rows: Failure[] = [];
      await withRuntime(async ({ pool }) => {
        for (let after: Pick<Failure, 'kind' | 'id'> = { kind: 'file', id: '0' }; ; ) {
          const page = await listFailures(pool, after, PAGE);
          const last = page.at(-1);
          if (last === undefined) break;
          rows.push(...page);
          after = last;
        }
      });
      if (options.json) {
        for (const row of rows) console.log(JSON.stringify(row));
        return;
      }
      const lines = rows.map(({ kind, id, code, cause, attempts, lastFailedAt }) => [
        `${kind}-${id}`,
        code,
        cause,
        String(attempts),
        lastFailedAt.toISOString().slice(0, 19),
      ]);
      console.log(renderTable(['what', 'reason', 'cause', 'attempts', 'last (UTC)'], lines));
    });
  failed
    .command('requeue')
    .description('try again: one, all of a reason, or all')
    .argument('[what]', 'file-ID or patient-ID as listed')
    .option('--code <code>', 'everything that failed for this reason')
    .option('--all', 'everything')
    .action(async (target: string | undefined, options: RequeueOptions) => {
      const choice = chosen(target, options);
      await withRuntime(async (runtime) => {
        const { files, patients } = await requeueFailures(runtime.pool, choice);
        const queues = await openJobQueues(runtime.queues, (error) => runtime.log.warn({ err: error }, 'queue'));
        try {
          await queues.enqueueIngests(files, 'behind');
          await queues.enqueueAssessments(patients, 'behind');
        } finally {
          await queues.close();
        }
        console.log(`${files.length} files and ${patients.length} patients are tried again.`);
      });
    });
}
