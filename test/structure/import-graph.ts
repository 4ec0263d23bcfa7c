import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { parseSync, Visitor } from 'oxc-parser';

export type SourceFile = {
  /** From the project's root, as every path here. */
  readonly path: string;
  /** Files it imports, of types too, and by `import()`. */
  readonly files: readonly string[];
  /** Packages and `node:` modules. */
  readonly packages: readonly string[];
};

/** What a module asks for: `from '…'`, `import('…')` and `import('…').Type`; a specifier put together is not seen. */
export function specifiersOf(path: string, source: string): string[] {
  const { program, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const specifiers = new Set<string>();
  const add = ({ source: from }: { readonly source?: unknown }) => {
    if (typeof from !== 'object' || from === null || !('value' in from)) return;
    if (typeof from.value === 'string') specifiers.add(from.value);
  };
  new Visitor({
    ImportDeclaration: add,
    ExportNamedDeclaration: add,
    ExportAllDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
  }).visit(program);
  return [...specifiers];
}

/** Every module of the project below `root`, with what it imports. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => {
        const path = join(folder, name.replaceAll('\\', '/'));
        const specifiers = specifiersOf(path, readFileSync(join(root, path), 'utf8'));
        return {
          path,
          files: specifiers.filter((each) => each.startsWith('.')).map((each) => join(dirname(path), each)),
          packages: specifiers.filter((each) => !each.startsWith('.')),
        };
      }),
  );
}

/** Sets of more than one node that reach each other (Tarjan 1972), each in an order that it can be read in. */
export function findCircles(arrows: ReadonlyMap<string, Iterable<string>>): string[][] {
  const found = new Map<string, { readonly index: number; low: number }>();
  const path: string[] = [];
  const circles: string[][] = [];
  function visit(node: string): { readonly index: number; low: number } {
    const own = { index: found.size, low: found.size };
    found.set(node, own);
    path.push(node);
    for (const next of arrows.get(node) ?? []) {
      if (!arrows.has(next)) continue;
      const seen = found.get(next);
      if (seen === undefined) own.low = Math.min(own.low, visit(next).low);
      else if (path.includes(next)) own.low = Math.min(own.low, seen.index);
    }
    if (own.low === own.index) {
      const circle = path.splice(path.indexOf(node));
      if (circle.length > 1) circles.push(circle);
    }
    return own;
  }
  for (const node of arrows.keys()) if (!found.has(node)) visit(node);
  return circles;
}
