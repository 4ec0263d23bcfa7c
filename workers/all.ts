import { startAssess } from '../src/processes/assess.ts';
import { startHttp } from '../src/processes/http.ts';
import { startIngest } from '../src/processes/ingest.ts';
import { startIntake } from '../src/processes/intake.ts';
import { startNightly } from '../src/processes/nightly.ts';
import { runProcess } from '../src/runtime/runtime.ts';

// Everything in one process, for a single machine. What consumes starts before what produces.
await runProcess('all', async (runtime) => {
  await startAssess(runtime);
  await startIngest(runtime);
  const url = await startHttp(runtime, { singleUser: runtime.config.databaseUrl === undefined });
  await startIntake(runtime);
  await startNightly(runtime);
  process.stdout.write(`dxaflow is running. Drop folder: ${runtime.config.dropDir}  Review page: ${url}\n`);
});
