import { type ElementTable, ROOT_ROW } from '../../dicom/document/element-table.ts';
import { createFindings, listFindings } from '../../dicom/document/findings.ts';
import { Refused } from '../../dicom/document/refused.ts';
import type { DocumentHeader, Refusal } from '../../dicom/document/sr-document.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { type Opening, openFile } from '../../dicom/encoding/open-file.ts';
import { TAG } from '../../dicom/encoding/tags.ts';
import { DEFAULT_CHARACTER_SET } from '../../dicom/text/character-set.ts';
import type { Reading } from '../../dicom/text/values.ts';
import { type Context, characterSetOf } from '../../dicom/tree/code-sequence.ts';
import { stringAt, uidAt } from '../../dicom/tree/content-value.ts';
import { readHeader } from '../../dicom/tree/header.ts';
import type { Finding } from '../../dxa/values/finding.ts';

export type ImageRefusal = {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly sopInstanceUid: string | null;
};

export type OpenImage = {
  readonly table: ElementTable;
  readonly header: () => DocumentHeader;
};

/**
 * Opens a DICOM file that is no report and hands it to `take`, with its header as far as it is asked for. Null from `take`:
 * the image has nothing for it.
 */
export function readImage<T>(
  bytes: Uint8Array,
  limits: ReadLimits,
  take: (image: OpenImage) => T | null,
): { readonly ok: true; readonly taken: T; readonly findings: readonly Finding[] } | ImageRefusal {
  const opening: Opening = { limits, findings: createFindings(), sopInstanceUid: null };
  try {
    const file = openFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), opening);
    const reading: Reading = { table: file.table, limits, findings: opening.findings };
    const header = () => headerOf(reading, file.meta.transferSyntaxUid);
    const taken = take({ table: file.table, header });
    if (taken === null) throw new Refused('NOT_STRUCTURED_REPORT', { path: '(0008,0016)' });
    return { ok: true, taken, findings: listFindings(opening.findings) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, refusal: error.refusal, sopInstanceUid: opening.sopInstanceUid };
  }
}

function headerOf(reading: Reading, transferSyntaxUid: string | null): DocumentHeader {
  const outer: Context = { path: null, characterSet: DEFAULT_CHARACTER_SET };
  const context: Context = { path: null, characterSet: characterSetOf(reading, ROOT_ROW, outer) };
  const sopInstanceUid = uidAt(reading, ROOT_ROW, TAG.SOPInstanceUID, null);
  if (sopInstanceUid === null) throw new Refused('SOP_INSTANCE_UID_MISSING', { path: '(0008,0018)' });
  const sopClassUid = stringAt(reading, ROOT_ROW, TAG.SOPClassUID, null) ?? '';
  return readHeader(reading, { sopClassUid, sopInstanceUid, transferSyntaxUid }, context);
}
