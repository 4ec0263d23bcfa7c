import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGeXml } from '../../../src/vendors/ge-lunar/xml-text.ts';
import { readXml } from '../../../src/vendors/text/xml-tree.ts';
import { processorMs } from '../../support/processor-time.ts';

const XML = '<DXA_RESULTS><EXAM_DATE>12/03/2024</EXAM_DATE><SCAN type="AP Spine"/></DXA_RESULTS>';
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function stateOf(comments: string) {
  const found = findGeXml(comments);
  return found?.kind === 'xml' ? readXml(found.xml).state : (found?.kind ?? 'nothing');
}

describe('the XML in Image Comments', () => {
  it.each([
    ['as it is', XML],
    ['behind a declaration', `<?xml version="1.0" encoding="UTF-16"?>\n${XML}`],
    ['behind U+FEFF', `\uFEFF${XML}`],
    ['behind a UTF-8 mark read as Latin-1', `\u00ef\u00bb\u00bf${XML}`],
    ['behind a UTF-16 mark read as Latin-1', `\u00ff\u00fe${[...XML].join('\uFFFD')}`],
    ['in two bytes, big end first', `\uFFFD${[...XML].join('\uFFFD')}`],
    ['behind a remark', `Report of the scanner: ${XML}`],
    ['before a remark', `${XML} -- end`],
    ['in small letters', XML.toLowerCase()],
    ['in mixed case', XML.replaceAll('DXA_RESULTS', 'Dxa_Results')],
    ['with a prefix of its namespace', XML.replace(/(<\/?)/g, '$1ge:')],
    ['escaped', escaped(XML)],
    ['escaped with a declaration', escaped(`<?xml version="1.0"?>${XML}`)],
    ['escaped twice', escaped(escaped(XML))],
    ['escaped by number', XML.replaceAll('<', '&#60;').replaceAll('>', '&#x3E;')],
    ['in a CDATA section', `<Comments><![CDATA[${XML}]]></Comments>`],
    ['of the older generation', XML.replaceAll('DXA_', 'DENSITOMETRY_')],
  ])('is found %s', (_, comments) => {
    expect(stateOf(comments)).toBe('whole');
  });

  it.each([
    ['encoded for an address', encodeURIComponent(XML)],
    ['with a damaged root', XML.replaceAll('DXA_RESULTS', 'DXA RESULTS')],
    ['without its root', '<ROI region="L1-L4"><BMD_TSCORE>-1.0</BMD_TSCORE></ROI>'],
  ])('is known to be there %s', (_, comments) => {
    expect(stateOf(comments)).toBe('hint');
  });

  it('is refused, and not read from its root, behind a document type declaration', () => {
    expect(stateOf(`remark <!DOCTYPE DXA_RESULTS [<!ENTITY x "9">]>${XML}`)).toBe('refused');
  });

  it.each(['', 'AP Spine', 'DXA results: see report', 'Results <1.0', '<note/>'])('is not seen in %j', (comments) => {
    expect(stateOf(comments)).toBe('nothing');
  });

  it('is looked for in time that grows with the length alone', () => {
    const looking = processorMs(() => {
      findGeXml('<'.repeat(200_000));
      findGeXml('&lt;'.repeat(100_000));
      findGeXml(`${'< '.repeat(100_000)}DXA_RESULTS`);
    });
    expect(looking).toBeLessThan(2000);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '&', 'lt;', 'DXA_RESULTS', '/', ' ', '\uFFFD') }),
        (text) => {
          findGeXml(text);
        },
      ),
    );
  });
});
