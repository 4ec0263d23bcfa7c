import { codeOf } from '../../errors/errors.ts';
import { type Trouble, troubleOf } from '../../health/condition.ts';
import { readNeededLevel } from '../schema/ledger.ts';
import { checkWritable, kindOfFailure, tryPostgres } from './trial.ts';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Emptied and filled again in a transaction that is taken back: the row has to be written to a new file of one page,
 * which a full disk refuses and a row in a page that is there would not notice. Nothing stays.
 */
const WRITE = `begin; set local lock_timeout = '500ms'; truncate health_probe; insert into health_probe values (true); rollback`;

export type DatabaseLook = {
  readonly trouble: Trouble | null;
  /** From which schema on code can work with the database; null when it cannot be read. */
  readonly neededLevel: number | null;
};

/** Whether the database takes new connections and writes, and which code it can be worked with. */
export async function probeDatabase(url: string): Promise<DatabaseLook> {
  try {
    return await tryPostgres(url, async (client) => {
      const neededLevel = await readNeededLevel(client);
      const kind = await checkWritable(client);
      if (kind !== null) return { trouble: troubleOf('database', kind, '25006'), neededLevel };
      try {
        await client.query(WRITE);
      } catch (error) {
        // Another process is testing it at this moment.
        if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      }
      return { trouble: null, neededLevel };
    });
  } catch (error) {
    return { trouble: troubleOf('database', kindOfFailure(error), codeOf(error)), neededLevel: null };
  }
}
