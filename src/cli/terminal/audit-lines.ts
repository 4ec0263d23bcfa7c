import type { AuditEvent } from '../../db/audit.ts';

/** What happened to a row, oldest first, one line each. */
export function auditLines(events: readonly AuditEvent[]): string {
  return events
    .map(({ happenedAt, actor, action, note }) =>
      [happenedAt.toISOString(), actor, action, note].filter((part) => part !== '').join('  '),
    )
    .join('\n');
}

/** Names and values of a record under each other; absent values are left out. */
export function fieldLines(fields: readonly (readonly [string, string | null | undefined])[]): string {
  const shown = fields.flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, value] as const],
  );
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
