import { findRow, nextOf, ROOT_ROW } from '../document/element-table.ts';
import { formatTag } from '../document/refused.ts';
import type { EvidenceReference } from '../document/sr-document.ts';
import { TAG } from '../encoding/tags.ts';
import type { Reading } from '../text/values.ts';
import { referencesOf, uidAt } from './content-value.ts';

const PLACE = formatTag(TAG.CurrentRequestedProcedureEvidenceSequence);

/** The rows of the items of a sequence; none where it is absent or empty. */
function itemsOf({ table }: Reading, parent: number, tag: number): readonly number[] {
  const sequence = findRow(table, parent, tag);
  if (sequence < 0) return [];
  const items: number[] = [];
  for (let item = sequence + 1; item < nextOf(table, sequence); item = nextOf(table, item)) items.push(item);
  return items;
}

/** Every instance that a key object names, by study and series (PS3.3 C.17.6.2 and table C.17-3). */
export function readEvidence(reading: Reading): readonly EvidenceReference[] {
  return itemsOf(reading, ROOT_ROW, TAG.CurrentRequestedProcedureEvidenceSequence).flatMap((study) => {
    const studyInstanceUid = uidAt(reading, study, TAG.StudyInstanceUID, PLACE);
    return itemsOf(reading, study, TAG.ReferencedSeriesSequence).flatMap((series) => {
      const seriesInstanceUid = uidAt(reading, series, TAG.SeriesInstanceUID, PLACE);
      return referencesOf(reading, series, PLACE).map((one) => ({ ...one, studyInstanceUid, seriesInstanceUid }));
    });
  });
}
