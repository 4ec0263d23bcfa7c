import type { ReportedStudy } from '../../dxa/change/vendor-prior.ts';
import { type AssembledStudy, assembleStudy, type ReportOfStudy } from '../../dxa/study/assembly.ts';
import { dayOf } from '../../dxa/study/chronology.ts';
import type { Measurement, PatientHistory, Scanner, StudyOfPatient } from '../../dxa/study/history.ts';
import { timeOf } from '../../dxa/study/standing-analysis.ts';
import type { AssessedVisit } from '../../dxa/values/assessment.ts';
import type { StudyFinding } from '../../dxa/values/finding.ts';
import type { Bmd, Quantity } from '../../dxa/values/quantity.ts';
import { type Laterality, parseVertebraeKey, type Region, type ScanType } from '../../dxa/values/region.ts';
import { microOf } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { loadStatement } from '../statement.ts';

/** A report of the patient with its study and scanner. */
export type HistoryRow = {
  readonly studyId: string;
  readonly studyInstanceUid: string;
  readonly contested: boolean;
  readonly isPhantom: boolean;
  readonly sopInstanceUid: string;
  readonly scannedAt: string;
  readonly scanDateDoubted: boolean;
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
  /** From here on one element a value, in the order of the file; in the lines of a text where it is no vendor's. */
  readonly scanTypes: Lines;
  readonly scanLabels: readonly string[];
  readonly regions: Lines;
  readonly vertebrae: Lines;
  readonly lateralities: Lines;
  readonly quantities: Lines;
  readonly referencePopulations: readonly string[];
  readonly values: Lines;
  readonly paths: Lines;
};

/** Words without line breaks, one a line: quicker to write, to send and to take apart than a list in JSON. */
type Lines = string;
const elements = <T extends string>(text: Lines) => text.split('\n') as readonly string[] as readonly T[];

/** Quantities that assessing looks at. */
const COMPARED: readonly Quantity[] = ['bmd', 'bmc', 'area', 't_score', 'z_score'];

const HISTORY = loadStatement(import.meta.dirname, 'patient-history', { patient_id: 'bigint' });

function scannerOf(row: HistoryRow): Scanner {
  return {
    scannerId: row.identityKey,
    manufacturer: row.manufacturer,
    modelName: row.modelName,
    deviceSerialNumber: row.deviceSerialNumber === '' ? null : row.deviceSerialNumber,
    stationName: row.stationName === '' ? null : row.stationName,
    identified: row.identified,
  };
}

/** Places of the values of one region of one scan, by quantity; a report of 280 items has some 240 values. */
type Places = Map<Quantity, number[]>;

/** The values of a report, a list a column. */
function columnsOf(row: HistoryRow) {
  return {
    scanTypes: elements<ScanType>(row.scanTypes),
    regions: elements<Region>(row.regions),
    vertebrae: elements(row.vertebrae),
    lateralities: elements<Laterality>(row.lateralities),
    quantities: elements<Quantity>(row.quantities),
    values: elements(row.values),
    paths: elements(row.paths),
  };
}
type Columns = ReturnType<typeof columnsOf>;

function placesByRegion({
  quantities,
  scanTypes,
  regions: sites,
  vertebrae,
  lateralities,
}: Columns): readonly Places[] {
  const regions = new Map<string, Places>();
  for (const [place, quantity] of quantities.entries()) {
    const key = `${scanTypes[place]}|${sites[place]}|${vertebrae[place]}|${lateralities[place]}`;
    const places = regions.get(key) ?? new Map<Quantity, number[]>();
    regions.set(key, places.set(quantity, [...(places.get(quantity) ?? []), place]));
  }
  return [...regions.values()];
}

function measurementsOf(row: HistoryRow): readonly Measurement[] {
  if (row.quantities === '') return []; // a report without values
  const scanner = scannerOf(row);
  const columns = columnsOf(row);
  const sourced = (place: number) => ({
    valueId: `${row.sopInstanceUid}#${columns.paths[place]}`,
    value: microOf(columns.values[place] ?? ''),
  });
  return placesByRegion(columns).flatMap((places): readonly Measurement[] => {
    const all = COMPARED.flatMap((quantity) => places.get(quantity) ?? []);
    if (all.length === 0) return [];
    const first = Math.min(...all);
    const [scanType, scanLabel] = [columns.scanTypes[first], row.scanLabels[first]];
    const [region, laterality] = [columns.regions[first], columns.lateralities[first]];
    if (scanType === undefined || scanLabel === undefined || region === undefined || laterality === undefined)
      return [];
    const single = (quantity: Quantity) => {
      const place = places.get(quantity)?.[0];
      return place === undefined ? null : sourced(place);
    };
    const scores = (quantity: Quantity) =>
      (places.get(quantity) ?? []).map((place) => ({
        ...sourced(place),
        referencePopulation: row.referencePopulations[place] ?? '',
      }));
    const bmd = single('bmd');
    return [
      {
        scannedAt: row.scanDateDoubted ? null : timeOf(row.scannedAt),
        contentAt: row.contentAt,
        scanType,
        scanLabel,
        roi: { region, vertebrae: parseVertebraeKey(columns.vertebrae[first] ?? '') },
        laterality,
        scanner,
        softwareVersions: row.softwareVersions,
        scanMode: null,
        bmd: bmd === null ? null : { valueId: bmd.valueId, value: bmd.value as Bmd },
        bmc: single('bmc'),
        area: single('area'),
        tScores: scores('t_score'),
        zScores: scores('z_score'),
      },
    ];
  });
}

const reportOf = (row: HistoryRow): ReportOfStudy => ({
  sopInstanceUid: row.sopInstanceUid,
  contentAt: row.contentAt,
  scannedAt: row.scannedAt,
  scanDateDoubted: row.scanDateDoubted,
  sex: row.sex,
  birthDate: row.birthDate,
  ethnicGroup: row.ethnicGroup,
  heightM: row.heightM === null ? null : microOf(row.heightM),
  weightKg: row.weightKg === null ? null : microOf(row.weightKg),
  measurements: measurementsOf(row),
});

export type HistoryFinding = StudyFinding & { readonly studyId: string };

/** A patient's history with what its reports say against each other. */
export type ReadHistory = PatientHistory & {
  /** What its studies were put together from. */
  readonly reported: readonly ReportedStudy[];
  readonly findings: readonly HistoryFinding[];
  /** Studies without a date that can be the day of a scan; they are compared with nothing. */
  readonly undated: readonly AssessedVisit[];
  /** A phantom or a test: its studies are stored, and none of them is judged. */
  readonly isPhantom: boolean;
};

/** PostgreSQL knows no year 0. */
const FIRST_DAY = '0001-01-01';

/** A line for the list of visits, under the day that was printed. */
const undatedVisit = (
  studyId: string,
  { scannedAt, measurements }: Omit<AssembledStudy, 'findings'>,
): AssessedVisit => ({
  studyId,
  studyIds: [studyId],
  scannedOn: dayOf(scannedAt),
  scannerId: measurements[0]?.scanner.scannerId ?? '',
  remarks: [
    {
      code: 'IMPOSSIBLE_DATE',
      kind: 'finding',
      subject: 'scannedOn',
      says: 'No date of this study can be the day of a scan: it is stored and compared with nothing.',
      facts: {},
    },
  ],
});

/**
 * Puts a patient together from the rows of patient-history.sql. A study that names another patient as well, or whose every date
 * is impossible, is left out, with a finding.
 */
export function historyOf(patientId: string, rows: readonly HistoryRow[]): ReadHistory {
  const isPhantom = rows.some((row) => row.isPhantom);
  const studies: StudyOfPatient[] = [];
  const reported: ReportedStudy[] = [];
  const findings: HistoryFinding[] = [];
  const undated: AssessedVisit[] = [];
  for (const group of isPhantom ? [] : Map.groupBy(rows, (row) => row.studyInstanceUid).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { studyId, studyInstanceUid } = first;
    const reports = group.map(reportOf);
    const { findings: found, ...study } = assembleStudy(reports);
    findings.push(...found.map((finding) => ({ ...finding, studyId })));
    if (first.contested) findings.push({ code: 'STUDY_OF_TWO_PATIENTS', subject: 'patient', studyId });
    // Its day is unknown, so it comes neither before nor after another.
    else if (group.every((row) => row.scanDateDoubted)) {
      findings.push({ code: 'IMPOSSIBLE_DATE', subject: 'scannedOn', studyId });
      if (dayOf(study.scannedAt) >= FIRST_DAY) undated.push(undatedVisit(studyId, study));
    } else {
      studies.push({ studyId, studyInstanceUid, ...study });
      reported.push({ studyId, reports });
    }
  }
  return { patientId, studies, reported, findings, undated, isPhantom };
}

/** Reads the studies of one patient for assessment: the patient's own and those of all patients merged into it. */
export async function readHistory(database: Queryable, patientId: string): Promise<ReadHistory> {
  const { rows } = await database.query<HistoryRow>(HISTORY({ patient_id: patientId }));
  return historyOf(patientId, rows);
}
