import type { Command } from 'commander';
import { inTransaction } from '../../db/pool.ts';
import { listHistoryFindings } from '../../db/records/history-finding.ts';
import { addPhantomPattern, listPhantomPatterns, retirePhantomPattern } from '../../db/records/phantom.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { logShown } from '../terminal/log-shown.ts';
import {
  idArgument,
  reassessmentMessage,
  type SignatureOptions,
  signatureOf,
  signed,
  unknownId,
} from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { addMergeCommands, identity } from './merge-command.ts';

const day = (time: Date | null) => time?.toISOString().slice(0, 10) ?? '';

function addPhantomCommands(patient: Command): void {
  const phantom = patient.command('phantom').description('patterns that identify phantoms and test patients');
  phantom.command('list').action(async () => {
    const patterns = await withRuntime(({ pool }) => listPhantomPatterns(pool));
    const rows = patterns.map(({ patternId, pattern, source, author }) => [patternId, pattern, source, author]);
    console.log(renderTable(['id', 'pattern', 'source', 'by'], rows));
  });
  signed(phantom.command('add'))
    .description('exclude patients whose ID or name matches from lists, comparisons and cases')
    .argument('<pattern>', 'PostgreSQL regular expression, case-insensitive')
    .action(async (pattern: string, options: SignatureOptions) => {
      const touched = await withRuntime(({ pool }) =>
        inTransaction(pool, (transaction) => addPhantomPattern(transaction, pattern, signatureOf(options))),
      ).catch((error: unknown) => {
        if (codeOf(error) !== '2201B' && codeOf(error) !== '23514') throw error;
        throw new DxaflowError('PATTERN_INVALID', 'This is not a regular expression.', { exitCode: EXIT.usage });
      });
      console.log(touched === null ? 'This pattern is already in force.' : reassessmentMessage(touched));
    });
  signed(phantom.command('retire'))
    .argument('<id>', 'ID as listed')
    .action(async (id: string, options: SignatureOptions) => {
      const patternId = idArgument('pattern', id);
      const touched = await withRuntime(({ pool }) =>
        inTransaction(pool, (transaction) => retirePhantomPattern(transaction, patternId, signatureOf(options))),
      );
      if (touched === null) throw unknownId('pattern');
      console.log(reassessmentMessage(touched));
    });
}

export function addPatientCommand(program: Command): void {
  const patient = program.command('patient').description('patient identity: merged IDs, phantoms, contradictions');
  addMergeCommands(patient);
  addPhantomCommands(patient);
  patient
    .command('findings')
    .description('list contradictions between the reports of one study')
    .option('--code <code>', 'only this code')
    .option('--limit <n>', 'maximum number of rows', wholeNumber(1, 100_000), 200)
    .action(async (options: { readonly code?: string; readonly limit: number }) => {
      const found = await withRuntime(async ({ pool }) => {
        await logShown(pool, 'patient findings', {});
        return await listHistoryFindings(pool, { code: options.code ?? null, limit: options.limit });
      });
      const rows = found.map((one) => [
        one.code,
        one.subject,
        identity(one.patientId, one.issuerOfPatientId),
        one.studyInstanceUid,
        day(one.foundAt),
      ]);
      console.log(renderTable(['code', 'about', 'patient', 'study', 'found'], rows));
    });
}
