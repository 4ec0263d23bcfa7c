import type { Measurement, PatientHistory, Scanner, StudyOfPatient } from '../dxa/history.ts';
import { type Bmd, type Micro, parseMicro, type Quantity } from '../dxa/quantity.ts';
import { type Laterality, parseVertebraeKey, type Region, type ScanType } from '../dxa/region.ts';
import type { Queryable } from './pool.ts';

type Row = {
  readonly studyId: string;
  readonly studyInstanceUid: string;
  readonly reportId: string;
  readonly sopInstanceUid: string;
  readonly scannedAt: string;
  readonly contentAt: string;
  readonly sex: 'F' | 'M' | 'O' | null;
  readonly birthDate: string | null;
  readonly ethnicGroup: string | null;
  readonly heightM: string | null;
  readonly weightKg: string | null;
  readonly softwareVersions: readonly string[];
  readonly identityKey: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
  readonly identified: boolean;
  readonly values: readonly ValueRow[];
};

type ValueRow = {
  readonly scanType: ScanType;
  readonly scanLabel: string;
  readonly region: Region;
  readonly vertebrae: string;
  readonly laterality: Laterality;
  readonly quantity: Quantity;
  readonly referencePopulation: string;
  readonly value: string;
  readonly path: string;
};

// The latest analysis comes last: whatever it says of a region replaces what an earlier one said.
const SQL = `
select s.id::text as "studyId", s.study_instance_uid as "studyInstanceUid", r.id::text as "reportId",
       r.sop_instance_uid as "sopInstanceUid", r.scanned_at as "scannedAt", r.content_at as "contentAt",
       r.sex, r.birth_date as "birthDate", r.ethnic_group as "ethnicGroup", r.height_m as "heightM",
       r.weight_kg as "weightKg", r.software_versions as "softwareVersions", c.identity_key as "identityKey",
       c.manufacturer, c.model_name as "modelName", c.device_serial_number as "deviceSerialNumber",
       c.station_name as "stationName", c.identified,
       coalesce((select jsonb_agg(jsonb_build_object('scanType', v.scan_type, 'scanLabel', v.scan_label,
           'region', v.region, 'vertebrae', v.vertebrae, 'laterality', v.laterality, 'quantity', v.quantity,
           'referencePopulation', v.reference_population, 'value', v.value::text, 'path', v.tree_path) order by v.id)
         from measured_value v
        where v.report_id = r.id and v.quantity in ('bmd', 'bmc', 'area', 't_score', 'z_score')), '[]') as values
  from study s
  join report r on r.study_id = s.id
  join scanner c on c.id = r.scanner_id
 where s.patient_id = $1
 order by s.id, r.content_at, r.sop_instance_uid`;

/** Reads a numeric column back into millionths; our own rows always obey the grammar. */
function micro(text: string): Micro {
  const value = parseMicro(text);
  if (value === null) throw new RangeError('a numeric column is not a plain decimal');
  return value;
}

function scannerOf(row: Row): Scanner {
  return {
    scannerId: row.identityKey,
    manufacturer: row.manufacturer,
    modelName: row.modelName,
    deviceSerialNumber: row.deviceSerialNumber === '' ? null : row.deviceSerialNumber,
    stationName: row.stationName === '' ? null : row.stationName,
    identified: row.identified,
  };
}

function measurementsOf(row: Row): ReadonlyMap<string, Measurement> {
  const groups = Map.groupBy(row.values, (value) =>
    [value.scanType, value.region, value.vertebrae, value.laterality].join('|'),
  );
  const measurements = new Map<string, Measurement>();
  for (const [key, values] of groups) {
    const first = values[0];
    if (first === undefined) continue;
    const sourced = (value: ValueRow) => ({
      valueId: `${row.sopInstanceUid}#${value.path}`,
      value: micro(value.value),
    });
    const single = (quantity: Quantity) => {
      const found = values.find((value) => value.quantity === quantity);
      return found === undefined ? null : sourced(found);
    };
    const scores = (quantity: Quantity) =>
      values
        .filter((value) => value.quantity === quantity)
        .map((value) => ({ ...sourced(value), referencePopulation: value.referencePopulation }));
    const bmd = single('bmd');
    measurements.set(key, {
      scanType: first.scanType,
      scanLabel: first.scanLabel,
      roi: { region: first.region, vertebrae: parseVertebraeKey(first.vertebrae) },
      laterality: first.laterality,
      scanner: scannerOf(row),
      softwareVersions: row.softwareVersions,
      scanMode: null,
      bmd: bmd === null ? null : { valueId: bmd.valueId, value: bmd.value as Bmd },
      bmc: single('bmc'),
      area: single('area'),
      tScores: scores('t_score'),
      zScores: scores('z_score'),
    });
  }
  return measurements;
}

/**
 * Puts a study together from its reports, in order of their analysis. A region that a later report gives a BMD for is
 * taken from there as a whole; a later report without one adds nothing to it. The result does not depend on the order
 * in which the files arrived.
 */
function assembleStudy(reports: readonly Row[]): StudyOfPatient | null {
  const last = reports.at(-1);
  if (last === undefined) return null;
  const chosen = new Map<string, Measurement>();
  for (const report of reports) {
    for (const [key, measurement] of measurementsOf(report)) {
      if (measurement.bmd !== null || !chosen.has(key)) chosen.set(key, measurement);
    }
  }
  const latest = <T>(pick: (row: Row) => T | null): T | null =>
    reports.reduce<T | null>((found, row) => pick(row) ?? found, null);
  const earliest = reports.map((row) => row.scannedAt).sort()[0] ?? last.scannedAt;
  return {
    studyId: last.studyId,
    studyInstanceUid: last.studyInstanceUid,
    scannedAt: earliest,
    sex: latest((row) => row.sex),
    birthDate: latest((row) => row.birthDate),
    ethnicGroup: latest((row) => row.ethnicGroup),
    weightKg: latest((row) => (row.weightKg === null ? null : micro(row.weightKg))),
    heightM: latest((row) => (row.heightM === null ? null : micro(row.heightM))),
    measurements: [...chosen.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, measurement]) => measurement),
  };
}

/** Reads everything that the assessment of one patient looks at, in one statement. */
export async function readHistory(database: Queryable, patientId: string): Promise<PatientHistory> {
  const { rows } = await database.query<Row>(SQL, [patientId]);
  const studies = [...Map.groupBy(rows, (row) => row.studyId).values()]
    .map(assembleStudy)
    .filter((study) => study !== null);
  return { patientId, studies };
}
