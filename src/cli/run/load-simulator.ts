import { CLI_CODES } from '../../codes/cli-codes.ts';
import { codeOf, DxaflowError } from '../../errors/errors.ts';

/**
 * Loads the simulator, which stands on packages for development. Throws SIMULATOR_NOT_INSTALLED where they were left out, as
 * in the image.
 */
export async function loadSimulator() {
  try {
    const [{ simulateCohort }, { writeCohort }, { lscCsv }] = await Promise.all([
      import('../../simulate/cohort/simulate-cohort.ts'),
      import('../../simulate/cohort/write-cohort.ts'),
      import('../../simulate/cohort/lsc-csv.ts'),
    ]);
    return { simulateCohort, writeCohort, lscCsv };
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    const { text, remedy } = CLI_CODES.SIMULATOR_NOT_INSTALLED;
    throw new DxaflowError('SIMULATOR_NOT_INSTALLED', `${text} ${remedy}`, { cause: error });
  }
}

export type Simulator = Awaited<ReturnType<typeof loadSimulator>>;
