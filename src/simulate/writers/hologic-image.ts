import type { DicomElement } from 'dcmjs';
import type { ReportStyle } from '../scanner/style.ts';
import { imageDataset, SECONDARY_CAPTURE } from './image-dataset.ts';
import { writePart10 } from './part10.ts';
import type { SrHeader } from './sr-dataset.ts';
import { element } from './sr-elements.ts';

/** Where the private text stands: real files had (0019,1000), the dictionary says (0021,xx01). */
export type PrivateTag = { readonly group: string; readonly element: string; readonly creator?: string };

export type ImageOptions = {
  readonly transferSyntax?: ReportStyle['transferSyntax'];
  /** Attributes beside those of every image. */
  readonly rest?: Readonly<Record<string, DicomElement | null>>;
};

/** An 8 x 8 Secondary Capture image with Hologic's results in a private element. */
export function writeHologicImage(
  header: SrHeader,
  modality: string,
  tag: PrivateTag,
  text: string,
  { transferSyntax = 'explicit', rest = {} }: ImageOptions = {},
) {
  const dataset = imageDataset({ ...header, sopClassUid: SECONDARY_CAPTURE }, modality, {
    [`${tag.group}0010`]: element('LO', tag.creator ?? 'HOLOGIC'),
    [`${tag.group}${tag.element}`]: element('OB', bytesOf(text)),
    ...rest,
  });
  return writePart10(SECONDARY_CAPTURE, header.sopInstanceUid, dataset, transferSyntax);
}

function bytesOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'latin1');
  const even = new Uint8Array(bytes.length + (bytes.length % 2)).fill(0x20);
  even.set(bytes);
  return even.buffer;
}

export type Rows = readonly (readonly string[])[];

/** Elements beside the script in the private XML. */
export type PrivateElements = Readonly<Record<'ScanID' | 'k' | 'd0' | 'ACF' | 'BCF', string>>;

export const PRIVATE_ELEMENTS: PrivateElements = {
  ScanID: 'A04120401',
  k: '1.170',
  d0: '49.2',
  ACF: '1.023',
  BCF: '0.987',
};

/** The private text: assignments inside XML, lines ended by CR LF. */
export function hologicScript(
  values: Readonly<Record<string, string>>,
  tables: Readonly<Record<string, Rows>>,
  beside: Partial<PrivateElements> = {},
): string {
  const lines = Object.entries(values).map(([name, value]) => `${name} = "${value}";`);
  for (const [name, rows] of Object.entries(tables)) {
    lines.push(`${name} = new Array();`);
    for (const [r, cells] of rows.entries()) {
      lines.push(`${name}[${r}] = new Array();`);
      for (const [c, cell] of cells.entries()) lines.push(`${name}[ ${r}][ ${c}] = "${cell}";`);
    }
  }
  const others = Object.entries(beside).map(([name, value]) => `<${name}>${value}</${name}>\r\n`);
  return `<?xml version="1.0"?>\r\n<HologicHeader1>${others.join('')}<JavaScriptFile>\r\n${lines.join('\r\n')}\r\n</JavaScriptFile></HologicHeader1>`;
}
