import type { CodeEntry } from '../dxa/values/finding.ts';

const entry = (text: string, remedy: string): CodeEntry => ({ text, remedy, permanence: 'permanent' });

/** Why a process does not start on a database, or `dxaflow migrate` does not migrate it. */
export const SCHEMA_CODES = {
  SCHEMA_OLD: entry('The database lacks migrations of this release.', 'Run “dxaflow migrate”.'),
  DATABASE_NEWER: entry(
    'The database was migrated for newer code than this release.',
    'Install the newer dxaflow, or restore the backup from before the upgrade (docs/upgrading.md).',
  ),
  MIGRATION_CHANGED: entry(
    'A migration differs from the one that the database ran.',
    'Restore the released file; changes go into a new migration.',
  ),
  MIGRATION_FAILED: entry(
    'A migration failed, and nothing of it was kept.',
    'See the cause; once it is fixed, run dxaflow migrate again.',
  ),
  MIGRATION_NAMES: entry('The migration numbers have a gap or a duplicate.', 'Reinstall the release.'),
  MIGRATION_HEAD: entry(
    'A migration does not say which code can work with the database after it.',
    'Write its first line (docs/upgrading.md, How to write a migration).',
  ),
} as const satisfies Record<string, CodeEntry>;
