import type { ScannerEpoch } from '../../dxa/study/history.ts';
import { auditCreation, type Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';
import { type Device, deviceColumns, deviceValues } from './device.ts';

/** A day from which a scanner counts as a new one, to be put on file. */
export type NewScannerEpoch = Device & Pick<ScannerEpoch, 'startsOn' | 'reason'>;

export type ScannerEpochOnFile = NewScannerEpoch & {
  readonly epochId: string;
  readonly author: string;
  readonly note: string;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
};

const SELECT = `
select id::text as "epochId", ${deviceColumns()}, starts_on as "startsOn", reason, author, note,
       created_at as "createdAt", retired_at as "retiredAt"
  from scanner_epoch`;

/** Puts an epoch on file; null when the scanner has one from that day already. */
export async function insertScannerEpoch(
  database: Queryable,
  epoch: NewScannerEpoch,
  signature: Signature,
): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    `insert into scanner_epoch (scanner_key, manufacturer, model_name, device_serial_number, station_name, starts_on, reason,
        author, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (scanner_key, starts_on) where retired_at is null do nothing
     returning id::text`,
    [...deviceValues(epoch), epoch.startsOn, epoch.reason, signature.by, signature.note],
  );
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await auditCreation(database, 'scanner_epoch', id, 'file', signature);
  return id;
}

/** Epochs for a listing: those in force, or with `all` retired ones as well. */
export async function listScannerEpochs(
  database: Queryable,
  { all }: { readonly all: boolean },
): Promise<readonly ScannerEpochOnFile[]> {
  const { rows } = await database.query<ScannerEpochOnFile>(
    `${SELECT} where $1 or retired_at is null order by scanner_key, starts_on, id`,
    [all],
  );
  return rows;
}

export async function findScannerEpoch(database: Queryable, epochId: string): Promise<ScannerEpochOnFile | null> {
  const { rows } = await database.query<ScannerEpochOnFile>(`${SELECT} where id = $1`, [epochId]);
  return rows[0] ?? null;
}
