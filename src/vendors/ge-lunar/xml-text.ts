import { decodeEntities } from '../text/markup.ts';

/**
 * Where enCORE's XML stands in Image Comments: its text from the first tag on, or that something there can only be this
 * XML and no way of reading it is known.
 */
export type GeXmlText = { readonly kind: 'xml'; readonly xml: string } | { readonly kind: 'hint' };

const ROOT = /<\s{0,8}(?:[\w.-]{1,32}:)?(?:DXA|DENSITOMETRY)_RESULTS\b/i;
const END = /<\/\s{0,8}(?:[\w.-]{1,32}:)?(?:DXA|DENSITOMETRY)_RESULTS\s{0,8}>/gi;
const BEFORE_ROOT = /<\?xml\b|<!DOCTYPE\b|<!ENTITY\b/i;
const HINT =
  /(?:DXA|DENSITOMETRY)_RESULTS|[<&%][\w;:#]{0,12}(?:DXA|DENSITOMETRY)\W{0,4}RESULTS|BMD_(?:TSCORE|ZSCORE|PYA|PAM)|<\s{0,8}ROI\s{1,8}region/i;

/**
 * Finds the XML whatever stands around it: a byte order mark (also one of another character set), a remark before or
 * behind, tags in other case or escaped once more, characters of two bytes.
 */
export function findGeXml(comments: string | null): GeXmlText | null {
  if (comments === null) return null;
  const narrow = withoutZeroBytes(comments);
  for (const text of [narrow, decodeEntities(narrow), decodeEntities(decodeEntities(narrow))]) {
    const at = text.search(ROOT);
    if (at < 0) continue;
    const before = text.slice(0, at).search(BEFORE_ROOT);
    const end = [...text.matchAll(END)].at(-1);
    const stop = end === undefined || end.index < at ? text.length : end.index + end[0].length;
    return { kind: 'xml', xml: text.slice(before < 0 ? at : before, stop) };
  }
  return HINT.test(narrow) ? { kind: 'hint' } : null;
}

/** In UTF-16 every second byte of ASCII is zero, which the reader shows as U+FFFD. */
function withoutZeroBytes(text: string): string {
  const head = text.slice(0, 256);
  const zeros = head.split('\uFFFD').length - 1;
  return 5 * zeros > 2 * head.length ? text.replaceAll('\uFFFD', '') : text;
}
