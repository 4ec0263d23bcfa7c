import {
  type ElementTable,
  hasRows,
  lengthOf,
  nextOf,
  ROOT_ROW,
  tagOf,
  valueBytes,
  vrOf,
} from '../dicom/document/element-table.ts';
import { isStandardVr } from '../dicom/encoding/element-header.ts';

/**
 * Attributes that say how something was made rather than of whom, by whom or where: their words may stand in a label. The
 * tree is gathered by itself, and so are comments that hold XML.
 */
const TECHNICAL: ReadonlySet<number> = new Set([
  0x00080005, // Specific Character Set
  0x00080008, // Image Type
  0x00080016, // SOP Class
  0x00080060, // Modality
  0x00080064, // Conversion Type
  0x00080070, // Manufacturer
  0x00081030, // Study Description
  0x00081032, // Procedure Code Sequence
  0x0008103e, // Series Description
  0x00081090, // Manufacturer's Model Name
  0x00180015, // Body Part Examined
  0x00181020, // Software Versions
  0x00181030, // Protocol Name
  0x00200060, // Laterality
  0x00200062, // Image Laterality
  0x00204000, // Image Comments
  0x00280004, // Photometric Interpretation
  0x00400254, // Performed Procedure Step Description
  0x00400260, // Performed Protocol Code Sequence
  0x0040a040, // Value Type
  0x0040a043, // Concept Name Code Sequence
  0x0040a050, // Continuity Of Content
  0x0040a372, // Performed Procedure Code Sequence
  0x0040a491, // Completion Flag
  0x0040a493, // Verification Flag
  0x0040a504, // Content Template Sequence
  0x0040a730, // Content Sequence
]);

/** Longest text that can be a name. */
const MOST_BYTES = 1024;
const PIXELS = 0x7fe0;

const isPrivate = (tag: number) => ((tag >>> 16) & 1) === 1;

/** Control characters beside white space, the padding, and the escape of ISO 2022. */
const isBinary = (bytes: Buffer) => bytes.some((byte, at) => byte < 9 && !(byte === 0 && at === bytes.length - 1));

/** The texts of a data set that name a person, place or object, decoded in the two usual ways. */
export function* namingTexts(table: ElementTable): Generator<string> {
  for (let row = ROOT_ROW + 1; row < table.rows; row = nextOf(table, row)) {
    const tag = tagOf(table, row);
    if (TECHNICAL.has(tag) || tag >>> 16 === PIXELS) continue;
    // Whatever stands inside a sequence; the rows of a subtree follow each other.
    for (let inner = row; inner < nextOf(table, row); inner += 1) {
      if (hasRows(table, inner) || lengthOf(table, inner) === 0 || lengthOf(table, inner) > MOST_BYTES) continue;
      const bytes = valueBytes(table, inner);
      if (isBinary(bytes)) continue;
      for (const text of new Set([bytes.toString('latin1'), bytes.toString('utf8')])) {
        yield* text.replaceAll('\0', ' ').split(/[\\^=]/);
      }
    }
  }
}

export type PrivateElement = { readonly tag: number; readonly creator: string; readonly vr: string };

/** Private elements at any depth with the creator of their block in the same item, each once a place. */
export function* privateElements(table: ElementTable): Generator<PrivateElement> {
  const items = [ROOT_ROW];
  for (let item = items.pop(); item !== undefined; item = items.pop()) {
    const creators = new Map<number, string>();
    for (let row = item + 1; row < nextOf(table, item); row = nextOf(table, row)) {
      const tag = tagOf(table, row);
      if (hasRows(table, row)) {
        for (let child = row + 1; child < nextOf(table, row); child = nextOf(table, child)) items.push(child);
      }
      if (!isPrivate(tag)) continue;
      const [group, element] = [tag >>> 16, tag & 0xffff];
      if (element >= 0x10 && element <= 0xff) {
        creators.set((group << 8) | element, valueBytes(table, row).toString('latin1').trim());
      } else if (element > 0xff) {
        yield { tag, creator: creators.get((group << 8) | (element >>> 8)) ?? '', vr: vrName(vrOf(table, row)) };
      }
    }
  }
}

/** The two letters of a VR; empty where the syntax has none. */
function vrName(vr: number): string {
  return isStandardVr(vr) ? String.fromCharCode(vr >>> 8, vr & 0xff) : '';
}
