import { type ElementTable, nextOf, ROOT_ROW, startOf, tagOf, valueBytes } from '../../dicom/document/element-table.ts';
import { formatTag, Refused } from '../../dicom/document/refused.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import type { Found } from '../report/adapter.ts';
import type { OpenImage } from '../report/open-image.ts';

/** (0019,1000) in real files, (0021,xx01) in the dictionary, and (0023,xx) on archive objects of "HOLOGIC, Inc.". */
const GROUPS: ReadonlySet<number> = new Set([0x0019, 0x0021, 0x0023]);
const MARKS = ['ResultsTable1', '<JavaScriptFile'];

/**
 * Finds Hologic's results in a private element of an image: by its content, whatever its private creator, for "HOLOGIC,
 * Inc." stands on images of mammography and on archive objects of densitometers. Throws Refused for a text beyond the limit.
 */
export function findHologicResults({ table, header }: OpenImage, limits: ReadLimits): Found | null {
  const row = findResults(table, limits);
  if (row === null) return null;
  return { header: header(), text: decode(valueBytes(table, row)), path: formatTag(tagOf(table, row)) };
}

/** The first private element that looks like Hologic's results. */
function findResults(table: ElementTable, limits: ReadLimits): number | null {
  for (let row = ROOT_ROW + 1; row < table.rows; row = nextOf(table, row)) {
    if (!GROUPS.has(tagOf(table, row) >>> 16)) continue;
    const bytes = valueBytes(table, row);
    if (!MARKS.some((mark) => bytes.includes(mark, 0, 'latin1'))) continue;
    if (bytes.length <= limits.maxTextBytes) return row;
    const facts = { limit: limits.maxTextBytes };
    throw new Refused('LIMIT_TEXT', { offset: startOf(table, row), path: formatTag(tagOf(table, row)), facts });
  }
  return null;
}

/** No character set is declared inside: UTF-8 where it is valid, Latin-1 otherwise. */
function decode(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8');
  const text = utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8;
  return text.replaceAll('\0', '\uFFFD');
}
