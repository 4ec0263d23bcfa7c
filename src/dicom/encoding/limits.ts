/**
 * How much of a file the reader is willing to take. Each limit has its own refusal code (LIMIT_*) in codes.ts, which is
 * also the name of the variable that sets it.
 */
export type ReadLimits = {
  /** Bytes of the file as received. */
  readonly maxBytes: number;
  /** Bytes of a deflated data set once inflated. */
  readonly maxInflatedBytes: number;
  /** Data elements, items included, at all depths together. */
  readonly maxElements: number;
  /** Sequence items at all depths together. */
  readonly maxItems: number;
  /** Sequences inside sequences; a content item below another one is one level, its code sequences are one more. */
  readonly maxDepth: number;
  /** Bytes of a single text value that goes into the tree or the header. */
  readonly maxTextBytes: number;
};

/**
 * Defaults. The largest real report known to us (a cardiology dose report, 14 737 content items) has 3.3 MB, 270 000
 * elements and 4 levels; the published SR templates stay below 20 levels.
 */
export const READ_LIMITS: ReadLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxInflatedBytes: 64 * 1024 * 1024,
  maxElements: 1_000_000,
  maxItems: 250_000,
  maxDepth: 100,
  maxTextBytes: 1024 * 1024,
};
