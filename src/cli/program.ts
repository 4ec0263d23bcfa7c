import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { DxaflowError, EXIT } from '../errors/errors.ts';
import { describeError } from '../runtime/log.ts';
import { addCaseCommand } from './cases/case-command.ts';
import { addQaCommand } from './cases/qa-command.ts';
import { addRejectionCommand } from './cases/rejection-command.ts';
import { addFailedCommand } from './files/failed-command.ts';
import { addIngestCommand } from './files/ingest-command.ts';
import { addInspectCommand } from './files/inspect-command.ts';
import { addSurveyCommand } from './files/survey-command.ts';
import { addPatientCommand } from './people/patient-command.ts';
import { addReportCommand } from './people/report-command.ts';
import { addTokenCommand, addUserCommand } from './people/user-command.ts';
import { addBaselineCommand } from './registry/baseline-command.ts';
import { addContextCommand } from './registry/context-command.ts';
import { addCrossCalibrationCommand } from './registry/crosscal-command.ts';
import { addEpochCommand } from './registry/epoch-command.ts';
import { addLscCommand } from './registry/lsc-command.ts';
import { addMapCommand } from './registry/map-command.ts';
import { addPrecisionCommand } from './registry/precision-command.ts';
import { addSettingsCommand } from './registry/settings-command.ts';
import { addConfigCommand } from './run/config-command.ts';
import { addDemoCommand } from './run/demo-command.ts';
import { addMigrateCommand } from './run/migrate-command.ts';
import { addNightCommand } from './run/night-command.ts';
import { addReprocessCommand } from './run/reprocess-command.ts';
import { addSimulateCommand } from './run/simulate-command.ts';
import { addStartCommand } from './run/start-command.ts';

const EXAMPLES = `
Examples:
  $ dxaflow demo                          try it on simulated files
  $ dxaflow start                         run everything on this machine
  $ dxaflow ingest scans/ --quiet         ingest files without the queue
  $ dxaflow inspect report.dcm            inspect one file
  $ dxaflow lsc import lsc.csv --by NAME  import least significant changes
  $ dxaflow qa list --format csv          the review cases for a spreadsheet
  $ dxaflow qa list --list not-comparable the pairs that cannot be compared, and why
  $ dxaflow case show 12                  one case with evidence, explanations and checklist

Exit codes: 0 done, 1 failure, 2 wrong usage, 78 wrong configuration.
dxaflow is decision support for quality assurance, not a medical device.`;

function buildProgram(): Command {
  const program = new Command('dxaflow')
    .description(
      'Reads DXA structured reports, compares BMD with the least significant change, lists discordant cases.',
    )
    .version(manifest.version, '--version', 'print the version')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(dxaflow --help shows the commands)')
    .exitOverride();
  addStartCommand(program);
  addDemoCommand(program);
  addSimulateCommand(program);
  addMigrateCommand(program);
  addIngestCommand(program);
  addInspectCommand(program);
  addSurveyCommand(program);
  addLscCommand(program);
  addPrecisionCommand(program);
  addCrossCalibrationCommand(program);
  addEpochCommand(program);
  addBaselineCommand(program);
  addPatientCommand(program);
  addRejectionCommand(program);
  addMapCommand(program);
  addQaCommand(program);
  addCaseCommand(program);
  addReportCommand(program);
  addContextCommand(program);
  addUserCommand(program);
  addTokenCommand(program);
  addFailedCommand(program);
  addReprocessCommand(program);
  addNightCommand(program);
  addSettingsCommand(program);
  addConfigCommand(program);
  return program;
}

/** Runs the command line and sets the exit code. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const program = buildProgram();
  const overrideExits = (command: Command): void => {
    for (const child of command.commands) overrideExits(child.exitOverride());
  };
  overrideExits(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end with 0; everything else commander throws is a wrong call.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else if (error instanceof DxaflowError) {
      process.stderr.write(`${error.message} (${error.code})\n`);
      process.exitCode = error.exitCode;
    } else {
      process.stderr.write(`Unexpected failure: ${JSON.stringify(describeError(error))}\n`);
      process.exitCode = EXIT.failure;
    }
  }
}
