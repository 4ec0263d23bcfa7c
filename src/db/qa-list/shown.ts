import type { ListName, ListRow } from './definition.ts';

/** Row ids of the patients and files that these rows of a list show, for the access log. */
export function shownIn(list: ListName, rows: readonly ListRow[]) {
  const idsIn = (column: string) => rows.flatMap(({ [column]: id }) => (typeof id === 'string' ? [id] : []));
  const fileIds = [...idsIn(list === 'files' ? 'id' : 'sourceFileId'), ...idsIn('instanceFileId')];
  return { patientIds: idsIn('patientKey'), fileIds: [...new Set(fileIds)] };
}
