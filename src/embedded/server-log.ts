import { copyFile, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, orAbsent } from './home.ts';

/** The server's log and the one before it are each cut at this size. */
const LOG_LIMIT_BYTES = 10 << 20;

const serverLogFile = (dataDir: string) => join(dataDir, 'server.log');

/** Opens the log for the server to write to, at its end even if it is truncated, readable by the server's account alone. */
export async function openServerLog(dataDir: string, account: Account | undefined) {
  const log = await open(serverLogFile(dataDir), 'a', 0o600);
  if (account !== undefined) await log.chown(account.uid, account.gid);
  return log;
}

/**
 * Keeps the log and its predecessor below their limit. The server holds the file open, so it is copied and cut; lines
 * that come in between are lost, but a flood of them cannot fill the disk. PostgreSQL's own collector bounds by size
 * only with names that change, which would have to be cleaned up.
 */
export async function boundServerLog(dataDir: string, limitBytes: number = LOG_LIMIT_BYTES): Promise<boolean> {
  const path = serverLogFile(dataDir);
  const entry = await orAbsent(stat(path));
  if (entry === null || entry.size <= limitBytes) return false;
  try {
    const before = `${path}.1`;
    await copyFile(path, before);
    await truncate(before, Math.min(entry.size, limitBytes));
  } finally {
    await truncate(path, 0);
  }
  return true;
}

/** The last thing the server said before it ended; it says why, and errors of statements never stand in the log. */
export async function readLastLogLines(dataDir: string, fromByte: number): Promise<string> {
  const log = await orAbsent(open(serverLogFile(dataDir), 'r'));
  if (log === null) return '';
  try {
    const { size } = await log.stat();
    const start = Math.max(fromByte <= size ? fromByte : 0, size - 8192);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    const words = lines.findLast((line) => / (FATAL|PANIC): /.test(line))?.replace(/^.*?(FATAL|PANIC): +/, '');
    return words === undefined ? '' : `It said: ${words}.`;
  } finally {
    await log.close();
  }
}
