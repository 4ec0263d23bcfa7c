const snake = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();

function labelOf(entry: unknown, index: number): unknown {
  const named = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
  return named['name'] ?? named['list'] ?? named['queue'] ?? named['rule'] ?? index;
}

/**
 * One flat JSON object on one line, for whoever collects figures: nested names are joined with "_", a list's entries by
 * their `name`, `list`, `queue` or position.
 */
export function flatJson(value: Readonly<Record<string, unknown>>): string {
  const flat: Record<string, unknown> = {};
  const add = (path: readonly string[], current: unknown): void => {
    if (Array.isArray(current)) {
      for (const [index, entry] of current.entries()) {
        const label = labelOf(entry, index);
        const taken = current.slice(0, index).some((other) => labelOf(other, -1) === label);
        add([...path, taken ? `${String(label)}_${index}` : String(label)], entry);
      }
    } else if (typeof current === 'object' && current !== null) {
      for (const [name, entry] of Object.entries(current)) add([...path, name], entry);
    } else flat[path.map(snake).join('_')] = current;
  };
  add([], value);
  return JSON.stringify(flat);
}
