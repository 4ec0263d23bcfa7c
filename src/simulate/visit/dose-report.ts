import type { DicomElements } from 'dcmjs';
import { writePart10 } from '../writers/part10.ts';
import { srDataset, XRAY_RADIATION_DOSE_SR } from '../writers/sr-dataset.ts';
import { type Code, codeValueItem, numItem, uidRefItem } from '../writers/sr-elements.ts';
import type { SimulatedPatient } from './patient.ts';
import type { Visit } from './visit.ts';
import { reportHeader } from './visit-report.ts';

const ROOT: Code = ['113701', 'DCM', 'X-Ray Radiation Dose Report'];

/** A short X-Ray Radiation Dose SR of the same patient and study: a structured report of another kind. */
export function writeDoseReport(patient: SimulatedPatient, visit: Visit): Uint8Array {
  const header = {
    ...reportHeader(patient, visit, { id: 'dose' }, XRAY_RADIATION_DOSE_SR),
    studyDescription: 'Radiation dose',
  };
  const content: readonly DicomElements[] = [
    codeValueItem('HAS CONCEPT MOD', ['121058', 'DCM', 'Procedure reported'], ['113704', 'DCM', 'Projection X-Ray']),
    codeValueItem('HAS OBS CONTEXT', ['121005', 'DCM', 'Observer Type'], ['121007', 'DCM', 'Device']),
    uidRefItem('HAS OBS CONTEXT', ['121012', 'DCM', 'Device Observer UID'], header.seriesInstanceUid),
    numItem(['113722', 'DCM', 'Dose Area Product Total'], '0.0000021', ['Gy.m2', 'UCUM', 'Gy.m2']),
  ];
  return writePart10(header.sopClassUid, header.sopInstanceUid, srDataset(header, ROOT, content));
}
