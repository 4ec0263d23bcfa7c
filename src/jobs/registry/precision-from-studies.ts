import { z } from 'zod';
import { bmdOf } from '../../db/numeric.ts';
import type { Pool } from '../../db/pool.ts';
import { findPatientRows, listRepeatScans, type NamedPatient } from '../../db/registry/repeat-scans.ts';
import { parseVertebraeKey, type Region } from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { parseCsvRows, text } from './csv-rows.ts';
import type { LocatedScan } from './precision-import.ts';

const ROW = z.object({
  patient_id: text('the patient id'),
  issuer_of_patient_id: z.string().optional(),
  technologist: z.string().default(''),
});

/** A volunteer of a precision study, with the line that names one. */
export type Volunteer = NamedPatient & { readonly technologist: string; readonly line: number };

/** Reads a list of volunteers: patient_id, and where wanted issuer_of_patient_id and technologist. */
export function parseVolunteersCsv(csv: string): readonly Volunteer[] {
  return parseCsvRows(csv, 'VOLUNTEERS_INVALID', ROW, (row, line) => ({
    patientId: row.patient_id,
    issuerOfPatientId: row.issuer_of_patient_id ?? null,
    technologist: row.technologist,
    line,
  }));
}

export type ScansOfVolunteers = {
  readonly scans: readonly LocatedScan[];
  /** Regions of a volunteer that were scanned only once: no repeat, and left out. */
  readonly scannedOnce: number;
};

/**
 * Picks the repeat scans of volunteers out of the ingested studies of a span of days. Subjects are named by the row of
 * the patient, never by the patient's identifier. Throws VOLUNTEERS_INVALID with the lines that match no patient or several.
 */
export async function scansOfVolunteers(
  pool: Pool,
  volunteers: readonly Volunteer[],
  span: { readonly from: IsoDate; readonly to: IsoDate },
  regions: readonly Region[],
): Promise<ScansOfVolunteers> {
  const found = await findPatientRows(pool, volunteers);
  const technologists = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, { line, technologist }] of volunteers.entries()) {
    const [row, ...others] = found[index] ?? [];
    if (row === undefined) problems.push(`line ${line}: no stored patient has this id`);
    else if (others.length > 0)
      problems.push(`line ${line}: patients of several issuers have this id; give the issuer`);
    else if (technologists.has(row)) problems.push(`line ${line}: names a patient of an earlier line`);
    else technologists.set(row, technologist);
  }
  if (problems.length > 0) {
    throw new DxaflowError('VOLUNTEERS_INVALID', `Nothing was imported. ${problems.join('; ')}.`, {
      exitCode: EXIT.usage,
    });
  }
  const rows = await listRepeatScans(pool, [...technologists.keys()], span.from, span.to);
  const wanted = rows.filter(({ region }) => regions.length === 0 || regions.includes(region));
  const groups = Map.groupBy(wanted, ({ patientRow, scannerKey, region, vertebrae, laterality }) =>
    [patientRow, scannerKey, region, vertebrae, laterality].join(' '),
  );
  const repeated = [...groups.values()].filter((group) => group.length > 1);
  const scans = repeated
    .flat()
    .map(({ patientRow, scannedOn, region, vertebrae, laterality, bmd, source, ...device }) => ({
      device,
      roi: { region, vertebrae: parseVertebraeKey(vertebrae) },
      laterality,
      scan: {
        technologist: technologists.get(patientRow) ?? '',
        subject: `patient row ${patientRow}`,
        scannedOn,
        bmd: bmdOf(bmd),
        source,
      },
    }));
  return { scans, scannedOnce: groups.size - repeated.length };
}
