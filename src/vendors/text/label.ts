/** A report repeats a few dozen labels hundreds of times. */
const known = new Map<string, string>();
const MOST_KNOWN = 2000;

/**
 * The form in which labels are compared: case, white space, underscore, hyphen, full stop and a possessive 's play no
 * part ("Ward's", "WARDS" and "ward_s" are one label).
 */
export function normaliseLabel(label: string): string {
  const before = known.get(label);
  if (before !== undefined) return before;
  const normal = normalise(label);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(label, normal);
  return normal;
}

function normalise(label: string): string {
  return label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(\w)['’]s\b/g, '$1s')
    .replace(/[\s_\-‐-―.]+/g, ' ')
    .trim();
}

const SHOWN_LENGTH = 64;

/** The beginning of a label, as findings keep it. */
export const shortLabel = (label: string): string => label.slice(0, SHOWN_LENGTH).toWellFormed();
