import type { Finding } from '../../dxa/values/finding.ts';
import { type Micro, parseMicro } from '../../dxa/values/quantity.ts';
import type { IsoDate, NormalisedReport, ReportBody, ReportEquipment } from '../../dxa/values/report.ts';
import {
  type AdapterRefusal,
  isDocument,
  isRefusal,
  NOT_ITS_CONTENT,
  type PrivateResults,
  type VendorAdapter,
} from '../report/adapter.ts';
import { finding } from '../report/finding.ts';
import { HEIGHT_M, isWithin, readHeader, WEIGHT_KG } from '../report/header.ts';
import { mergeValues } from '../report/merge-values.ts';
import { judgeRegion } from '../report/region-reading.ts';
import type { MappingUse } from '../report/site-mapping.ts';
import { splitUnit } from '../text/number-text.ts';
import { type Assignments, RESULTS, readAssignments } from './assignments.ts';
import { readCalibration } from './calibration.ts';
import { noteOtherTables } from './other-tables.ts';
import { ALL_HOLOGIC_QUIRKS, type HologicQuirk } from './quirks.ts';
import { findHologicResults } from './read-image.ts';
import { readResultsTable } from './results-table.ts';
import { readScan } from './scan.ts';

const VENDOR = 'hologic';
const VERSION = '6';

export const hologicAdapter: VendorAdapter = buildHologicAdapter(ALL_HOLOGIC_QUIRKS);

/** The adapter with a chosen set of quirks; tests take one out to show that its fixture needs it. */
export function buildHologicAdapter(quirks: ReadonlySet<HologicQuirk>): VendorAdapter {
  return {
    vendor: VENDOR,
    version: VERSION,
    findInImage: findHologicResults,
    recognise: (content) => (isDocument(content) ? 0 : 1),
    adapt: (content, receivedOn, mapping) =>
      isDocument(content) ? NOT_ITS_CONTENT : adapt(content, receivedOn, mapping, quirks),
    equipmentOf: (equipment) => readEquipment(equipment, quirks),
    hasCodes: false,
  };
}

/** Turns the private results of a Hologic image into the normalised shape. */
function adapt(
  image: PrivateResults,
  receivedOn: IsoDate,
  mapping: MappingUse,
  quirks: ReadonlySet<HologicQuirk>,
): NormalisedReport | AdapterRefusal {
  const header = readHeader(image.header, receivedOn);
  if (isRefusal(header)) return header;
  const assignments = readAssignments(image.text);
  const named = readScan({ assignments, header: image.header, path: image.path, mapping, quirks });
  const { scan, label: scanLabel } = named;
  const findings: Finding[] = [...header.findings, ...named.findings];
  const rows = assignments.tables.get(RESULTS) ?? [];
  const path = `${image.path}/${RESULTS}`;
  const { unreadCells } = assignments;
  if (unreadCells > 0) findings.push(finding('UNREADABLE_VALUE', path, { lines: unreadCells }));
  const referencePopulation = readReference(assignments);
  const table =
    scan === null
      ? { regions: [], findings: [] }
      : readResultsTable({ rows, unreadCells, scan, scanLabel, referencePopulation, path, quirks, mapping });
  const judged = table.regions.map(judgeRegion);
  const merged = mergeValues(judged.map(({ values }) => values));
  findings.push(...table.findings, ...judged.flatMap((one) => one.findings), ...merged.findings);
  findings.push(...noteOtherTables(assignments, image.path));
  const calibration = quirks.has('calibration-factors') ? readCalibration(image, assignments) : null;
  findings.push(...(calibration?.findings ?? []));
  if (merged.values.length === 0) findings.push(finding('NO_RESULTS', null));
  return {
    vendor: VENDOR,
    adapterVersion: VERSION,
    ...header,
    equipment: readEquipment(header.equipment, quirks),
    body: readBody(header.body, assignments, image.path, findings),
    ...(calibration?.factors ? { calibration: calibration.factors } : {}),
    values: merged.values,
    claims: [],
    findings,
  };
}

/** The reference of the T-scores stands in a footnote ("2012 BMDCS/NHANES White Female"). */
function readReference({ values }: Assignments): string {
  for (const [name, text] of values) {
    if (/^TableNote\d*$/.test(name) && /NHANES|T-score vs/i.test(text)) return text.slice(0, 120);
  }
  return '';
}

/** Model and serial number, which may stand in one element together. */
function readEquipment(equipment: ReportEquipment, quirks: ReadonlySet<HologicQuirk>): ReportEquipment {
  const match = /^(.*?)\s*\(S\/N\s*([^()\s]+)\)$/.exec(equipment.modelName);
  if (match === null || !quirks.has('serial-in-model-name')) return equipment;
  const [, modelName = '', serial = ''] = match;
  return { ...equipment, modelName, deviceSerialNumber: equipment.deviceSerialNumber ?? serial };
}

/** Height ("165.0 cm"), weight ("69.0  kg") and ethnicity where the header has none. */
function readBody(body: ReportBody, { values }: Assignments, path: string, findings: Finding[]): ReportBody {
  const number = (name: string, unit: string): Micro | null => {
    const { text, unit: written } = splitUnit(values.get(name) ?? '');
    return written?.trim().toLowerCase() === unit ? parseMicro(text) : null;
  };
  // "0.0 kg" is a weight that was not entered, not a measurement.
  const plausible = (name: string, value: Micro | null, range: readonly [number, number]): Micro | null => {
    if (value === null || isWithin(value, range)) return value;
    findings.push(finding('HEADER_VALUE_UNREADABLE', `${path}/${name}`));
    return null;
  };
  const centimetres = number('Height', 'cm');
  const metres = centimetres === null ? null : (Math.round(centimetres / 100) as Micro);
  return {
    ...body,
    heightM: body.heightM ?? plausible('Height', metres, HEIGHT_M),
    weightKg: body.weightKg ?? plausible('Weight', number('Weight', 'kg'), WEIGHT_KG),
    ethnicGroup: body.ethnicGroup ?? (values.get('Ethnicity') || null),
  };
}
