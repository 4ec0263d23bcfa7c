import { startIngest } from '../src/processes/ingest.ts';
import { runProcess } from '../src/runtime/runtime.ts';

// Reads received files and stores what they say; run as many as there are processors.
await runProcess('ingest', async (runtime) => {
  await startIngest(runtime);
});
