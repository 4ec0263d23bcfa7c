import { type Command, Option } from 'commander';
import { DISPOSITIONS } from '../../db/cases/case-life.ts';
import { findReviewCase, listCaseEvents, listCaseTicks } from '../../db/cases/review-case.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { actOnCase, CASE_ACTION } from '../../jobs/cases/review.ts';
import { DEFERRED_TO_SWEEP, enqueueOrDefer } from '../terminal/enqueue-work.ts';
import { logShown } from '../terminal/log-shown.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { renderCase } from './render-case.ts';

type Common = { readonly by: string; readonly caseVersion?: string };

/** Checks what was typed and carries it out; says which option is wrong without repeating what it held. */
async function act(id: string, { by, caseVersion }: Common, action: Readonly<Record<string, unknown>>): Promise<void> {
  const parsed = CASE_ACTION.safeParse({
    caseId: id,
    by,
    version: caseVersion === undefined ? null : Number(caseVersion),
    ...action,
  });
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new DxaflowError('ACTION_INVALID', `The case was not changed. ${wrong}.`, { exitCode: EXIT.usage });
  }
  const { version, deferred } = await withRuntime(async (runtime) => {
    const { patientToAssess, ...acted } = await actOnCase(runtime.pool, parsed.data);
    const enqueued =
      patientToAssess === null ||
      (await enqueueOrDefer(runtime, (queues) => queues.enqueueAssessments([patientToAssess])));
    return { ...acted, deferred: !enqueued };
  });
  console.log(`Case ${id} is now at version ${version}.${deferred ? ` ${DEFERRED_TO_SWEEP}` : ''}`);
}

async function show(id: string, format: 'text' | 'json'): Promise<void> {
  const shown = await withRuntime(async ({ pool }) => {
    const found = /^[1-9]\d{0,17}$/.test(id) ? await findReviewCase(pool, id) : null;
    if (found === null) return null;
    await logShown(pool, 'case show', { patientIds: [found.patientKey] });
    return { found, ticks: await listCaseTicks(pool, id), events: await listCaseEvents(pool, id) };
  });
  if (shown === null) throw new DxaflowError('CASE_UNKNOWN', 'There is no case of this number.');
  const { found, ticks, events } = shown;
  console.log(
    format === 'json' ? JSON.stringify({ ...found, ticks, events }, null, 2) : renderCase(found, ticks, events),
  );
}

export function addCaseCommand(program: Command): void {
  const group = program.command('case').description('view a review case and work on it');
  const action = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument('<id>', 'case number')
      .requiredOption('--by <name>', 'who takes the action')
      .option(
        '--case-version <n>',
        'the version you reviewed; the command fails with STALE_CASE if the case has changed since',
      );
  group
    .command('show')
    .description('show a case with its evidence, explanations, checklist and history')
    .argument('<id>', 'case number')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action(async (id: string, { format }: { readonly format: 'text' | 'json' }) => await show(id, format));
  action('assign', 'assign the case; it is then in review')
    .option('--to <name>', 'assignee; the person given by --by when omitted')
    .option('--unassign', 'remove the assignee')
    .addOption(new Option('--nobody', 'earlier name of --unassign').implies({ unassign: true }).hideHelp())
    .action(async (id: string, options: Common & { readonly to?: string; readonly unassign?: true }) => {
      await act(id, options, { kind: 'assign', to: options.unassign === true ? null : (options.to ?? options.by) });
    });
  action('comment', 'add a comment')
    .requiredOption('--text <text>', 'the comment')
    .action(async (id: string, options: Common & { readonly text: string }) => {
      await act(id, options, { kind: 'comment', text: options.text });
    });
  action('tick', 'tick an item of the checklist')
    .requiredOption('--item <code>', 'the item, as case show names it')
    .option('--note <text>', 'what was found', '')
    .option('--undo', 'untick the item')
    .action(
      async (id: string, options: Common & { readonly item: string; readonly note: string; readonly undo?: true }) => {
        const { item, note } = options;
        await act(id, options, { kind: 'tick', item, note, ticked: options.undo !== true });
      },
    );
  action('resolve', 'resolve the case with a disposition')
    .addOption(new Option('--as <disposition>', 'disposition').choices(DISPOSITIONS).makeOptionMandatory())
    .option('--note <text>', 'findings; required for "other"', '')
    .action(async (id: string, options: Common & { readonly as: string; readonly note: string }) => {
      await act(id, options, { kind: 'resolve', disposition: options.as, note: options.note });
    });
  action('reopen', 'reopen a resolved or withdrawn case')
    .requiredOption('--note <text>', 'why')
    .action(async (id: string, options: Common & { readonly note: string }) => {
      await act(id, options, { kind: 'reopen', note: options.note });
    });
  group.addHelpText(
    'after',
    '\nExample:\n  $ dxaflow case resolve 12 --by "J. Doe" --as artefact --note "L4 sclerotic"',
  );
}
