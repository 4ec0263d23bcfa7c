import pg from 'pg';
import { QUEUE_NAMESPACE } from '../../queue/connect.ts';
import { type Config, readConfig } from '../../runtime/config.ts';
import { asDatabaseAway } from '../../runtime/connect-database.ts';
import { openRuntime, type Runtime } from '../../runtime/runtime.ts';

/** Runs a command against the configured database and closes it again, whatever happens. */
export async function withRuntime<T>(work: (runtime: Runtime) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  // A command speaks to its caller on standard output; its log only says what went wrong.
  const quiet: Config = { ...config, logLevel: process.env['LOG_LEVEL'] === undefined ? 'warn' : config.logLevel };
  const runtime = await openRuntime(quiet, 'cli', { migrates: false, queueNamespace: QUEUE_NAMESPACE, brief: true });
  try {
    return await work(runtime);
  } catch (error) {
    const away = asDatabaseAway(error);
    if (away === error || error instanceof pg.DatabaseError) throw away;
    // Redis may be the one that is away, with the same errors.
    throw (await runtime.pool.query('select 1').catch(() => null)) === null ? away : error;
  } finally {
    await runtime.close();
  }
}
