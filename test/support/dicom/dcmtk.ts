import { spawnSync } from 'node:child_process';

/** Whether a program of dcmtk is there; says so when it is not, for its tests are left out then. */
export function dcmtkHas(program: string): boolean {
  const there = spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
  if (!there) console.warn(`SKIPPED: ${program} is not installed, nothing is compared with it`);
  return there;
}

// A text may hold line ends: a value ends where the comment with its length begins.
const LINE = /^ *\(([0-9a-f]{4},[0-9a-f]{4})\) [\w?]{2} (?:\[([\s\S]*?)\]|([^\n]*?)) +# +\d+, ?\d+ [^\n]+$/gm;

/** Every value of some tags ("0040,a30a") in the order of the file, at any depth: its raw text as Latin-1, or its bytes. */
export function dumpValues(path: string, tags: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const wanted = tags.flatMap((tag) => ['+P', tag]);
  const { status, stdout, stderr } = spawnSync('dcmdump', ['-q', '-dc', '+L', '+R', '4096', ...wanted, path], {
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`dcmdump ended with ${status}: ${stderr.slice(0, 200)}`);
  const found = new Map<string, string[]>(tags.map((tag) => [tag, []]));
  for (const [, tag = '', text, other = ''] of stdout.matchAll(LINE)) found.get(tag)?.push(text ?? otherText(other));
  return found;
}

function otherText(other: string): string {
  if (/^[0-9a-f]{2}(?:\\[0-9a-f]{2})*$/.test(other))
    return Buffer.from(other.replaceAll('\\', ''), 'hex').toString('latin1');
  return other.startsWith('(no value') ? '' : other;
}

/** Lines of dsrdump that show a NUM or TEXT item, in the order of the tree; null when it does not take the file. */
export function dumpReport(path: string): readonly string[] | null {
  const { status, stdout } = spawnSync('dsrdump', ['-q', '+Pl', '-Ph', path], {
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? stdout.split('\n').filter((line) => /(?:NUM|TEXT):/.test(line)) : null;
}
