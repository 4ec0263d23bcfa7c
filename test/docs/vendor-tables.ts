import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { SNOMED_PAIRS } from '../../src/dicom/tree/snomed.ts';
import { type Quantity, UNIT_OF } from '../../src/dxa/values/quantity.ts';
import { describeVertebrae } from '../../src/dxa/values/region.ts';
import { ADAPTERS, RECOGNISED } from '../../src/vendors/adapters.ts';
import { GE_QUIRKS } from '../../src/vendors/ge-lunar/quirks.ts';
import { CHANGE_KINDS } from '../../src/vendors/ge-lunar/trend.ts';
import {
  FOREARM_REGIONS,
  HIP_REGIONS,
  INFERRED_CODES,
  MEASURE_CODES,
  MEASURES,
  REGION_CODES,
  SCAN_CODES,
  SCANS,
  WHOLE_BODY_REGIONS,
} from '../../src/vendors/ge-lunar/vocabulary.ts';
import { DXA_PANEL } from '../../src/vendors/generic/adapter.ts';
import {
  CODED_MEASURES,
  FINDING_SITE,
  LATERALITY,
  LATERALITY_CODES,
  MEASURE_LABELS,
  REFERENCE,
  REGION_LABELS,
  SITE_CODES,
  TRACKING_IDENTIFIER,
  VERTEBRA_CODES,
} from '../../src/vendors/generic/vocabulary.ts';
import { MAX_COLUMNS, MAX_ROWS } from '../../src/vendors/hologic/assignments.ts';
import { HOLOGIC_QUIRKS } from '../../src/vendors/hologic/quirks.ts';
import { COLUMNS, FOREARM_PARTS, HIP_ROWS, WHOLE_BODY_ROWS } from '../../src/vendors/hologic/vocabulary.ts';
import { OTHER_ROOTS, OTHER_SR_CLASSES } from '../../src/vendors/not-dxa.ts';
import { FINDING_CODES, REFUSAL_CODES } from '../../src/vendors/report/codes.ts';
import { HEIGHT_M, WEIGHT_KG } from '../../src/vendors/report/header.ts';
import { EVIDENCE_GRADES, type Quirk } from '../../src/vendors/report/quirk.ts';
import { MAX_MEASURES } from '../../src/vendors/report/region-reading.ts';
import { PLAUSIBLE, PLAUSIBLE_BY_SCAN } from '../../src/vendors/text/plausible.ts';
import { UNIT_SPELLINGS } from '../../src/vendors/text/unit.ts';
import { XML_MAX_CHARACTERS, XML_MAX_DEPTH } from '../../src/vendors/text/xml-tree.ts';
import { FIXTURES } from '../fixtures/definitions/all.ts';
import { FACTS } from '../vendors/facts/facts.ts';
import { code, codes, type Tables, table } from './page.ts';
import { hologicHeaders, hologicScanModes, numberForms, spineLabels, trendDates } from './vendor-forms.ts';

const words = (name: string) => name.replaceAll('_', ' ');

/** One row for each meaning, with every label that has it. */
function byMeaning(labels: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  const groups = Map.groupBy(Object.entries(labels), ([, meaning]) => meaning);
  return [...groups].map(([meaning, entries]) => [words(meaning), codes(entries.map(([label]) => label))]);
}

const quirkRows = (vendor: string, quirks: Readonly<Record<string, Quirk>>) =>
  Object.entries(quirks).map(([id, { why, models, versions, grade, source, fixture }]) => [
    vendor,
    code(id),
    why,
    models,
    versions,
    grade,
    source,
    code(fixture),
  ]);

const codeRows = (entries: Readonly<Record<string, { readonly text: string }>>) =>
  Object.entries(entries).map(([name, { text }]) => [code(name), text]);

const range = ([low, high]: readonly [number, number], unit: string) => `${low} to ${high} ${unit}`.trim();

function plausibleRows(): readonly (readonly string[])[] {
  const everywhere = (Object.keys(PLAUSIBLE) as Quantity[]).map((quantity) => [
    words(quantity),
    'every',
    range(PLAUSIBLE[quantity] ?? [0, 0], UNIT_OF[quantity].startsWith('{') ? '' : UNIT_OF[quantity]),
  ]);
  const byScan = Object.entries(PLAUSIBLE_BY_SCAN).flatMap(([scan, { bmc, area }]) => [
    ['bmc', words(scan), range(bmc, 'g')],
    ['area', words(scan), range(area, 'cm2')],
  ]);
  return [
    ...everywhere,
    ...byScan,
    ['height', 'header', range(HEIGHT_M, 'm')],
    ['weight', 'header', range(WEIGHT_KG, 'kg')],
  ];
}

const codedRows = () =>
  [...Map.groupBy(CODED_MEASURES, ([, { quantity, scanType }]) => `${words(scanType)}, ${words(quantity)}`)].map(
    ([meaning, entries]) => [
      meaning,
      entries
        .map(
          ([key, { laterality }]) =>
            `${code(key)}${laterality === null || laterality === 'none' ? '' : ` ${laterality}`}`,
        )
        .join(', '),
    ],
  );

const sitesRows = () => [
  ...[...VERTEBRA_CODES].map(([key, vertebra]) => [code(key), `spine ${describeVertebrae([vertebra])}`]),
  ...[...SITE_CODES].map(([key, region]) => [code(key), words(region)]),
  ...[...LATERALITY_CODES].map(([key, side]) => [code(key), side]),
  ...[...FINDING_SITE].map((key) => [code(key), 'concept name: finding site']),
  ...[...LATERALITY].map((key) => [code(key), 'concept name: laterality']),
  ...[...REFERENCE].map((key) => [code(key), 'concept name: reference population or authority']),
  [code(TRACKING_IDENTIFIER), 'concept name: tracking identifier, read as a label'],
  ...[...DXA_PANEL].map((key) => [code(key), 'DXA panel, report or procedure: makes the report a candidate']),
];

/** The tables of docs/vendors.md, from the code. */
export function vendorTables(): Tables {
  return {
    grades: table(['grade', 'meaning'], Object.entries(EVIDENCE_GRADES)),
    adapters: table(
      ['adapter', 'version'],
      ADAPTERS.map(({ vendor, version }) => [code(vendor), version]),
    ),
    'ge-scans': table(
      ['scan', 'side', 'label or code', 'grade'],
      [
        ...[
          ...Map.groupBy(
            Object.entries(SCANS),
            ([, scan]) => `${words(scan.scanType)}|${scan.laterality ?? 'named by the region'}`,
          ),
        ].map(([key, entries]) => [...key.split('|'), codes(entries.map(([label]) => label)), 'attested']),
        ...Object.entries(SCAN_CODES).map(([value, scan]) => [
          words(scan.scanType),
          'named by the region',
          code(value),
          'inferred',
        ]),
      ],
    ),
    'ge-hip': table(['region', 'labels'], byMeaning(HIP_REGIONS)),
    'ge-forearm': table(['region', 'labels'], byMeaning(FOREARM_REGIONS)),
    'ge-whole-body': table(['region', 'labels'], byMeaning(WHOLE_BODY_REGIONS)),
    'ge-region-codes': table(
      ['scan code', 'region code', 'read as', 'grade'],
      Object.entries(REGION_CODES).flatMap(([scan, regions]) =>
        Object.entries(regions).map(([value, label]) => [code(scan), code(value), label, 'inferred']),
      ),
    ),
    'ge-measures': table(['result', 'labels'], byMeaning(MEASURES)),
    'ge-measure-codes': table(
      ['GELUNAR code', 'result', 'grade'],
      Object.entries(MEASURE_CODES).map(([value, meaning]) => [
        value,
        words(meaning),
        INFERRED_CODES.has(value) ? 'inferred' : 'attested',
      ]),
    ),
    'ge-changes': table(
      ['label', 'claim'],
      Object.entries(CHANGE_KINDS).map(([label, kind]) => [code(label), words(kind)]),
    ),
    'trend-dates': table(['dates of a trend', 'read as', 'grade'], trendDates()),
    'hologic-headers': table(['header cell', 'read as', 'grade'], hologicHeaders()),
    'hologic-columns': table(['result', 'names'], byMeaning(COLUMNS)),
    'hologic-scans': table(['ScanMode', 'read as', 'grade'], hologicScanModes()),
    'hologic-hip': table(['region', 'labels'], byMeaning(HIP_ROWS)),
    'hologic-forearm': table(['part of radius, ulna or both', 'labels'], byMeaning(FOREARM_PARTS)),
    'hologic-whole-body': table(['region', 'labels'], byMeaning(WHOLE_BODY_ROWS)),
    'generic-codes': table(['result', 'LOINC codes'], codedRows()),
    'generic-labels': table(['result', 'labels'], byMeaning(MEASURE_LABELS)),
    'generic-regions': table(
      ['region', 'labels'],
      byMeaning(Object.fromEntries(Object.entries(REGION_LABELS).map(([label, { region }]) => [label, region]))),
    ),
    'generic-sites': table(['code', 'meaning'], sitesRows()),
    'snomed-pairs': table(
      ['old code', 'SNOMED CT'],
      [...SNOMED_PAIRS].map(([old, concept]) => [code(old), code(concept)]),
    ),
    'spine-labels': table(['label', 'read as', 'grade'], spineLabels()),
    numbers: table(['text', 'read as', 'grade'], numberForms()),
    units: table(
      ['result', 'units that are accepted'],
      Object.entries(UNIT_SPELLINGS).map(([quantity, units]) => [words(quantity), codes(units)]),
    ),
    plausible: table(['result', 'scan', 'stored within'], plausibleRows()),
    limits: table(
      ['limit', 'value'],
      [
        ['adapter is sure enough', String(RECOGNISED)],
        ['results of one region', String(MAX_MEASURES)],
        ['rows and columns of a Hologic table', `${MAX_ROWS} and ${MAX_COLUMNS}`],
        ['characters of a private element', String(READ_LIMITS.maxTextBytes)],
        ['characters and depth of the XML', `${XML_MAX_CHARACTERS} and ${XML_MAX_DEPTH}`],
      ],
    ),
    facts: table(
      ['fact', 'what is known', 'grade', 'source', 'cases'],
      FACTS.map(({ id, says, grade, source, cases }) => [
        code(id),
        says,
        grade,
        source,
        String(Object.keys(cases).length),
      ]),
    ),
    quirks: table(
      ['vendor', 'quirk', 'why', 'models', 'versions', 'grade', 'source', 'fixture'],
      [...quirkRows('ge-lunar', GE_QUIRKS), ...quirkRows('hologic', HOLOGIC_QUIRKS)],
    ),
    'not-dxa': table(
      ['SOP class or root code', 'what it is'],
      [...Object.entries(OTHER_SR_CLASSES), ...Object.entries(OTHER_ROOTS)].map(([value, kind]) => [code(value), kind]),
    ),
    refusals: table(['code', 'what it says'], codeRows(REFUSAL_CODES)),
    findings: table(['code', 'what it says'], codeRows(FINDING_CODES)),
    fixtures: table(
      ['fixture', 'imitates'],
      FIXTURES.map(({ folder, imitates }) => [code(folder), imitates]),
    ),
  };
}
