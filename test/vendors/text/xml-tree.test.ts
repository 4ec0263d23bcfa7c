import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenNamed, childText, readXml } from '../../../src/vendors/text/xml-tree.ts';

const WHOLE = '<A><B x="1">0.985</B><B>1.0<!-- note --></B><C><![CDATA[a<b]]></C></A>';

describe('XML in Image Comments', () => {
  it('is read with attributes, comments left out and CDATA', () => {
    const { root, state } = readXml(WHOLE);
    expect(state).toBe('whole');
    expect(root && childrenNamed(root, 'B').map(({ text, path }) => [text, path])).toEqual([
      ['0.985', 'A/B[1]'],
      ['1.0', 'A/B[2]'],
    ]);
    expect(root && childText(root, 'C')).toBe('a<b');
  });

  it('gives after a cut at any place only texts that were whole before it', () => {
    const whole = new Set(['0.985', '1.0', 'a<b']);
    for (let end = 0; end < WHOLE.length; end += 1) {
      const { root, state } = readXml(WHOLE.slice(0, end));
      expect(state).toBe('broken');
      for (const child of root?.children ?? []) if (child.complete) expect(whole).toContain(child.text);
    }
  });

  it.each([
    ['a DTD', '<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>'],
    ['an external DTD', '<!DOCTYPE A SYSTEM "file:///etc/passwd"><A/>'],
    ['a billion laughs', `<!DOCTYPE A [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><A>&b;</A>`],
    ['depth', `${'<A>'.repeat(100)}${'</A>'.repeat(100)}`],
    ['size', `<A>${' '.repeat(300_000)}</A>`],
  ])('is refused because of %s', (_, text) => {
    expect(readXml(text)).toEqual({ root: null, state: 'refused' });
  });

  it('expands no entity but the five of XML and those of single signs that units hold', () => {
    const { root, state } = readXml('<A><B>1</B><C>&amp;</C><D>&oelig;</D></A>');
    expect(state).toBe('broken');
    expect(root && [childText(root, 'B'), childText(root, 'C'), childText(root, 'D')]).toEqual(['1', '&', null]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', 'A', '/', '"', '=', ' ', '&', ';', '!', '[', ']', '1') }),
        (text) => {
          expect(['whole', 'broken', 'refused']).toContain(readXml(text).state);
        },
      ),
    );
  });
});
