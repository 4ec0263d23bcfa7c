import { createTable, type ElementTable, lengthOf, startOf, tagOf } from '../document/element-table.ts';
import { addFinding, type FindingList } from '../document/findings.ts';
import { Refused, uidOrNull } from '../document/refused.ts';
import { type Encoding, parseDataSet, startsAnotherFile } from './data-set.ts';
import type { OrderBook } from './element-order.ts';
import { guessFileKind } from './file-kind.ts';
import { type FileMeta, guessEncoding, readFileMeta } from './file-meta.ts';
import { inflateDataSet } from './inflate.ts';
import type { ReadLimits } from './limits.ts';
import { isStructuredReport, sopClassFacts } from './sop-classes.ts';
import { TAG } from './tags.ts';
import { type TransferSyntax, transferSyntax } from './transfer-syntaxes.ts';

/** A DICOM file split into its elements, every byte accounted for. */
export type OpenFile = { readonly meta: FileMeta; readonly table: ElementTable; readonly order: OrderBook };

/** What opening shares between its steps. `sopInstanceUid` is set as soon as it is known, to name what is refused. */
export type Opening = { readonly limits: ReadLimits; readonly findings: FindingList; sopInstanceUid: string | null };

/** Opens a file of any readable encoding. Throws Refused; whatever is odd but harmless becomes a finding. */
export function openFile(bytes: Buffer, opening: Opening): OpenFile {
  const { limits, findings } = opening;
  if (bytes.length > limits.maxBytes) {
    throw new Refused('LIMIT_BYTES', { facts: { bytes: bytes.length, limit: limits.maxBytes } });
  }
  const meta = readFileMeta(bytes);
  opening.sopInstanceUid = meta.mediaStorageSopInstanceUid;
  const start = meta.dataSetStart;
  const guess = guessEncoding(bytes, start);
  if (!meta.present && guess === null) {
    throw meta.marked ? new Refused('BROKEN_STRUCTURE', { offset: start }) : notDicom(bytes);
  }
  const syntax = declaredSyntax(meta, guess);
  const { encoding, deflated } = syntax;
  if (!meta.present) addFinding(findings, 'META_MISSING', null);
  else if (!meta.groupLengthFits) addFinding(findings, 'META_GROUP_LENGTH', '(0002,0000)');

  if (meta.present && meta.transferSyntaxUid === null) addFinding(findings, 'TRANSFER_SYNTAX_MISSING', '(0002,0010)');

  if (deflated) {
    const inflated = inflateDataSet(bytes, start, limits);
    if (inflated.zlibHeader) addFinding(findings, 'DEFLATE_ZLIB_HEADER', null);
    const table = split(inflated.bytes, 0, syntax, meta, opening);
    checkRest(bytes, bytes.length - inflated.rest, findings);
    return table;
  }
  try {
    return split(bytes, start, syntax, meta, opening);
  } catch (error) {
    if (!isMisfit(error) || guess === null || guess === encoding) throw error;
    const opened = splitOrNull(bytes, start, { ...syntax, encoding: guess }, meta, opening);
    if (opened === null) throw error;
    addFinding(findings, 'TRANSFER_SYNTAX_MISMATCH', '(0002,0010)');
    return opened;
  }
}

/** The bytes do not fit the encoding, or do not fit anything. */
function isMisfit(error: unknown): boolean {
  return error instanceof Refused && ['BROKEN_STRUCTURE', 'TRUNCATED'].includes(error.refusal.code);
}

function declaredSyntax(meta: FileMeta, guess: Encoding | null): TransferSyntax {
  const uid = meta.transferSyntaxUid;
  if (uid === null) {
    if (guess === null) throw new Refused('UNSUPPORTED_TRANSFER_SYNTAX', { path: '(0002,0010)' });
    return { encoding: guess, deflated: false, encapsulated: false };
  }
  const syntax = transferSyntax(uid);
  if (syntax !== null) return syntax;
  const facts = { transferSyntaxUid: uidOrNull(uid), ...sopClassFacts(meta.mediaStorageSopClassUid) };
  throw new Refused('UNSUPPORTED_TRANSFER_SYNTAX', { path: '(0002,0010)', facts });
}

function split(bytes: Buffer, start: number, syntax: TransferSyntax, meta: FileMeta, opening: Opening): OpenFile {
  const table = createTable(bytes);
  let failure: Refused | null = null;
  let order: OrderBook = { disordered: [] };
  try {
    const parsed = parseDataSet(table, start, syntax.encoding, opening.limits, syntax.encapsulated);
    order = parsed.order;
    if (parsed.oddLengths > 0) addFinding(opening.findings, 'ODD_LENGTH', null, { count: parsed.oddLengths });
    if (parsed.trailingZeros > 0) addFinding(opening.findings, 'TRAILING_ZEROS', null, { bytes: parsed.trailingZeros });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    failure = error;
  }
  const { sopClassUid, sopInstanceUid } = identityOf(table);
  opening.sopInstanceUid = sopInstanceUid ?? opening.sopInstanceUid;
  if (failure === null) return { meta, table, order };
  // Without a file header, only a SOP class tells a damaged data set from bytes that were never DICOM.
  if (!meta.marked && !meta.present && sopClassUid === null) throw notDicom(bytes);
  const known = sopClassUid ?? meta.mediaStorageSopClassUid;
  if (known === null || isStructuredReport(known)) {
    const { offset } = failure.refusal;
    const second = isMisfit(failure) && offset !== null && offset > start && startsAnotherFile(bytes, offset);
    throw second ? new Refused('TWO_FILES_IN_ONE', { offset }) : failure;
  }
  throw new Refused('NOT_STRUCTURED_REPORT', { path: '(0008,0016)', facts: sopClassFacts(known) });
}

function splitOrNull(bytes: Buffer, start: number, syntax: TransferSyntax, meta: FileMeta, opening: Opening) {
  try {
    return split(bytes, start, syntax, meta, opening);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** SOP Class and Instance UID of a table that may have been left half-way: both stand near its beginning. */
function identityOf(table: ElementTable) {
  const found = new Map<number, string>();
  for (let row = 1; row < table.rows && tagOf(table, row) <= TAG.SOPInstanceUID; row++) {
    const tag = tagOf(table, row);
    if (tag !== TAG.SOPClassUID && tag !== TAG.SOPInstanceUID) continue;
    const start = startOf(table, row);
    const uid = table.bytes.toString('latin1', start, start + Math.min(lengthOf(table, row), 64));
    found.set(tag, uid.replace(/[\0 ]+$/, ''));
  }
  return { sopClassUid: found.get(TAG.SOPClassUID) || null, sopInstanceUid: uidOrNull(found.get(TAG.SOPInstanceUID)) };
}

/** After a deflate stream: one byte may pad it to an even length (PS3.5 A.5). */
function checkRest(bytes: Buffer, from: number, findings: FindingList): void {
  const rest = bytes.subarray(from);
  if (rest.some((byte) => byte !== 0)) {
    const second = rest.includes('DICM', 0, 'latin1');
    throw new Refused(second ? 'TWO_FILES_IN_ONE' : 'TRAILING_BYTES', { offset: from });
  }
  if (rest.length > 1) addFinding(findings, 'TRAILING_ZEROS', null, { bytes: rest.length });
}

function notDicom(bytes: Buffer): Refused {
  return new Refused('NOT_DICOM', { facts: { bytes: bytes.length, looksLike: guessFileKind(bytes) } });
}
