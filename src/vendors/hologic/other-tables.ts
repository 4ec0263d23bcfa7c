import type { Finding } from '../../dxa/values/finding.ts';
import { finding } from '../report/finding.ts';
import { type Assignments, RESULTS } from './assignments.ts';
import { isBoneColumn, isCompositionColumn } from './header-cells.ts';

/** What a table beside that of the results is about. */
type Subject = 'fracture risk' | 'earlier scans' | 'body composition' | 'bone results' | 'unknown';

const RISK = /\bFRAX\b|fracture/i;
const HISTORY = /\bdate\b|^\s*age\s*$|change|baseline|previous/i;
const DATE =
  /\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[-\s.]+\p{L}{3,9}[-\s.,]+\d{2,4}|\p{L}{3,9}\.?\s+\d{1,2},?\s+\d{4}/u;

function subjectOf(rows: readonly (readonly string[])[]): Subject {
  const [header = [], ...below] = rows;
  if (rows.some((cells) => cells.some((cell) => RISK.test(cell)))) return 'fracture risk';
  if (header.some((cell) => HISTORY.test(cell)) || below.some((cells) => cells.some((cell) => DATE.test(cell))))
    return 'earlier scans';
  if (header.some(isCompositionColumn)) return 'body composition';
  return header.some(isBoneColumn) ? 'bone results' : 'unknown';
}

/**
 * Names the tables that are not read. Earlier scans stand in reports of their own, and neither they nor fracture risk and
 * body composition are results of this scan. Bone results in a further table were seen nowhere: which scan they are of is
 * not told, so nothing is stored of them and a person is told.
 */
export function noteOtherTables({ tables }: Assignments, path: string): readonly Finding[] {
  return [...tables].flatMap(([name, rows]) => {
    if (name === RESULTS) return [];
    const about = subjectOf(rows);
    const code = about === 'bone results' ? 'RESULTS_TABLE_NOT_READ' : 'MEASURE_NOT_STORED';
    return [finding(code, `${path}/${name}`, { about, rows: Math.max(0, rows.length - 1) })];
  });
}
