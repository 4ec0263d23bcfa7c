import { type Command, Option } from 'commander';
import { requeuedMessage } from '../../codes/wording.ts';
import { FAILURE_KINDS, type Failure, listFailures } from '../../db/files/failure.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import {
  chosenFailures,
  enqueueRetries,
  failureFilter,
  type GivenChoice,
  requeueFailed,
} from '../../jobs/work/requeue-failed.ts';
import { DEFERRED_TO_SWEEP, enqueueOrDefer } from '../terminal/enqueue-work.ts';
import { logShown } from '../terminal/log-shown.ts';
import { type SignatureOptions, signatureOf, signed } from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

const PAGE = 500;
const TARGET = /^(file|patient)-(\d{1,18})$/;

type FilterOptions = { readonly kind?: Failure['kind']; readonly code?: string };

const filtered = (command: Command): Command =>
  command
    .addOption(new Option('--kind <kind>', 'only failures of this kind').choices(FAILURE_KINDS))
    .option('--code <code>', 'only failures with this reason');

function given(target: string | undefined, options: GivenChoice): GivenChoice {
  if (target === undefined) return options;
  const [, kind, id] = TARGET.exec(target) ?? [];
  if (id === undefined || options.kind !== undefined) {
    throw new DxaflowError('USAGE', 'Give file-ID or patient-ID exactly as listed.', {
      exitCode: EXIT.usage,
    });
  }
  return { ...options, kind: kind as Failure['kind'], id };
}

export function addFailedCommand(program: Command): void {
  const failed = program.command('failed').description('files and patients whose processing failed');
  filtered(failed.command('list'))
    .description('list them with attempts and reason; an entry is cleared only when its processing succeeds')
    .option('--json', 'one JSON object per line')
    .action(async (options: FilterOptions & { readonly json?: true }) => {
      const rows: Failure[] = [];
      await withRuntime(async ({ pool }) => {
        for (let after: Pick<Failure, 'kind' | 'id'> = { kind: 'file', id: '0' }; ; ) {
          const page = await listFailures(pool, after, PAGE, failureFilter(options));
          const last = page.at(-1);
          if (last === undefined) break;
          rows.push(...page);
          after = last;
        }
        const idsOf = (kind: Failure['kind']) => rows.filter((row) => row.kind === kind).map(({ id }) => id);
        await logShown(pool, 'failed list', { patientIds: idsOf('patient'), fileIds: idsOf('file') });
      });
      if (options.json) {
        for (const row of rows) console.log(JSON.stringify(row));
        return;
      }
      const lines = rows.map(({ kind, id, code, cause, attempts, lastFailedAt, name }) => [
        `${kind}-${id}`,
        code,
        cause,
        String(attempts),
        lastFailedAt.toISOString().slice(0, 19),
        name,
      ]);
      console.log(renderTable(['what', 'reason', 'cause', 'attempts', 'last (UTC)', 'name'], lines));
    });
  signed(filtered(failed.command('requeue')))
    .description('retry, at lower priority than new scans: one, all with a reason or kind, or all')
    .argument('[what]', 'file-ID or patient-ID as listed')
    .option('--all', 'everything')
    .action(async (target: string | undefined, options: FilterOptions & SignatureOptions & { readonly all?: true }) => {
      const choice = chosenFailures(given(target, options));
      const signature = signatureOf(options);
      await withRuntime(async (runtime) => {
        const requeued = await requeueFailed(runtime.pool, choice, signature);
        console.log(requeuedMessage(requeued.files.length, requeued.patients.length));
        if (requeued.files.length + requeued.patients.length === 0) return;
        if (!(await enqueueOrDefer(runtime, (queues) => enqueueRetries(queues, requeued))))
          console.log(DEFERRED_TO_SWEEP);
      });
    });
}
