import { writePart10 } from './part10.ts';
import type { SrHeader } from './sr-dataset.ts';
import { element, elements, textElement } from './sr-elements.ts';

export const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/** Where the private text stands: real files had (0019,1000), the dictionary says (0021,xx01). */
export type PrivateTag = { readonly group: string; readonly element: string };

/** An 8 x 8 Secondary Capture image with Hologic's results in a private element. */
export function writeHologicImage(header: SrHeader, modality: string, tag: PrivateTag, text: string) {
  const dataset = elements({
    '00080005': element('CS', 'ISO_IR 100'),
    '00080016': element('UI', SECONDARY_CAPTURE),
    '00080018': element('UI', header.sopInstanceUid),
    '00080020': element('DA', header.studyDate),
    '00080023': element('DA', header.studyDate),
    '00080030': element('TM', header.studyTime),
    '00080033': element('TM', header.contentTime),
    '00080050': textElement('SH', header.accessionNumber),
    '00080060': element('CS', modality),
    '00080064': element('CS', 'WSD'),
    '00080070': element('LO', header.manufacturer),
    '00080080': element('LO', header.institutionName),
    '00080090': element('PN'),
    '00081010': element('SH', header.stationName),
    '00081030': textElement('LO', header.studyDescription),
    '00081090': element('LO', header.modelName),
    '00100010': element('PN', header.patientName),
    '00100020': element('LO', header.patientId),
    '00100021': header.issuerOfPatientId === null ? null : element('LO', header.issuerOfPatientId),
    '00100030': element('DA', header.birthDate),
    '00100040': element('CS', header.sex),
    '00181000': textElement('LO', header.deviceSerialNumber),
    '00181020': element('LO', header.softwareVersion),
    [`${tag.group}0010`]: element('LO', 'HOLOGIC'),
    [`${tag.group}${tag.element}`]: element('OB', bytesOf(text)),
    '0020000D': element('UI', header.studyInstanceUid),
    '0020000E': element('UI', header.seriesInstanceUid),
    '00200010': element('SH', '1'),
    '00200011': element('IS', '1'),
    '00200013': element('IS', '1'),
    '00280002': element('US', 1),
    '00280004': element('CS', 'MONOCHROME2'),
    '00280010': element('US', 8),
    '00280011': element('US', 8),
    '00280100': element('US', 8),
    '00280101': element('US', 8),
    '00280102': element('US', 7),
    '00280103': element('US', 0),
    '7FE00010': element('OB', new Uint8Array(64).buffer),
  });
  return writePart10(SECONDARY_CAPTURE, header.sopInstanceUid, dataset);
}

function bytesOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'latin1');
  const even = new Uint8Array(bytes.length + (bytes.length % 2)).fill(0x20);
  even.set(bytes);
  return even.buffer;
}

export type Rows = readonly (readonly string[])[];

/** The private text: assignments inside XML, lines ended by CR LF. */
export function hologicScript(
  values: Readonly<Record<string, string>>,
  tables: Readonly<Record<string, Rows>>,
): string {
  const lines = Object.entries(values).map(([name, value]) => `${name} = "${value}";`);
  for (const [name, rows] of Object.entries(tables)) {
    lines.push(`${name} = new Array();`);
    for (const [r, cells] of rows.entries()) {
      lines.push(`${name}[${r}] = new Array();`);
      for (const [c, cell] of cells.entries()) lines.push(`${name}[ ${r}][ ${c}] = "${cell}";`);
    }
  }
  return `<?xml version="1.0"?>\r\n<Results><JavaScriptFile><![CDATA[\r\n${lines.join('\r\n')}\r\n]]></JavaScriptFile></Results>`;
}
