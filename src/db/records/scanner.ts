import type { Queryable } from '../pool.ts';

export type Scanner = {
  readonly id: string;
  readonly identityKey: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
  readonly institutionName: string | null;
  readonly identified: boolean;
};

const COLUMNS = `id::text, identity_key as "identityKey", manufacturer, model_name as "modelName",
  device_serial_number as "deviceSerialNumber", station_name as "stationName", institution_name as "institutionName",
  identified`;

export async function listScannerNames(
  database: Queryable,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const { rows } = await database.query<{ id: string; name: string }>(
    `select id::text, concat_ws(' ', model_name, coalesce(nullif(device_serial_number, ''), nullif(station_name, ''))) as name
       from scanner order by 2, 1`,
  );
  return rows;
}

export type ScannerUse = Scanner & {
  readonly reports: number;
  readonly firstScanOn: string | null;
  readonly lastScanOn: string | null;
  readonly softwareVersions: readonly string[];
};

/** Every device with how much it was used. */
export async function listScanners(database: Queryable): Promise<readonly ScannerUse[]> {
  const { rows } = await database.query<ScannerUse>(
    `select ${COLUMNS}, u.reports, u.first_on as "firstScanOn", u.last_on as "lastScanOn", u.versions as "softwareVersions"
       from scanner c
       cross join lateral (
         select count(*)::int as reports, left(min(r.scanned_at) filter (where not r.scan_date_doubted), 10) as first_on,
                left(max(r.scanned_at) filter (where not r.scan_date_doubted), 10) as last_on,
                coalesce(array_agg(distinct array_to_string(r.software_versions, ', ')) filter (where r.id is not null), '{}') as versions
           from report r where r.scanner_id = c.id) u
      order by manufacturer, model_name, identity_key`,
  );
  return rows;
}

export async function findScanner(database: Queryable, id: string): Promise<Scanner | null> {
  const { rows } = await database.query<Scanner>(`select ${COLUMNS} from scanner where id = $1`, [id]);
  return rows[0] ?? null;
}
