import type { IsoDate } from '../dxa/values/report.ts';
import { MAPPED_ADAPTER, recogniseAdapter } from './adapters.ts';
import { type Content, isRefusal } from './report/adapter.ts';
import { readHeader } from './report/header.ts';
import { type MappingEntry, NO_MAPPING, type SiteMapping } from './report/site-mapping.ts';

/** A site's mapping entry with the reports that it holds for. */
export type MappingRule = {
  /** Vendor of the adapter that reads the report. */
  readonly vendor: string;
  /** Empty: every model. */
  readonly modelName: string;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | null;
  readonly entry: MappingEntry;
};

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
 * The entries in force for the content of a file, by vendor, model (as it is stored) and day of the scan. What is said of one
 * model comes before what is said of all, and what began later before what began earlier: the first entry that fits an
 * item is used.
 */
export function chooseMapping(rules: readonly MappingRule[], content: Content, receivedOn: IsoDate): SiteMapping {
  if (rules.length === 0) return NO_MAPPING;
  const header = readHeader(content.header, receivedOn);
  const adapter = recogniseAdapter(content) ?? MAPPED_ADAPTER;
  if (isRefusal(header) || adapter === undefined) return NO_MAPPING;
  const { modelName } = adapter.equipmentOf?.(header.equipment) ?? header.equipment;
  return entriesFor(rules, { vendor: adapter.vendor, modelName, scannedAt: header.study.scannedAt });
}
