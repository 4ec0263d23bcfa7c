import { connectQueues } from '../../../src/queue/connect.ts';

// A worker that dies over its first job, as one does whose process runs out of memory.
const [url = '', namespace = ''] = process.argv.slice(2);
const worker = await connectQueues(url, namespace, { lockMs: 1000 }).openWorker(
  'ingest',
  async () => process.kill(process.pid, 'SIGKILL') as unknown as Promise<void>,
  1,
  { onError: () => undefined, onFailed: () => undefined },
);
worker.run();
