const snake = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();

/**
 * One flat JSON object on one line, for whoever collects figures: nested names are joined with "_", a list's entries by
 * their `name`, `list`, `queue` or position.
 */
export function flatJson(value: Readonly<Record<string, unknown>>): string {
  const flat: Record<string, unknown> = {};
  const add = (path: readonly string[], current: unknown): void => {
    if (Array.isArray(current)) {
      for (const [index, entry] of current.entries()) {
        const named = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
        const label = named['name'] ?? named['list'] ?? named['queue'] ?? named['rule'] ?? index;
        add([...path, String(label)], entry);
      }
    } else if (typeof current === 'object' && current !== null) {
      for (const [name, entry] of Object.entries(current)) add([...path, name], entry);
    } else flat[path.map(snake).join('_')] = current;
  };
  add([], value);
  return JSON.stringify(flat);
}
