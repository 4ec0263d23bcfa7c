import type { NightChange } from '../../db/night/change.ts';

/** What a comparison or trend said before and after; null when there was none. */
export type Shown = Readonly<Record<string, string | null>>;
/** `key`: kind (of a comparison), region/vertebrae/side and Study Instance UID. */
export type Difference = { readonly key: string; readonly before: Shown | null; readonly after: Shown | null };
export type CaseLine = {
  readonly caseId: string | null;
  readonly rule: string;
  readonly regionPair: string;
  readonly event: string;
};
export type ValueLine = { readonly value: string; readonly before: string | null; readonly after: string | null };

/** A list in the detail of a change; empty when the change has none of that name. */
export function detailList<T>(detail: NightChange['detail'], name: string): readonly T[] {
  const value = detail[name];
  return Array.isArray(value) ? (value as readonly T[]) : [];
}
