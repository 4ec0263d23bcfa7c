import type { ReaderCode } from './codes.ts';
import type { Refusal } from './sr-document.ts';

/** Thrown inside the reader and turned into a `Refusal` by readReport; nothing else of ours is thrown there. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(code: ReaderCode, place: Partial<Omit<Refusal, 'code'>> = {}) {
    super(code);
    this.refusal = {
      code,
      offset: place.offset ?? null,
      path: place.path ?? null,
      ...(place.facts === undefined ? {} : { facts: place.facts }),
    };
  }
}

/** "(0040,A730)". */
export function formatTag(tag: number): string {
  const digits = tag.toString(16).toUpperCase().padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

/** The text if it obeys PS3.5 9.1, so that it may stand in a refusal, which may hold nothing a person typed. */
export function uidOrNull(text: string | null | undefined): string | null {
  return text !== null && text !== undefined && /^[0-9.]{1,64}$/.test(text) ? text : null;
}
