import { type Assignments, RESULTS, readAssignments } from '../vendors/hologic/assignments.ts';
import { hasNumbers } from '../vendors/hologic/place-row.ts';
import { readScanMode } from '../vendors/hologic/vocabulary.ts';
import type { Screen } from './screen.ts';
import type { ScriptForm } from './survey-file.ts';
import { addCount, type Budget, countIn, newTally, shownCounts, type Tally, tallyOf } from './tally.ts';

export type ScriptGathering = {
  /** `hide` is told every text that is none of the name of a scan, a header cell or a label of a row. */
  readonly add: (script: string, file: number, hide: (text: string) => void) => void;
  readonly form: () => ScriptForm;
};

type Cell = Tally & { readonly scan: string; readonly cell: string };
type Row = Tally & { readonly scan: string; readonly heading: string; readonly label: string };
type Scan = Tally & { readonly modes: readonly string[] };

const MODES: readonly string[] = ['ScanMode', 'ScanMode2'];

/** Gathers what the private text of Hologic's images names: scans, header cells, rows, tables and variables. */
export function openScriptForm(screen: Screen, budget: Budget): ScriptGathering {
  const scans = new Map<string, Scan>();
  const cells = new Map<string, Cell>();
  const rows = new Map<string, Row>();
  const tables = new Map<string, number>();
  const values = new Map<string, number>();

  function addTable(
    scan: string,
    table: Assignments['tables'] extends ReadonlyMap<string, infer T> ? T : never,
    file: number,
  ) {
    let heading = '';
    for (const [index, row] of table.entries()) {
      const [label = '', ...rest] = row;
      if (index === 0) {
        heading = screen.keep(label, 'label');
        for (const raw of rest.filter((text) => text !== '')) {
          const cell = screen.keep(raw, 'header cell');
          const made = () => ({ ...newTally(), scan, cell });
          const tally = tallyOf(cells, JSON.stringify([scan, cell]), budget, made);
          if (tally !== null) countIn(tally, file);
        }
      } else if (!hasNumbers(row)) {
        if (label !== '') heading = screen.keep(label, 'label');
      } else {
        const kept = screen.keep(label, 'label');
        const make = () => ({ ...newTally(), scan, heading, label: kept });
        const tally = tallyOf(rows, JSON.stringify([scan, heading, kept]), budget, make);
        if (tally !== null) countIn(tally, file);
      }
    }
  }

  return {
    add: (script, file, hide) => {
      const assignments = readAssignments(script);
      const modes = MODES.flatMap((name) => assignments.values.get(name)?.trim() || []);
      const kept = modes.map((mode) => screen.keep(mode, 'label'));
      const scan = tallyOf(scans, JSON.stringify(kept), budget, () => ({ ...newTally(), modes: kept }));
      if (scan !== null) countIn(scan, file);
      for (const [name, value] of assignments.values) {
        addCount(values, screen.keep(name, 'name'));
        if (!MODES.includes(name)) hide(value);
      }
      for (const [name, table] of assignments.tables) {
        addCount(tables, name);
        if (name === RESULTS) addTable(readScanMode(modes[0] ?? '', 'abbreviated')?.scanType ?? '', table, file);
      }
    },
    form: () => ({
      scans: merge([...scans.values()], ({ modes, files }) => ({
        modes: modes.map((mode) => screen.show(mode, 'label')),
        files,
      })).map(({ modes, files }) => ({ modes, files })),
      headerCells: merge([...cells.values()], ({ scan, cell, files }) => ({
        ...{ scan, cell: screen.show(cell, 'header cell'), files },
      })),
      rows: merge([...rows.values()], ({ scan, heading, label, times, files }) => ({
        ...{ scan, heading: screen.show(heading, 'label'), label: screen.show(label, 'label'), times, files },
      })),
      tables: shownCounts(tables, (name) => name),
      values: shownCounts(values, (name) => screen.show(name, 'name')),
    }),
  };
}

/** What is shown alike is one line; its counts are added up. */
function merge<T, S extends { readonly files: number; readonly times?: number }>(
  tallies: readonly T[],
  show: (tally: T) => S,
): (S & { different: number })[] {
  const merged = new Map<string, S & { different: number }>();
  for (const tally of tallies) {
    const { files, times, ...shown } = show(tally);
    const key = JSON.stringify(shown);
    const known = merged.get(key);
    merged.set(key, {
      ...(shown as unknown as S),
      files: files + (known?.files ?? 0),
      ...(times === undefined ? {} : { times: times + (known?.times ?? 0) }),
      different: 1 + (known?.different ?? 0),
    });
  }
  return [...merged.values()].sort((a, b) => b.files - a.files);
}
