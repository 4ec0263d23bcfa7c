import type { ElementTable } from '../dicom/document/element-table.ts';
import type { DocumentHeader } from '../dicom/document/sr-document.ts';
import type { ReadLimits } from '../dicom/encoding/limits.ts';
import type { Finding } from '../dxa/values/finding.ts';
import type { IsoDate, NormalisedReport } from '../dxa/values/report.ts';
import { ADAPTERS, adaptWith } from './adapters.ts';
import { chooseMapping, type MappingRule } from './choose-mapping.ts';
import type { Content, VendorAdapter } from './report/adapter.ts';
import { type ImageRefusal, type OpenImage, readImage } from './report/open-image.ts';

export type ImageContent = {
  readonly ok: true;
  readonly adapter: VendorAdapter;
  readonly content: Content;
  /** The elements that it was read from. */
  readonly table: ElementTable;
};

export type ImageResult =
  | {
      readonly ok: true;
      readonly report: NormalisedReport;
      readonly header: DocumentHeader;
      readonly readerFindings: readonly Finding[];
      readonly table: ElementTable;
    }
  | {
      readonly ok: false;
      readonly code: string;
      readonly path: string | null;
      readonly facts: NonNullable<Finding['facts']>;
      readonly sopInstanceUid: string | null;
    };

function find(image: OpenImage, limits: ReadLimits) {
  for (const adapter of ADAPTERS) {
    const found = adapter.findInImage?.(image, limits) ?? null;
    if (found !== null) return { adapter, found, table: image.table };
  }
  return null;
}

/** The results of whichever adapter finds some in the image; NO_PRIVATE_RESULTS where none does. */
export function readImageContent(bytes: Uint8Array, limits: ReadLimits): ImageContent | ImageRefusal {
  const read = readImage(bytes, limits, (image) => find(image, limits));
  if (read.ok) {
    const { adapter, found, table } = read.taken;
    return { ok: true, adapter, content: { ...found, findings: read.findings }, table };
  }
  if (read.refusal.code !== 'NOT_STRUCTURED_REPORT') return read;
  return { ...read, refusal: { code: 'NO_PRIVATE_RESULTS', offset: null, path: null } };
}

/**
 * Reads bytes that readReport refused as NOT_STRUCTURED_REPORT: some densitometers send their results inside an image.
 * Refused with NO_PRIVATE_RESULTS, an image is just an image.
 */
export function adaptImage(
  bytes: Uint8Array,
  limits: ReadLimits,
  receivedOn: IsoDate,
  rules: readonly MappingRule[] = [],
): ImageResult {
  const read = readImageContent(bytes, limits);
  if (!read.ok) {
    const { code, path, facts = {} } = read.refusal;
    return { ok: false, code, path, facts, sopInstanceUid: read.sopInstanceUid };
  }
  const { adapter, content, table } = read;
  const { header } = content;
  const adapted = adaptWith(adapter, content, receivedOn, chooseMapping(rules, content, receivedOn));
  if (!adapted.ok) return { ...adapted, sopInstanceUid: header.sopInstanceUid };
  return { ok: true, report: adapted.report, header, readerFindings: content.findings, table };
}
