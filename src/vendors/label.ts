/**
 * The form in which labels are compared: case, white space, underscore, hyphen, full stop and a possessive 's play no
 * part ("Ward's", "WARDS" and "ward_s" are one label).
 */
export function normaliseLabel(label: string): string {
  return label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(\w)['’]s\b/g, '$1s')
    .replace(/[\s_\-‐-―.]+/g, ' ')
    .trim();
}

/** Looks a key up among a table's own entries: a label may well be "constructor". */
export function lookup<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
