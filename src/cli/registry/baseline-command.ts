import { type Command, Option } from 'commander';
import { LATERALITIES, REGIONS } from '../../dxa/values/region.ts';
import { type PinPlace, pinBaseline, unpinBaseline } from '../../jobs/registry/baseline-pin.ts';
import { judgedAnew, type SignatureOptions, signatureOf, signed } from '../terminal/signature.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

type PinOptions = SignatureOptions & {
  readonly study: string;
  readonly region: PinPlace['region'];
  readonly side: PinPlace['laterality'];
};

const placeOf = ({ study, region, side }: PinOptions): PinPlace => ({
  studyInstanceUid: study,
  region,
  laterality: side,
});

const placed = (command: Command, study: string): Command =>
  signed(command)
    .requiredOption('--study <uid>', study)
    .addOption(new Option('--region <region>').choices(REGIONS).makeOptionMandatory())
    .addOption(new Option('--side <side>', 'none for the spine').choices(LATERALITIES).makeOptionMandatory());

export function addBaselineCommand(program: Command): void {
  const baseline = program.command('baseline').description('baselines that a person chose');
  placed(baseline.command('pin'), 'Study Instance UID of the scan to start from')
    .description('compare later scans of a region and side with this study instead of the first comparable one')
    .action(async (options: PinOptions) => {
      const id = await withRuntime(({ pool }) => pinBaseline(pool, placeOf(options), signatureOf(options)));
      console.log(id === null ? 'This study is pinned there already.' : `Pin ${id}. ${judgedAnew(1)}`);
    });
  placed(baseline.command('unpin'), 'Study Instance UID of any study of the patient')
    .description('let the first comparable scan be the baseline again; the row is kept')
    .action(async (options: PinOptions) => {
      const gone = await withRuntime(({ pool }) => unpinBaseline(pool, placeOf(options), signatureOf(options)));
      console.log(gone ? judgedAnew(1) : 'Nothing is pinned there.');
    });
}
