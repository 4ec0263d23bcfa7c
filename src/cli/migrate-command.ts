import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { migrate, readMigrations } from '../db/migrate.ts';
import { openPool } from '../db/pool.ts';
import { attachEmbedded } from '../embedded/attach.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../queue/connect.ts';
import { ASSESS_QUEUE } from '../queue/job.ts';
import { asDatabaseAway } from '../runtime.ts';

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description("bring the database (and the queue, if it lives in PostgreSQL) to this release's schema")
    .addHelpText('after', '\nExample:\n  $ DATABASE_URL=postgres://dxaflow@db/dxaflow dxaflow migrate')
    .action(async () => {
      const config = readConfig(process.env);
      const embedded = config.databaseUrl === undefined ? await attachEmbedded(config.homeDir) : undefined;
      const databaseUrl = embedded?.databaseUrl ?? config.databaseUrl ?? '';
      const pool = openPool(databaseUrl, { max: 1, applicationName: 'dxaflow migrate', onError: () => undefined });
      try {
        const applied = await migrate(pool, await readMigrations()).catch((error: unknown) => {
          throw asDatabaseAway(error);
        });
        for (const name of applied) console.log(`applied ${name}`);
        if (applied.length === 0) console.log('The database is up to date.');
        // Opening a queue brings its own tables up to date where PostgreSQL holds them.
        const queue = await connectQueues(config.queueUrl ?? databaseUrl, QUEUE_NAMESPACE).openQueue(
          ASSESS_QUEUE,
          () => undefined,
        );
        await queue.close();
      } finally {
        await pool.end();
        await embedded?.release();
      }
    });
}
