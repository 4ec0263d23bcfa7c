import { dirname } from 'node:path/posix';
import { findCircles, type SourceFile } from './import-graph.ts';
import { type Floors, FOLDERS, MOST_IN_A_FOLDER, ONLY_IN, PACKAGES } from './rooms.ts';

/** "dxa" of src/dxa/values/region.ts; "" of src/cli.ts, and of what is not in src. */
const folderOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
/** "values" of src/dxa/values/region.ts; "." of a file beside the rooms. */
const roomOf = (path: string): string => /^src\/[^/]+\/([^/]+)\//.exec(path)?.[1] ?? '.';
const floorOf = (floors: Floors, room: string): number => floors.findIndex((floor) => floor.includes(room));

function wrongArrow(from: string, to: string): string | null {
  if (!from.startsWith('src/')) return null;
  if (to === 'package.json') return null; // the version
  if (!to.startsWith('src/')) return 'src imports of src only';
  const [folder, other] = [folderOf(from), folderOf(to)];
  if (folder === '') return null;
  if (folder !== other)
    return FOLDERS[folder]?.imports.includes(other) ? null : `${folder} may not import ${other || 'a process entry'}`;
  const floors = FOLDERS[folder]?.floors;
  const [room, below] = [roomOf(from), roomOf(to)];
  if (floors === undefined || room === below || floorOf(floors, below) < floorOf(floors, room)) return null;
  return `${folder}/${below} is not on a floor below ${folder}/${room}`;
}

function wrongPackage(path: string, name: string): string | null {
  if (!path.startsWith('src/')) return null;
  const only = Object.entries(ONLY_IN).find(([each]) => name === each || name.startsWith(`${each}/`))?.[1];
  if (only !== undefined && !path.startsWith(only.place)) return `${name} belongs to ${only.place}: ${only.because}`;
  const allowed = PACKAGES[folderOf(path)];
  return allowed === undefined || allowed.includes(name) ? null : `${folderOf(path)} is pure, and may not use ${name}`;
}

function unlistedRooms(paths: readonly string[]): string[] {
  const folders = [...new Set(paths.map(folderOf))].filter((folder) => folder !== '');
  return [
    ...folders.filter((folder) => !(folder in FOLDERS)).map((folder) => `src/${folder}: not in the table of folders`),
    ...Object.entries(FOLDERS).flatMap(([folder, { floors }]) => {
      const rooms = new Set(paths.filter((path) => folderOf(path) === folder).map(roomOf));
      const listed = floors?.flat() ?? ['.'];
      return [
        ...[...rooms].filter((room) => !listed.includes(room)).map((room) => `src/${folder}/${room}: on no floor`),
        ...listed.filter((room) => !rooms.has(room)).map((room) => `src/${folder}/${room}: a floor without files`),
      ];
    }),
  ];
}

function crowded(paths: readonly string[]): string[] {
  const counts = Map.groupBy(paths, dirname);
  return [...counts]
    .filter(([, files]) => files.length > MOST_IN_A_FOLDER)
    .map(([folder, files]) => `${folder}: ${files.length} modules, more than ${MOST_IN_A_FOLDER}`);
}

/** What is wrong with the plan of the sources, a line each; empty when nothing is. */
export function problemsOf(sources: readonly SourceFile[]): string[] {
  const paths = sources.map(({ path }) => path);
  const because = (path: string, to: string, what: string | null) =>
    what === null ? [] : [`${path} → ${to}: ${what}`];
  return [
    ...findCircles(new Map(sources.map(({ path, files }) => [path, files]))).map(
      (circle) => `circle: ${circle.join(' → ')}`,
    ),
    ...findCircles(new Map(Object.entries(FOLDERS).map(([folder, { imports }]) => [folder, imports]))).map(
      (circle) => `circle of folders: ${circle.join(' → ')}`,
    ),
    ...sources.flatMap(({ path, files, packages }) => [
      ...files.flatMap((to) => because(path, to, wrongArrow(path, to))),
      ...packages.flatMap((name) => because(path, name, wrongPackage(path, name))),
    ]),
    ...unlistedRooms(paths),
    ...crowded(paths),
  ];
}
