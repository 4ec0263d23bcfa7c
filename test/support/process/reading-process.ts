import { fileURLToPath } from 'node:url';
import { recordFailedFile } from '../../../src/db/files/failure.ts';
import { openPool } from '../../../src/db/pool.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { reasonOf } from '../../../src/errors/errors.ts';
import { openFileIngest } from '../../../src/jobs/ingest/ingest.ts';
import { openReadingPool } from '../../../src/jobs/ingest/reading-pool.ts';

// A process that does what the start of an ingest process does: reads everything that waits, some files at a time, with a
// reader that takes it down over some of them.
const [url = '', archiveDir = ''] = process.argv.slice(2);
const pool = openPool(url, { max: 4, applicationName: 'test', onError: () => undefined });
const file = fileURLToPath(new URL('./deadly-thread.ts', import.meta.url));
const reader = openReadingPool({ threads: 2, deadlineMs: 10_000, memoryMb: 64, file, limits: READ_LIMITS });
const ingest = openFileIngest({ pool, archiveDir, reader });
const { rows } = await pool.query<{ id: string }>(
  `select id::text from source_file where state = 'received' order by source_file.id`,
);
await Promise.all(
  rows.map(async ({ id }) => {
    try {
      await ingest(id);
    } catch (error) {
      await recordFailedFile(pool, id, reasonOf(error));
    }
  }),
);
await reader.close();
await pool.end();
