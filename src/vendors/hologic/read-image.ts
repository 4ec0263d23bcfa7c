import { DEFAULT_CHARACTER_SET } from '../../dicom/character-set.ts';
import { type Context, characterSetOf } from '../../dicom/code-sequence.ts';
import { stringAt, uidAt } from '../../dicom/content-value.ts';
import { type ElementTable, lengthOf, nextOf, ROOT_ROW, tagOf, valueBytes } from '../../dicom/element-table.ts';
import { createFindings, listFindings } from '../../dicom/findings.ts';
import { readHeader } from '../../dicom/header.ts';
import type { ReadLimits } from '../../dicom/limits.ts';
import { type Opening, openFile } from '../../dicom/open-file.ts';
import { formatTag, Refused } from '../../dicom/refused.ts';
import type { DocumentHeader, Refusal } from '../../dicom/sr-document.ts';
import { TAG } from '../../dicom/tags.ts';
import type { Reading } from '../../dicom/values.ts';
import type { Finding } from '../../dxa/finding.ts';

/** An image with its private results as text. */
export type HologicImage = {
  readonly header: DocumentHeader;
  readonly text: string;
  /** Of the element that holds the text, "(0019,1000)". */
  readonly path: string;
  readonly findings: readonly Finding[];
  /** The elements that it was read from. */
  readonly table: ElementTable;
};

export type ImageRead =
  | { readonly ok: true; readonly image: HologicImage }
  | { readonly ok: false; readonly refusal: Refusal; readonly sopInstanceUid: string | null };

export const MARKS = ['ResultsTable1', '<JavaScriptFile'];

/**
 * Reads a DICOM image that carries Hologic's results in a private element. The element is found by its content: the
 * dictionary says (0021,xx01), real files had (0019,1000), and "HOLOGIC, Inc." in group 0019 is mammography.
 */
export function readHologicImage(bytes: Uint8Array, limits: ReadLimits): ImageRead {
  const opening: Opening = { limits, findings: createFindings(), sopInstanceUid: null };
  try {
    const file = openFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), opening);
    const row = findResults(file.table, limits);
    if (row === null) return refuse({ code: 'NO_PRIVATE_RESULTS', offset: null, path: null }, opening);
    const reading: Reading = { table: file.table, limits, findings: opening.findings };
    const context: Context = {
      path: null,
      characterSet: characterSetOf(reading, ROOT_ROW, { path: null, characterSet: DEFAULT_CHARACTER_SET }),
    };
    const sopInstanceUid = uidAt(reading, ROOT_ROW, TAG.SOPInstanceUID, null);
    if (sopInstanceUid === null)
      return refuse({ code: 'SOP_INSTANCE_UID_MISSING', offset: null, path: '(0008,0018)' }, opening);
    const sopClassUid = stringAt(reading, ROOT_ROW, TAG.SOPClassUID, null) ?? '';
    const identity = { sopClassUid, sopInstanceUid, transferSyntaxUid: file.meta.transferSyntaxUid };
    const header = readHeader(reading, identity, context);
    const text = decode(valueBytes(file.table, row));
    return {
      ok: true,
      image: {
        header,
        text,
        path: formatTag(tagOf(file.table, row)),
        findings: listFindings(opening.findings),
        table: file.table,
      },
    };
  } catch (error) {
    if (error instanceof Refused) return refuse(error.refusal, opening);
    throw error;
  }
}

function refuse(refusal: Refusal, { sopInstanceUid }: Opening): ImageRead {
  return { ok: false, refusal, sopInstanceUid };
}

/** The first element of groups 0019 and 0021 that looks like Hologic's results. */
function findResults(table: ElementTable, limits: ReadLimits): number | null {
  for (let row = ROOT_ROW + 1; row < table.rows; row = nextOf(table, row)) {
    const group = tagOf(table, row) >>> 16;
    if (group !== 0x0019 && group !== 0x0021) continue;
    const bytes = valueBytes(table, row);
    if (!MARKS.some((mark) => bytes.includes(mark, 0, 'latin1'))) continue;
    if (lengthOf(table, row) <= limits.maxTextBytes) return row;
    throw new Refused('LIMIT_TEXT', { path: formatTag(tagOf(table, row)), facts: { limit: limits.maxTextBytes } });
  }
  return null;
}

/** No character set is declared inside: UTF-8 where it is valid, Latin-1 otherwise. */
function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text;
}
