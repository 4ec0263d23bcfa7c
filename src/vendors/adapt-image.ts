import type { ElementTable } from '../dicom/document/element-table.ts';
import type { DocumentHeader } from '../dicom/document/sr-document.ts';
import type { ReadLimits } from '../dicom/encoding/limits.ts';
import type { Finding } from '../dxa/values/finding.ts';
import type { IsoDate, NormalisedReport } from '../dxa/values/report.ts';
import { chooseImageMapping, chooseMapping, type MappingRule } from './choose-mapping.ts';
import { geLunarAdapter } from './ge-lunar/adapter.ts';
import { readGeImage } from './ge-lunar/read-image.ts';
import { adaptHologic } from './hologic/adapter.ts';
import { readHologicImage } from './hologic/read-image.ts';
import { isRefusal } from './report/adapter.ts';
import { believeSides } from './report/believe-sides.ts';
import { finishReport } from './report/finish-report.ts';
import { useMapping } from './report/site-mapping.ts';

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

/**
 * Reads bytes that readReport refused as NOT_STRUCTURED_REPORT: densitometers of Hologic send their results inside an
 * image, and those of GE Lunar may do so as well. Refused with NO_PRIVATE_RESULTS, an image is just an image.
 */
export function adaptImage(
  bytes: Uint8Array,
  limits: ReadLimits,
  receivedOn: IsoDate,
  rules: readonly MappingRule[] = [],
): ImageResult {
  const read = readHologicImage(bytes, limits);
  if (!read.ok) {
    const { code, path, facts = {} } = read.refusal;
    const refused: ImageResult = { ok: false, code, path, facts, sopInstanceUid: read.sopInstanceUid };
    return code === 'NO_PRIVATE_RESULTS' ? (adaptGeImage(bytes, limits, receivedOn, rules) ?? refused) : refused;
  }
  const { image } = read;
  const use = useMapping(chooseImageMapping(rules, image, receivedOn));
  const adapted = adaptHologic(image, receivedOn, use);
  if (isRefusal(adapted)) return { ...adapted, sopInstanceUid: image.header.sopInstanceUid };
  const { header, findings: readerFindings, table } = image;
  return { ok: true, report: finishReport(adapted, use), header, readerFindings, table };
}

/** Null for an image that has nothing of GE Lunar. */
function adaptGeImage(
  bytes: Uint8Array,
  limits: ReadLimits,
  receivedOn: IsoDate,
  rules: readonly MappingRule[],
): ImageResult | null {
  const read = readGeImage(bytes, limits);
  if (!read.ok) {
    const { code, path, facts = {} } = read.refusal;
    return code === 'NOT_STRUCTURED_REPORT'
      ? null
      : { ok: false, code, path, facts, sopInstanceUid: read.sopInstanceUid };
  }
  const { document, table } = read;
  const use = useMapping(chooseMapping(rules, document, receivedOn));
  const adapted = geLunarAdapter.adapt(document, receivedOn, use);
  if (isRefusal(adapted)) return { ...adapted, sopInstanceUid: document.header.sopInstanceUid };
  return {
    ok: true,
    report: finishReport(believeSides(adapted, document.header), use),
    header: document.header,
    readerFindings: document.findings,
    table,
  };
}
