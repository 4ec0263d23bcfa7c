import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

const PREFIX = 'demo_';

export type DemoPlace = {
  readonly run: string;
  readonly databaseUrl: string;
  readonly dropDir: string;
  readonly archiveDir: string;
};

const withDatabase = (url: string, name: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
};

/**
 * Makes a database and folders for one run of the demo, beside the real data and never in it, and clears away what
 * earlier runs left that are no longer in use.
 */
export async function makeDemoPlace(homeDir: string, embeddedUrl: string): Promise<DemoPlace> {
  const run = `${PREFIX}${Date.now().toString(36)}_${process.pid}`;
  const demoDir = join(homeDir, 'demo');
  await mkdir(demoDir, { recursive: true, mode: 0o700 });
  const admin = new pg.Client({ connectionString: withDatabase(embeddedUrl, 'postgres') });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ datname: string }>(
      `select datname from pg_database d where datname like 'demo\\_%'
          and not exists (select 1 from pg_stat_activity a where a.datname = d.datname)`,
    );
    for (const { datname } of rows) {
      await admin.query(`drop database ${admin.escapeIdentifier(datname)}`);
      await rm(join(demoDir, datname), { recursive: true, force: true });
    }
    const alive = new Set(
      (await admin.query<{ datname: string }>('select datname from pg_database')).rows.map((row) => row.datname),
    );
    for (const folder of await readdir(demoDir)) {
      if (folder.startsWith(PREFIX) && !alive.has(folder))
        await rm(join(demoDir, folder), { recursive: true, force: true });
    }
    await admin.query(`create database ${admin.escapeIdentifier(run)}`);
  } finally {
    await admin.end();
  }
  return {
    run,
    databaseUrl: withDatabase(embeddedUrl, run),
    dropDir: join(demoDir, run, 'drop'),
    archiveDir: join(demoDir, run, 'archive'),
  };
}
