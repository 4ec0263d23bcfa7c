import { startHttp } from '../src/processes/http.ts';
import { runProcess } from '../src/runtime/runtime.ts';

// Serves the review pages, /healthz and /readyz.
await runProcess('http', async (runtime) => {
  const url = await startHttp(runtime, { singleUser: runtime.config.databaseUrl === undefined });
  process.stdout.write(`Review page: ${url}\n`);
});
