import { startAssess } from '../src/processes/assess.ts';
import { runProcess } from '../src/runtime/runtime.ts';

// Compares each changed patient's scans and opens review cases.
await runProcess('assess', async (runtime) => {
  await startAssess(runtime);
});
