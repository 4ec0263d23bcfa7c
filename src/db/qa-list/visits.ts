import { from, type ListDefinition, to } from './definition.ts';

/** Errors that the metadata of a visit shows: one line a visit, whatever was found in it. */
export const VISITS: ListDefinition = {
  name: 'visits',
  title: 'Visits with errors in their metadata',
  from: 'visit c',
  id: 'c.study_id',
  belongs: `c.findings <> '{}'`,
  filters: {
    from: from('c.scanned_on'),
    to: to('c.scanned_on'),
    reason: (text, bind) => `c.findings @> array[${bind(text)}]`,
  },
  ofScanner: (asked) => `c.scanner_key ${asked}`,
  sorts: { date: { expression: 'c.scanned_on', type: 'date' } },
  defaultSort: '-date',
  groupBy: `array_to_string(c.findings, ', ')`,
  select: `c.study_id::text as id, c.scanned_on as "scannedOn", p.id::text as "patientKey", p.patient_id as "patientId",
    c.findings, array(select r ->> 'says' from jsonb_array_elements(c.remarks) with ordinality as x (r, n)
                       where r ->> 'kind' = 'finding' order by n) as says,
    d.institution_name as institution, d.model_name as "modelName", d.device_serial_number as "deviceSerialNumber",
    s.study_instance_uid as "studyInstanceUid"`,
  joins: `join patient p on p.id = c.patient_id join study s on s.id = c.study_id
    left join scanner d on d.identity_key = c.scanner_key`,
};
