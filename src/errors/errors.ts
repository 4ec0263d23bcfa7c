/** Exit codes of every dxaflow process (sysexits for configuration). */
export const EXIT = { ok: 0, failure: 1, usage: 2, configuration: 78 } as const;

/**
 * An error with a stable code. The message says what happened, where and what to do; it never holds a patient value,
 * because messages reach logs and queues.
 */
export class DxaflowError extends Error {
  readonly code: string;
  readonly exitCode: number;
  /** True when trying again later can help. */
  readonly transient: boolean;

  constructor(
    code: string,
    message: string,
    options: { readonly cause?: unknown; readonly exitCode?: number; readonly transient?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'DxaflowError';
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.transient = options.transient ?? false;
  }
}

/** The `code` of a Node, PostgreSQL or dxaflow error; "UNKNOWN" for anything else. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return 'UNKNOWN';
}

/** The code of an error, or its class where it has none. */
export function nameOf(error: unknown): string {
  const code = codeOf(error);
  return code === 'UNKNOWN' && error instanceof Error ? error.name : code;
}

/** What is kept of a failure: our code, PROCESSING_FAILED for a foreign one, and the code of the underlying cause. */
export function reasonOf(error: unknown): { readonly code: string; readonly cause: string } {
  if (!(error instanceof DxaflowError)) return { code: 'PROCESSING_FAILED', cause: codeOf(error) };
  return { code: error.code, cause: codeOf(error.cause ?? error) };
}
