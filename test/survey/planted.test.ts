import { describe, expect, it } from 'vitest';
import { hologicScript } from '../../src/simulate/writers/hologic-image.ts';
import { FIXTURES } from '../fixtures/definitions/all.ts';
import { dicomFile, type Element, type Item } from '../support/dicom/dicom-bytes.ts';
import { BMD, concept, item, num, report, text } from '../support/dicom/dicom-report.ts';
import { hologicImage } from '../support/dicom/hologic-image.ts';
import { rewrite } from '../support/dicom/rewrite.ts';
import { surveyOf } from '../support/dicom/survey.ts';

/** Value representations that hold something that a person wrote or that names somebody. */
const TEXTS = new Set('AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT UN'.split(' '));
/** Without these a file is no report or image any more, and nothing of it is looked at. */
const KEPT = /^\/(?:00080005|00080016|00020010)$/;

let planted = 0;
/** Words and numbers that stand nowhere else, another one every time. */
function word(): string {
  planted += 1;
  return `Zq${planted.toString(36).padStart(4, '0')}xv`;
}
const NUMBERS = new Set(['19550317']);
function remembered(digits: string): string {
  NUMBERS.add(digits);
  return digits;
}
function number(): string {
  planted += 1;
  return remembered(String(70_000_000 + planted * 7));
}

function plantedValue(vr: string): string {
  switch (vr) {
    case 'DA':
      return remembered(`19${number().slice(2)}`);
    case 'TM':
      return remembered(number().slice(2));
    case 'DT':
      return `19550317${number().slice(2)}`;
    case 'UI':
      return `2.25.${number()}`;
    case 'DS':
    case 'IS':
      return number();
    case 'PN':
      return `${word()}^${word()}`;
    default:
      return word();
  }
}

const padded = (value: string, vr: string): Buffer =>
  Buffer.from(value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' '), 'latin1');

/** A file of another patient than all others. */
function ofOwn([tag, vr, value]: Element): Element {
  if (tag === 0x00100010) return [tag, 'PN', padded(`${word()}^${word()}`, 'PN')];
  if (tag === 0x00100020) return [tag, 'LO', padded(word(), 'LO')];
  if (tag === 0x00100030) {
    planted += 1;
    const [year, month, day] = [20 + (planted % 70), 1 + (planted % 12), 1 + (planted % 28)];
    const digits = [year, month, day].map((part) => String(part).padStart(2, '0')).join('');
    return [tag, 'DA', padded(remembered(`19${digits}`), 'DA')];
  }
  return [tag, vr, value];
}

/** Copies of a file, each with a value of its own at one of its places: in the place of what stood there, or behind it. */
function* withValues(bytes: Buffer): Generator<Buffer> {
  const places: string[] = [];
  rewrite(bytes, (element, place) => {
    if (TEXTS.has(element[1]) && !KEPT.test(place) && !places.includes(place)) places.push(place);
    return element;
  });
  for (const place of places) {
    for (const behind of [false, true]) {
      let done = false;
      yield rewrite(bytes, (element, here) => {
        if (here !== place || done) return ofOwn(element);
        // The first of several alike, and in every second copy the last.
        done = true;
        const [tag, vr, value] = element;
        const given = plantedValue(vr);
        const before =
          behind && !['UI', 'DA', 'TM', 'DT', 'DS', 'IS'].includes(vr)
            ? (value as Buffer).toString('latin1').trim()
            : '';
        return [tag, vr, padded(before === '' ? given : `${before} ${given}`, vr)];
      });
    }
  }
  // Everywhere at once.
  yield rewrite(bytes, ([tag, vr, value], place) =>
    TEXTS.has(vr) && !KEPT.test(place) ? [tag, vr, padded(plantedValue(vr), vr)] : [tag, vr, value],
  );
}

function expectNothingOf(survey: string): void {
  expect(survey).not.toMatch(/zq\w{4,}xv/i);
  const numbers = new Set(survey.match(/\d{6,}/g) ?? []);
  expect([...numbers].filter((one) => [...NUMBERS].some((digits) => one.includes(digits)))).toEqual([]);
}

describe('a survey', () => {
  it('contains no value from anywhere in any fixture', { timeout: 600_000 }, () => {
    let files = 0;
    const all = function* () {
      for (const { bytes } of FIXTURES) {
        let copies: Buffer[];
        try {
          copies = [...withValues(Buffer.from(bytes()))];
        } catch (error) {
          // Fixtures that are no readable DICOM have no places.
          if (!(error instanceof Error && error.name === 'Refused')) throw error;
          continue;
        }
        for (const copy of copies) {
          files += 1;
          yield copy;
        }
      }
    };
    const survey = surveyOf(all(), 'shared');
    expect(files).toBeGreaterThan(3000);
    expectNothingOf(survey);
    // It is not empty either: what dxaflow knows is shown.
    for (const known of ['DXA Report', 'BMD_TSCORE', 'a Lumbar Spine', 'BMD[g/cm2]', '"element":"ROI"', 'GELUNAR']) {
      expect(survey).toContain(known);
    }
  });

  it('holds nothing of hostile scripts, XML, private elements, codes and file headers', { timeout: 120_000 }, () => {
    const files: Uint8Array[] = [];
    for (let round = 0; round < 15; round += 1) files.push(...hostileFiles());
    for (const shows of ['things', 'shared'] as const) expectNothingOf(surveyOf(files, shows));
  });
});

function hostileFiles(): Uint8Array[] {
  const [w, n] = [word, number];
  const image = (
    values: Record<string, string>,
    rows: readonly (readonly string[])[],
    around = (script: string) => script,
  ) => hologicImage({ patientId: w() }, around(hologicScript(values, { ResultsTable1: rows })));
  const mode = { ScanMode: 'a Left Hip' };
  const bmd = ['Region', 'BMD[g/cm2]'];
  const scripts = [
    image({ ScanMode: `a Left Hip ${w()}` }, [bmd, ['Neck', '0.812']]),
    image({ ScanMode: w(), ScanMode2: `${w()} ${w()}` }, [bmd, ['Neck', '0.812']]),
    image({ ...mode, [`${w()}`]: w(), Institution: w(), DOB: `${n().slice(0, 2)}/12/1955` }, [bmd, [w(), '0.812']]),
    image(mode, [
      [
        `${w()}`,
        `BMD[${w()}]`,
        `${w()}[g/cm2]`,
        `Fat[${w()}]`,
        `T-Score (${w()})`,
        `BMD[g/cm2] ${w()}`,
        `<b title='${w()}'>${w()}</b>`,
      ],
      [`Neck ${w()}`, w(), n(), w()],
      [`${w()} heading`],
      ['Left', n(), n()],
      [`<i>${w()}</i>&amp;${w()};`, '1'],
    ]),
    image(
      mode,
      [bmd, ['Neck', '0.812']],
      (script) => `<${w()} ${w()}="${w()}"><!-- ${w()} -->${script}<ScanID>${w()}</ScanID></${w()}>`,
    ),
    image(
      mode,
      [bmd, ['Neck', '0.812']],
      (script) =>
        `${script}\r\n${w()} = "${w()}";\r\n// ${w()}\r\nResultsTable1[ 0][ 3] = ${w()};\r\nResultsTable7[0][0] = "${w()}";`,
    ),
  ];
  const comments = [
    `<DXA_RESULTS><${w()}:SCAN type="${w()}" ${w()}="${w()}" id="${n()}"><ROI region="${w()}"><BMD units="${w()}">1.000</BMD><${w()}>1.000</${w()}><${w()} a="${w()}"/></ROI></${w()}:SCAN></DXA_RESULTS>`,
    `<DXA_RESULTS><PATIENT><NAME>${w()}</NAME><ID>${n()}</ID></PATIENT><!-- ${w()} --><?${w()} ${w()}?><SCAN type="AP Spine"><ROI region="L1"><BMD>${n()}</BMD><![CDATA[${w()}]]></ROI><TREND region="${w()}"><EXAM date="${n()}"><CHANGE type="${w()}"><BMD>1</BMD></CHANGE></EXAM></TREND></SCAN></DXA_RESULTS>`,
    `${w()} <DENSITOMETRY_RESULTS><CURRENT_EXAM><SCAN type="Left Femur"><TREND><TREND_ROI>${w()}</TREND_ROI><EXAM><EXAM_DATE>${w()}</EXAM_DATE><${w()}>0.8</${w()}><BMD_CHANGE><TYPE>${w()}</TYPE><VALUE>${n()}</VALUE></BMD_CHANGE></EXAM></TREND></SCAN></CURRENT_EXAM></DENSITOMETRY_RESULTS> ${w()}`,
    `<!DOCTYPE ${w()} [<!ENTITY ${w()} "${w()}">]><DXA_RESULTS>&${w()};</DXA_RESULTS>`,
    `Comment about ${w()}`,
  ];
  const own: Item = [
    [0x00080050, 'SH', w()],
    [0x00080080, 'LO', w()],
    [0x00081070, 'PN', `${w()}^${w()}`],
    [0x00081030, 'LO', `DXA of ${w()}`],
    [0x00100010, 'PN', `${w()}^${w()}`],
    [0x00100020, 'LO', w()],
    [0x00100030, 'DA', '19550317'],
    [0x00181020, 'LO', `${n()}\\${w()}\\13.${n()}`],
    [0x00080060, 'CS', w().toUpperCase()],
    [0x00080070, 'LO', `GE ${w()}`],
    [0x00081090, 'LO', `Horizon ${w()} (S/N ${n()})`],
  ];
  const odd: Item = [
    [0x19550010, 'LO', w()],
    [0x19551001, 'UN', Buffer.from(`${w()} `)],
    [0x00190010, 'LO', `HOLOGIC ${w()}`],
    [0x00191077, 'LO', w()],
    [0x70030010, 'LO', 'GEMS_LUNAR_RAW'],
    [0x70031001, 'OB', Buffer.from(`raw ${w()}  `.slice(0, 12))],
  ];
  const hostileTree: Item[] = [
    item('CONTAINER', [w(), w(), w()], [[0x0040a730, 'SQ', [num([w(), 'GELUNAR', w()], '1', [w(), w(), w()])]]]),
    item(
      'CONTAINER',
      [n(), 'SCT', 'BMD'],
      [
        [
          0x0040a504,
          'SQ',
          [
            [
              [0x00080105, 'CS', w()],
              [0x0040db00, 'CS', n()],
            ],
          ],
        ],
      ],
    ),
    item('CONTAINER', [n().slice(0, 6), 'DCM', `L1 ${w()}`], []),
    item(w().toUpperCase().slice(0, 8), [w(), 'LN', w()], [], w().toUpperCase()),
    item(
      'CODE',
      ['363698007', 'SCT', 'Finding Site'],
      [
        [
          0x0040a168,
          'SQ',
          [
            [
              [0x00080100, 'SH', n()],
              [0x00080102, 'SH', 'SCT'],
              [0x00080104, 'LO', w()],
            ],
          ],
        ],
      ],
    ),
    text(['112039', 'DCM', 'Tracking Identifier'], w()),
    text(['6', 'GELUNAR', 'BMD_TSCORE'], `-1.0 ${w()}`),
    text(['6', 'GELUNAR', 'BMD_TSCORE'], `-1.0 ${w().slice(0, 4)}/${w().slice(0, 4)}`),
    item('PNAME', ['121008', 'DCM', 'Person Observer Name'], [[0x0040a123, 'PN', `${w()}^${w()}`]]),
    num(BMD, n(), [`g/${w()}`, 'UCUM', w()]),
  ];
  const root = ['DXA', 'GELUNAR', 'DXA Report'] as const;
  const reports = comments.map((comment) =>
    dicomFile(report(hostileTree, { attributes: [...own, ...odd, [0x00204000, 'LT', comment], concept(root)] })),
  );
  const bare = dicomFile(
    report(hostileTree, { attributes: [...own, [0x00080016, 'UI', `1.2.840.10008.5.1.4.1.1.88.${n()}`]] }),
  );
  const plain = dicomFile(
    [...own, ...odd]
      .filter(([tag]) => tag !== 0x00080016)
      .concat([
        [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.7'],
        [0x00080018, 'UI', `2.25.${n()}`],
      ])
      .sort((a, b) => a[0] - b[0]),
  );
  const truncated = bare.subarray(0, bare.length - 40);
  const meta = dicomFile(report(hostileTree), {
    mediaStorageSopInstanceUid: `2.25.${n()}`,
    mediaStorageSopClassUid: `2.25.${n()}`,
  });
  return [...scripts, ...reports, bare, plain, truncated, meta, Buffer.from(`${w()} is no DICOM`)];
}
