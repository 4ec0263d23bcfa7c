import { num, text } from '../../support/dicom/dicom-report.ts';
import type { Fact, FactCase } from './fact.ts';
import { area, bmc, bmd, type GeResults, ge, geFile, geImage, geXml, tScore, xmlFile } from './files.ts';

const tree = (
  scans: Readonly<Record<string, GeResults>>,
  must: readonly string[],
  never: readonly string[] = [],
): FactCase => ({ bytes: () => geFile(scans), must, never });
const spine = (regions: GeResults, must: readonly string[], never: readonly string[] = []) =>
  tree({ 'AP Spine': regions }, must, never);

const L1_L4 = 'value spine L1,L2,L3,L4 none';
const OF_XML = [`${L1_L4} bmd 1023000`, `${L1_L4} t_score -1500000`, `${L1_L4} bmc 55240000`, `${L1_L4} area 54000000`];
const comments = (text: string): FactCase => ({ bytes: () => xmlFile(text), must: [...OF_XML, 'finding XML_USED'] });
const image = (comment: string, modality: string, sopClass?: string): FactCase => ({
  bytes: () => geImage(comment, modality, sopClass),
  must: [...OF_XML, 'finding XML_USED'],
});
/** A tree beside the XML, whose BMD is 1.023 if nothing else is said. */
const beside = (inTree: string, must: readonly string[], never: readonly string[], inXml = '1.023'): FactCase => ({
  bytes: () => geFile({ 'AP Spine': { 'L1-L4': [bmd(inTree)] } }, [[0x00204000, 'LT', geXml(inXml)]]),
  must,
  never,
});
const exam = (day: string, must: readonly string[], never: readonly string[] = []): FactCase => ({
  bytes: () => xmlFile(geXml('1.023', day)),
  must,
  never,
});
const escaped = (xml: string) => xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const XML = geXml();
const TAGS = /<[^<>]*>/g;
const PARSERS = 'public parsers of the tree';

export const GE_FACTS: readonly Fact[] = [
  {
    id: 'ge-exact-names',
    says: 'BMD, BMD_TSCORE, BMD_PYA and BMD_PAM begin alike; results are matched as a whole and by path.',
    grade: 'attested',
    source: PARSERS,
    cases: {
      'scores alone': spine(
        { 'L1-L4': [tScore('-1.0'), text(ge('7', 'BMD_PYA'), '80 %')] },
        [`${L1_L4} t_score -1000000`, `${L1_L4} percent_young_adult 80000000`],
        [`${L1_L4} bmd`],
      ),
      'a trend is history': spine(
        { 'L1-L4': [bmd('1.023')], 'Trend L1-L4': [bmd('0.900')] },
        [`${L1_L4} bmd 1023000`],
        [`${L1_L4} bmd 900000`, 'finding DUPLICATE'],
      ),
    },
  },
  {
    id: 'ge-excluded-vertebra',
    says: '`L1-L4 (L2)` is L1-L4 without L2.',
    grade: 'attested',
    source: 'ibh-daai/bone-mineral-density',
    cases: {
      'without L2': spine({ 'L1-L4 (L2)': [bmd('1.050')] }, ['value spine L1,L3,L4 none bmd 1050000'], [L1_L4]),
      'without L3': spine({ 'L1-L4 (L3)': [bmd('1.050')] }, ['value spine L1,L2,L4 none bmd 1050000'], [L1_L4]),
      'of three': spine({ 'L2-L4 (L3)': [bmd('1.050')] }, ['value spine L2,L4 none bmd 1050000']),
      'half understood': spine({ 'L1-L4 (screw)': [bmd('1.050')] }, ['finding UNKNOWN_REGION'], ['value']),
    },
  },
  {
    id: 'ge-mean-and-difference',
    says: 'Mean and Diff. rows of DualFemur are no side; `Total` also names other regions.',
    grade: 'attested',
    source: PARSERS,
    cases: {
      'dual femur': tree(
        {
          DualFemur: {
            'Total Left': [bmd('0.870')],
            'Total Right': [bmd('0.880')],
            'Total Mean': [bmd('0.875')],
            'Total Diff.': [bmd('0.100')],
            'Trend Total Mean': [bmd('0.900')],
          },
        },
        [
          'value total_hip - left bmd 870000',
          'value total_hip - right bmd 880000',
          'value total_hip - mean bmd 875000',
        ],
        [
          'value total_hip - left bmd 100000',
          'value total_hip - none',
          'value total_hip - mean bmd 900000',
          'finding UNKNOWN',
        ],
      ),
      'radius total': tree({ 'Left Forearm': { 'Radius Total': [bmd('0.600')] } }, [
        'value radius_total - left bmd 600000',
      ]),
      'total body': tree({ 'Total Body': { Total: [bmd('1.053')] } }, ['value whole_body - none bmd 1053000']),
    },
  },
  {
    id: 'ge-scores-as-text',
    says: 'T- and Z-scores and percentages are TEXT or NUM; a missing one is "-", nothing or "*****".',
    grade: 'attested',
    source: PARSERS,
    cases: {
      'as text': spine({ 'L1-L4': [bmd('1.023'), tScore('-1.5')] }, [`${L1_L4} t_score -1500000`]),
      'as numbers': spine({ 'L1-L4': [bmd('1.023'), num(ge('6', 'BMD_TSCORE'), '-1.5', ['1', 'UCUM', 'no units'])] }, [
        `${L1_L4} t_score -1500000`,
      ]),
      'BMD as text': spine({ 'L1-L4': [text(ge('3', 'BMD'), '1.023 g/cm²')] }, [`${L1_L4} bmd 1023000`]),
      missing: spine(
        { 'L1-L4': [bmd('1.023'), tScore('-'), text(ge('8', 'BMD_ZSCORE'), '*****')] },
        [`${L1_L4} bmd`],
        [`${L1_L4} t_score`, `${L1_L4} z_score`, 'finding UNREADABLE_VALUE'],
      ),
    },
  },
  {
    id: 'ge-commas',
    says: 'Decimal commas and thousands commas both occur; unit, range and BMD = BMC / area decide.',
    grade: 'attested',
    source: PARSERS,
    cases: {
      decimal: spine({ 'L1-L4': [text(ge('3', 'BMD'), '1,023 g/cm2')] }, [`${L1_L4} bmd 1023000`]),
      thousands: tree({ 'Total Body': { Total: [text(ge('5', 'BMC'), '2,377 g')] } }, [
        'value whole_body - none bmc 2377000000',
      ]),
    },
  },
  {
    id: 'ge-xml-in-image-comments',
    says: 'Image Comments repeat the results as XML, in two generations.',
    grade: 'attested',
    source: 'FacuFarias/dicom-receiver',
    cases: {
      newer: comments(XML),
      older: {
        bytes: () =>
          xmlFile(
            '<DENSITOMETRY_RESULTS><CURRENT_EXAM><SCAN type="AP Spine"><TREND><TREND_ROI>L1-L4</TREND_ROI><EXAM><EXAM_DATE>2/1/2019</EXAM_DATE><BMD>1.100</BMD></EXAM>' +
              '<EXAM><EXAM_DATE>3/12/2024</EXAM_DATE><BMD>1.023</BMD><YAT>-1.5</YAT><AMZ>0.2</AMZ></EXAM></TREND></SCAN></CURRENT_EXAM></DENSITOMETRY_RESULTS>',
          ),
        must: [
          `${L1_L4} bmd 1023000`,
          `${L1_L4} t_score -1500000`,
          `${L1_L4} z_score 200000`,
          'claim prior_bmd spine 2019-02-01 1100000',
        ],
        never: [`${L1_L4} bmd 1100000`],
      },
      'exam date with a time and the day first': exam('12/03/2024', OF_XML),
      'exam date month first': exam('03/12/2024', OF_XML),
      'exam date without zeros': exam('3/12/2024', OF_XML),
      'exam of another day': exam('12/03/2023', ['finding XML_OTHER_EXAM'], ['value']),
      'exam on no day': exam('30/12/1899', [...OF_XML, 'finding IMPOSSIBLE_DATE']),
    },
  },
  {
    id: 'ge-xml-anywhere',
    says: 'Systems on the way put something before the XML, change its case, escape its tags or cut it off.',
    grade: 'attested',
    source: 'what people reported of exports; no file was published',
    cases: {
      'behind a declaration': comments(`<?xml version="1.0" encoding="UTF-8"?>\r\n${XML}`),
      'behind a mark of UTF-8': comments(`\uFEFF${XML}`),
      'behind a mark that became letters': comments(`\u00ef\u00bb\u00bf${XML}`),
      'behind and before a remark': comments(`Seen: ${XML} (end)`),
      'in small letters': comments(XML.replace(TAGS, (tag) => tag.toLowerCase())),
      'in mixed case': comments(XML.replace(/ROI|SCAN|BMD/g, (name) => name.charAt(0) + name.slice(1).toLowerCase())),
      'under a prefix': comments(XML.replace(/<(\/?)(?=[A-Z])/g, '<$1ge:')),
      escaped: comments(escaped(XML)),
      'escaped twice': comments(escaped(escaped(XML))),
      'escaped by numbers': comments(XML.replaceAll('<', '&#60;').replaceAll('>', '&#x3E;')),
      'in characters of two bytes': {
        bytes: () => xmlFile([...XML].join('\0')),
        must: [...OF_XML, 'finding XML_USED'],
      },
      'cut off behind the BMC': {
        bytes: () => xmlFile(XML.slice(0, XML.indexOf('54.00') + 3)),
        must: [...OF_XML.slice(0, 3), 'finding XML_NOT_READABLE'],
        never: [`${L1_L4} area`],
      },
      'encoded for an address': {
        bytes: () => xmlFile(encodeURIComponent(XML)),
        must: ['finding XML_NOT_READABLE'],
        never: ['value'],
      },
      'with a document type': {
        bytes: () => xmlFile(`<!DOCTYPE DXA_RESULTS [<!ENTITY x "9">]>${XML}`),
        must: ['finding XML_REFUSED'],
        never: ['value'],
      },
    },
  },
  {
    id: 'ge-tree-more-precise',
    says: 'BMD has four or more places in the tree and three in the XML; T, Z, BMC and area may stand in the XML alone. Numbers agree at the last place that both print.',
    grade: 'attested',
    source: 'a public reader that takes BMD from the tree, T- and Z-score from the XML',
    cases: {
      'four places': beside('1.0234', [`${L1_L4} bmd 1023400`, ...OF_XML.slice(1)], ['finding TREE_XML_DISAGREE']),
      'five places': beside('1.02341', [`${L1_L4} bmd 1023410`, ...OF_XML.slice(1)], ['finding TREE_XML_DISAGREE']),
      'with an exponent': beside(
        '1.0234e+000',
        [`${L1_L4} bmd 1023400`, ...OF_XML.slice(1)],
        ['finding TREE_XML_DISAGREE'],
      ),
      'as many': beside('1.023', OF_XML, ['finding TREE_XML_DISAGREE']),
      'the XML finer': beside('1.023', OF_XML, ['finding TREE_XML_DISAGREE'], '1.0226'),
      'another number': beside('1.0436', [`${L1_L4} bmd 1043600`, 'finding TREE_XML_DISAGREE'], [`${L1_L4} t_score`]),
      'beyond the print': beside('1.0236', ['finding TREE_XML_DISAGREE'], [`${L1_L4} t_score`]),
    },
  },
  {
    id: 'ge-image-with-xml',
    says: 'Images (Modality BD) come first and reports a day later, and some patients have images only. An image may carry the XML; both together are no contradiction.',
    grade: 'inferred',
    source: 'one site for the order; for the XML in images one report',
    cases: {
      BD: image(XML, 'BD'),
      OT: image(XML, 'OT'),
      'CR, behind a remark': image(`Results: ${XML}`, 'CR'),
      'DX of its own class': image(XML, 'DX', '1.2.840.10008.5.1.4.1.1.1.1'),
      escaped: image(escaped(XML), 'BD'),
      'without results': { bytes: () => geImage('AP Spine', 'BD'), must: ['refused NO_PRIVATE_RESULTS'] },
      'in a form that nobody reads': {
        bytes: () => geImage('<ROI region="L1-L4"><BMD_TSCORE>-1.0</BMD_TSCORE>', 'BD'),
        must: ['finding XML_NOT_READABLE'],
        never: ['value'],
      },
    },
  },
  {
    id: 'ge-body-composition',
    says: 'Body composition (fat, lean mass, visceral fat) stands beside bone density and is left out, its BMC (31) too.',
    grade: 'attested',
    source: PARSERS,
    cases: {
      'fat mass': tree(
        { 'Total Body': { Total: [bmd('1.053'), num(ge('26', 'FAT_MASS'), '20000', ['g', 'UCUM', 'g'])] } },
        ['value whole_body - none bmd 1053000', 'finding MEASURE_NOT_STORED'],
        ['value whole_body - none bmc'],
      ),
      'its BMC': tree(
        { 'Total Body': { Total: [bmd('1.053'), num(ge('31', 'BMC'), '2000', ['g', 'UCUM', 'g'])] } },
        ['value whole_body - none bmd 1053000'],
        ['value whole_body - none bmc 2000000000'],
      ),
    },
  },
  {
    id: 'ge-three-results',
    says: 'BMC and area came with enCORE 10.2, units in UCUM with 11.1.',
    grade: 'documented',
    source: 'GE Conformance Statement for DICOM, Direction 40472',
    cases: {
      all: spine(
        { 'L1-L4': [bmd('1.023'), bmc('55.24'), area('54.00')] },
        OF_XML.filter((line) => !line.includes('t_score')),
      ),
      'BMD alone, unit not UCUM': spine({ 'L1-L4': [bmd('1.023', ['7', 'GELUNAR', 'g/cm²'])] }, [
        `${L1_L4} bmd 1023000`,
      ]),
    },
  },
];
