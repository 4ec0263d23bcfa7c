import type { SrDocument } from '../dicom/document/sr-document.ts';
import type { IsoDate } from '../dxa/values/report.ts';
import { ADAPTERS, RECOGNISED } from './adapt-report.ts';
import { HOLOGIC_VENDOR, readEquipment } from './hologic/adapter.ts';
import { ALL_HOLOGIC_QUIRKS } from './hologic/quirks.ts';
import type { HologicImage } from './hologic/read-image.ts';
import { isRefusal } from './report/adapter.ts';
import { readHeader } from './report/header.ts';
import { type MappingEntry, NO_MAPPING, type SiteMapping } from './report/site-mapping.ts';

/** A site's mapping entry with the reports that it holds for. */
export type MappingRule = {
  /** Vendor of the adapter that reads the report; "generic" for a vocabulary that none recognises. */
  readonly vendor: string;
  /** Empty: every model. */
  readonly modelName: string;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | null;
  readonly entry: MappingEntry;
};

function vendorOf(document: SrDocument): string {
  const sure = ADAPTERS.map((adapter) => adapter.recognise(document));
  const best = Math.max(...sure);
  return (best >= RECOGNISED ? ADAPTERS[sure.indexOf(best)]?.vendor : undefined) ?? 'generic';
}

/** The entries in force for reports of this vendor, model and day. */
function entriesFor(
  rules: readonly MappingRule[],
  report: { readonly vendor: string; readonly modelName: string; readonly scannedAt: string },
): SiteMapping {
  const day = report.scannedAt.slice(0, 10);
  const model = report.modelName.trim().toLowerCase();
  return rules
    .filter(({ vendor, modelName }) => {
      return vendor === report.vendor && (modelName === '' || modelName.trim().toLowerCase() === model);
    })
    .filter((rule) => rule.validFrom <= day && (rule.validTo === null || day <= rule.validTo))
    .toSorted(
      (a, b) =>
        Number(a.modelName === '') - Number(b.modelName === '') ||
        (a.validFrom === b.validFrom ? 0 : a.validFrom < b.validFrom ? 1 : -1) ||
        Number(a.entry.id) - Number(b.entry.id),
    )
    .map((rule) => rule.entry);
}

/**
 * The entries in force for a document, by vendor, model and day of the scan. What is said of one model comes before what
 * is said of all, and what began later before what began earlier: the first entry that fits an item is used.
 */
export function chooseMapping(rules: readonly MappingRule[], document: SrDocument, receivedOn: IsoDate): SiteMapping {
  if (rules.length === 0) return NO_MAPPING;
  const header = readHeader(document.header, receivedOn);
  if (isRefusal(header)) return NO_MAPPING;
  const { modelName } = header.equipment;
  return entriesFor(rules, { vendor: vendorOf(document), modelName, scannedAt: header.study.scannedAt });
}

/** The same for Hologic's images; the model is the one that is stored, without the serial number that stands in it. */
export function chooseImageMapping(
  rules: readonly MappingRule[],
  image: HologicImage,
  receivedOn: IsoDate,
): SiteMapping {
  if (rules.length === 0) return NO_MAPPING;
  const header = readHeader(image.header, receivedOn);
  if (isRefusal(header)) return NO_MAPPING;
  const { modelName } = readEquipment(header.equipment, ALL_HOLOGIC_QUIRKS);
  return entriesFor(rules, { vendor: HOLOGIC_VENDOR, modelName, scannedAt: header.study.scannedAt });
}
