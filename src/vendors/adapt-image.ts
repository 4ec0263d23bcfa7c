import type { ElementTable } from '../dicom/element-table.ts';
import type { ReadLimits } from '../dicom/limits.ts';
import type { Finding } from '../dxa/finding.ts';
import type { NormalisedReport } from '../dxa/report.ts';
import { isRefusal } from './adapter.ts';
import { chooseImageMapping, type MappingRule } from './choose-mapping.ts';
import { finishReport } from './finish-report.ts';
import { adaptHologic } from './hologic/adapter.ts';
import { readHologicImage } from './hologic/read-image.ts';
import { useMapping } from './site-mapping.ts';

export type ImageResult =
  | {
      readonly ok: true;
      readonly report: NormalisedReport;
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
 * Reads bytes that readReport refused as NOT_STRUCTURED_REPORT: a Hologic densitometer sends its results inside an image.
 * Refused with NO_PRIVATE_RESULTS, an image is just an image.
 */
export function adaptImage(bytes: Uint8Array, limits: ReadLimits, rules: readonly MappingRule[] = []): ImageResult {
  const read = readHologicImage(bytes, limits);
  if (!read.ok) {
    const { code, path, facts = {} } = read.refusal;
    return { ok: false, code, path, facts, sopInstanceUid: read.sopInstanceUid };
  }
  const { image } = read;
  const use = useMapping(chooseImageMapping(rules, image));
  const adapted = adaptHologic(image, use);
  if (isRefusal(adapted)) return { ...adapted, sopInstanceUid: image.header.sopInstanceUid };
  return { ok: true, report: finishReport(adapted, use), readerFindings: image.findings, table: image.table };
}
