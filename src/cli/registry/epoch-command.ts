import { type Command, Option } from 'commander';
import { describeDevice } from '../../db/registry/device.ts';
import { listScannerEpochs, type NewScannerEpoch } from '../../db/registry/scanner-epoch.ts';
import { scannerKey } from '../../dxa/values/scanner-key.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { addScannerEpoch, retireScannerEpoch } from '../../jobs/registry/scanner-epoch.ts';
import { dayArgument } from '../terminal/arguments.ts';
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

const REASONS = ['hardware_change', 'relocation', 'calibration_shift', 'other'] as const;

type AddOptions = SignatureOptions & {
  readonly manufacturer: string;
  readonly model: string;
  readonly serial?: string;
  readonly station?: string;
  readonly on: string;
  readonly reason: NewScannerEpoch['reason'];
};

function epochOf(options: AddOptions): NewScannerEpoch {
  const device = {
    manufacturer: options.manufacturer,
    modelName: options.model,
    deviceSerialNumber: options.serial ?? '',
    stationName: options.station ?? '',
  };
  const { key, identified } = scannerKey(device);
  if (!identified) {
    throw new DxaflowError('SCANNER_UNNAMED', '--serial or --station must name one device.', { exitCode: EXIT.usage });
  }
  return { ...device, scannerKey: key, startsOn: options.on, reason: options.reason };
}

export function addEpochCommand(program: Command): void {
  const epoch = program.command('epoch').description('days from which a scanner is treated as a new one');
  signed(epoch.command('add'))
    .description('split the history of a scanner: scans before and after are compared only through a cross-calibration')
    .requiredOption('--manufacturer <name>', 'as written in its reports')
    .requiredOption('--model <name>', 'as written in its reports')
    .option('--serial <number>', 'device serial number')
    .option('--station <name>', 'station name, where there is no serial number')
    .requiredOption('--on <date>', 'first day of the new epoch', dayArgument)
    .addOption(new Option('--reason <reason>').choices(REASONS).makeOptionMandatory())
    .action(async (options: AddOptions) => {
      const added = await withRuntime(({ pool }) => addScannerEpoch(pool, epochOf(options), signatureOf(options)));
      if (added === null) {
        console.log('The scanner already has an epoch starting on that day.');
        return;
      }
      console.log(`Epoch ${added.epochId}. ${reassessmentMessage(added.patientsToAssess)}`);
      for (const key of added.unknownScanners) {
        console.log(`No stored report names the scanner "${key}" yet: check the spelling unless it is new.`);
      }
    });
  epoch
    .command('list')
    .description('list the epochs in force')
    .option('--all', 'include retired ones')
    .action(async ({ all }: { readonly all?: true }) => {
      const epochs = await withRuntime(({ pool }) => listScannerEpochs(pool, { all: all === true }));
      const rows = epochs.map((one) => [
        one.epochId,
        describeDevice(one),
        one.startsOn,
        one.reason,
        one.author,
        one.note,
        one.retiredAt === null ? '' : 'retired',
      ]);
      console.log(renderTable(['id', 'scanner', 'from', 'reason', 'by', 'note', 'state'], rows));
    });
  signed(epoch.command('retire'))
    .description('undo an epoch and rejoin the history of the scanner; the record is kept')
    .argument('<id>')
    .action(async (given: string, options: SignatureOptions) => {
      const id = idArgument('epoch', given);
      const patients = await withRuntime(({ pool }) => retireScannerEpoch(pool, id, signatureOf(options)));
      if (patients === null) throw unknownId('epoch');
      console.log(reassessmentMessage(patients));
    });
}
