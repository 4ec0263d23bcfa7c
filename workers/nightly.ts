import { startNightly } from '../src/processes/nightly.ts';
import { runProcess } from '../src/runtime/runtime.ts';

// Computes again at night what newer versions, rules or LSCs make out of date; one is enough, more do no harm.
await runProcess('nightly', async (runtime) => {
  await startNightly(runtime);
});
