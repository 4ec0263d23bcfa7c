import { describe, expect, test } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { sample, samplesExist } from '../support/dicom/dicom-samples.ts';
import { type PlainItem, plainItems } from '../support/dicom/dicom-second-reader.ts';

/**
 * Where pydicom 2.3.1, which wrote oracle.tsv, and this reader differ. Each rule turns what pydicom gave into what we
 * give, and must be needed; everything else is compared character by character.
 */
const RULES: readonly { readonly why: string; readonly apply: (theirs: PlainItem, ours: PlainItem) => PlainItem }[] = [
  {
    why: 'The table is tab-separated: line ends in texts are written as escapes.',
    apply: (theirs) => ({ ...theirs, value: theirs.value.replaceAll('\\r', '\r').replaceAll('\\n', '\n') }),
  },
  {
    why: 'A code sequence whose item is empty is written as "||"; to us both are no code.',
    apply: (theirs) => (theirs.value === '||' ? { ...theirs, value: '' } : theirs),
  },
  {
    why: 'A root without a value type can only be a container (PS3.3 C.17.3); we say so, with a finding.',
    apply: (theirs) =>
      theirs.path === '1' && theirs.valueType === '' ? { ...theirs, valueType: 'CONTAINER' } : theirs,
  },
  {
    why: 'The table has no meaning of units.',
    apply: (theirs, ours) => {
      const [value, scheme] = ours.unit.split('|');
      return theirs.unit === `${value ?? ''}|${scheme ?? ''}` ? { ...theirs, unit: ours.unit } : theirs;
    },
  },
];

/** Files that pydicom opens and we refuse: there is nothing in them but a root. */
const REFUSED: Readonly<Record<string, string>> = {
  'ckswilliams+modOpenREM__ESR_non-dose.dcm': 'NO_CONTENT',
  'dcm4che+dcm4che__Tag-0040-A170-VR-CS.dcm': 'NO_CONTENT',
};

function readOracle(): Map<string, PlainItem[]> {
  const files = new Map<string, PlainItem[]>();
  for (const line of sample('other-sr/oracle.tsv').toString('utf8').trimEnd().split('\n').slice(1)) {
    const [file = '', path = '', relationship = '', valueType = '', ...rest] = line.split('\t');
    const [code = '', scheme = '', meaning = '', value = '', unitCode = '', unitScheme = ''] = rest;
    const concept = [code, scheme, meaning].join('|').replace(/^\|\|$/, '');
    const unit = [unitCode, unitScheme].join('|').replace(/^\|$/, '');
    const item = { path, relationship, valueType, concept, value, unit };
    const items = files.get(file);
    if (items === undefined) files.set(file, [item]);
    else items.push(item);
  }
  return files;
}

describe.skipIf(!samplesExist)('pydicom, item by item', () => {
  const oracle = samplesExist ? readOracle() : new Map<string, PlainItem[]>();
  const needed = new Set<string>();

  test.each([...oracle.keys()])('%s', (file) => {
    const theirs = oracle.get(file) ?? [];
    const result = readReport(sample(`other-sr/${file}`), READ_LIMITS);
    if (!result.ok) {
      expect(result.refusal.code).toBe(REFUSED[file]);
      expect(theirs).toHaveLength(1);
      return;
    }
    const ours = plainItems(result.document.root);
    expect(ours.map(({ path }) => path)).toEqual(theirs.map(({ path }) => path));
    const explained = theirs.map((item, i) => {
      const own = ours[i];
      if (own === undefined) return item;
      return RULES.reduce((current, { why, apply }) => {
        const next = apply(current, own);
        if (JSON.stringify(next) !== JSON.stringify(current)) needed.add(why);
        return next;
      }, item);
    });
    expect(ours).toEqual(explained);
  });

  test('every rule of difference is needed, and the oracle covers what it should', () => {
    expect(RULES.map(({ why }) => why).filter((why) => !needed.has(why))).toEqual([]);
    expect([...oracle.values()].flat()).toHaveLength(19_630);
  });
});
