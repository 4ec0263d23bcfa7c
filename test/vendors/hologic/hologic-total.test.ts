import { describe, expect, it } from 'vitest';
import { adaptText } from '../../support/dicom/adapt-hologic-text.ts';

const cell = (row: number, column: number, text: string) => `ResultsTable1[ ${row}][ ${column}] = "${text}";`;
const ROWS = [
  ['Region', 'BMD (g/cm2)'],
  ['L1', '0.901'],
  ['L2', '0.902'],
  ['L3', '0.903'],
  ['L4', '0.904'],
  ['Total', '0.905'],
].map((cells, row) => cells.map((text, column) => cell(row, column, text)));

/** The table with the label of L3 written otherwise. */
function spine(third: string): string {
  return ['ScanMode = "a Lumbar Spine";', ...ROWS.flat()].join('\n').replace(cell(3, 0, 'L3'), third);
}

describe('the Total of a Hologic spine', () => {
  it('is L1-L4 when the table lists these four', () => {
    const { values, findings } = adaptText(spine(cell(3, 0, 'L3')));
    expect(values.at(-1)).toBe('spine L1,L2,L3,L4 none 0.905');
    expect(findings).toEqual([]);
  });

  it.each([
    ['has a footnote mark', cell(3, 0, 'L3*')],
    ['has a dagger', cell(3, 0, 'L3†')],
    ['is empty', cell(3, 0, '')],
    ['is not assigned at all', ''],
  ])('is absent, and so is L3, when its label %s', (_, third) => {
    const { values, findings } = adaptText(spine(third));
    expect(values).toEqual(['spine L1 none 0.901', 'spine L2 none 0.902', 'spine L4 none 0.904']);
    expect(findings).toEqual([
      'UNKNOWN_REGION (0019,1000)/ResultsTable1[3]',
      'UNKNOWN_REGION (0019,1000)/ResultsTable1[5]',
    ]);
  });

  it.each([
    ['a comment behind it', `${cell(3, 0, 'L3')} // x`],
    ['an escape', cell(3, 0, String.raw`L3\101`)],
  ])('is absent, and the line is reported, when the label of L3 has %s', (_, third) => {
    const { values, findings } = adaptText(spine(third));
    expect(values).toEqual(['spine L1 none 0.901', 'spine L2 none 0.902', 'spine L4 none 0.904']);
    expect(findings).toEqual([
      'UNREADABLE_VALUE (0019,1000)/ResultsTable1',
      'UNKNOWN_REGION (0019,1000)/ResultsTable1[3]',
      'UNKNOWN_REGION (0019,1000)/ResultsTable1[5]',
    ]);
  });

  it('does not mind the lines that make its rows', () => {
    expect(adaptText(`ResultsTable1[ 1] = new Array(7);\n${spine(cell(3, 0, 'L3'))}`).findings).toEqual([]);
  });
});
