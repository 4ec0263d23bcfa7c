import { CASES } from './cases.ts';
import { NOT_COMPARABLE, VENDOR_DIFFERS, WITHOUT_LSC } from './comparisons.ts';
import type { ListDefinition, ListName } from './definition.ts';
import { CONSISTENCY, FILES, UNMAPPED } from './files.ts';
import { REJECTIONS } from './rejections.ts';
import { DEMOGRAPHICS, HISTORY, SHORT_INTERVALS, UNCOMPARED } from './studies.ts';
import { VISITS } from './visits.ts';

/** Every QA list. The command line, HTTP and pages all read these. */
export const QA_LISTS: Readonly<Record<ListName, ListDefinition>> = {
  cases: CASES,
  visits: VISITS,
  files: FILES,
  unmapped: UNMAPPED,
  lsc: WITHOUT_LSC,
  'not-comparable': NOT_COMPARABLE,
  'vendor-change': VENDOR_DIFFERS,
  consistency: CONSISTENCY,
  history: HISTORY,
  uncompared: UNCOMPARED,
  'short-intervals': SHORT_INTERVALS,
  demographics: DEMOGRAPHICS,
  rejections: REJECTIONS,
};
