import { type Command, Option } from 'commander';
import { LATERALITIES, REGIONS } from '../../dxa/values/region.ts';
import { type PinPlace, pinBaseline, unpinBaseline } from '../../jobs/registry/baseline-pin.ts';
import { reassessmentMessage, type SignatureOptions, signatureOf, signed } from '../terminal/signature.ts';
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
  const baseline = program.command('baseline').description('manually pinned baselines');
  placed(baseline.command('pin'), 'Study Instance UID of the baseline scan')
    .description('pin this study as baseline for a region and side instead of the first comparable scan')
    .action(async (options: PinOptions) => {
      const id = await withRuntime(({ pool }) => pinBaseline(pool, placeOf(options), signatureOf(options)));
      console.log(id === null ? 'This study is already pinned there.' : `Pin ${id}. ${reassessmentMessage(1)}`);
    });
  placed(baseline.command('unpin'), 'Study Instance UID of any study of the patient')
    .description('unpin: the first comparable scan becomes the baseline again; the record is kept')
    .action(async (options: PinOptions) => {
      const gone = await withRuntime(({ pool }) => unpinBaseline(pool, placeOf(options), signatureOf(options)));
      console.log(gone ? reassessmentMessage(1) : 'No baseline is pinned there.');
    });
}
