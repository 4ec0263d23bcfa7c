import { startHttp } from '../src/processes/http.ts';
import { runProcess } from '../src/runtime.ts';

// Serves the review pages, /healthz and /readyz.
await runProcess('http', async (runtime) => {
  await startHttp(runtime);
});
