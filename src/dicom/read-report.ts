import { ROOT_ROW } from './document/element-table.ts';
import { addFinding, createFindings, listFindings } from './document/findings.ts';
import { Refused } from './document/refused.ts';
import type { ReadResult, SrDocument } from './document/sr-document.ts';
import { checkOrder } from './encoding/element-order.ts';
import type { ReadLimits } from './encoding/limits.ts';
import { type OpenFile, type Opening, openFile } from './encoding/open-file.ts';
import { isStructuredReport, KEY_OBJECT_SELECTION, sopClassFacts } from './encoding/sop-classes.ts';
import { TAG } from './encoding/tags.ts';
import { DEFAULT_CHARACTER_SET } from './text/character-set.ts';
import type { Reading } from './text/values.ts';
import { type Context, characterSetOf } from './tree/code-sequence.ts';
import { readContentTree } from './tree/content-tree.ts';
import { stringAt, uidAt } from './tree/content-value.ts';
import { readEvidence } from './tree/evidence.ts';
import { type Identity, readHeader } from './tree/header.ts';

/** Goes into every derived row: raised whenever the same bytes would give another tree, header or code. */
export const READER_VERSION = '1.1.0';

/**
 * Reads the bytes of one file as a structured report: the whole document with what is odd about it, or a refusal with
 * its reason (codes.ts). Pure; throws only on a fault of its own.
 */
export function readReport(bytes: Uint8Array, limits: ReadLimits): ReadResult {
  const opening: Opening = { limits, findings: createFindings(), sopInstanceUid: null };
  try {
    const file = openFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), opening);
    return { ok: true, document: readDocument(file, opening), table: file.table };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: error.refusal, sopInstanceUid: opening.sopInstanceUid };
    throw error;
  }
}

function readDocument(file: OpenFile, { limits, findings }: Opening): SrDocument {
  const reading: Reading = { table: file.table, limits, findings };
  const identity = readIdentity(reading, file);
  checkOrder(file.table, file.order, findings);
  const outer: Context = { path: null, characterSet: DEFAULT_CHARACTER_SET };
  const context: Context = { path: null, characterSet: characterSetOf(reading, ROOT_ROW, outer) };
  const header = readHeader(reading, identity, context);
  const root = readContentTree(reading, context);
  const evidence = identity.sopClassUid === KEY_OBJECT_SELECTION ? { evidence: readEvidence(reading) } : {};
  return { header, root, ...evidence, findings: listFindings(findings) };
}

/** The data set names itself; the file header holds copies, which count only where the data set is silent. */
function readIdentity(reading: Reading, file: OpenFile): Identity {
  const { findings } = reading;
  const { mediaStorageSopClassUid: metaClass, mediaStorageSopInstanceUid: metaInstance } = file.meta;
  const sopClassUid = stringAt(reading, ROOT_ROW, TAG.SOPClassUID, null) ?? metaClass;
  if (sopClassUid === null || !isStructuredReport(sopClassUid)) {
    throw new Refused('NOT_STRUCTURED_REPORT', { path: '(0008,0016)', facts: sopClassFacts(sopClassUid) });
  }
  const sopInstanceUid = uidAt(reading, ROOT_ROW, TAG.SOPInstanceUID, null) ?? metaInstance;
  if (sopInstanceUid === null) throw new Refused('SOP_INSTANCE_UID_MISSING', { path: '(0008,0018)' });
  if (metaClass !== null && metaClass !== sopClassUid) addFinding(findings, 'SOP_CLASS_MISMATCH', '(0002,0002)');
  if (metaInstance !== null && metaInstance !== sopInstanceUid) {
    addFinding(findings, 'SOP_INSTANCE_MISMATCH', '(0002,0003)');
  }
  return { sopClassUid, sopInstanceUid, transferSyntaxUid: file.meta.transferSyntaxUid };
}
