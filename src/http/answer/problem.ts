import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { HTTP_CODES, HTTP_STATUS, type HttpCode, USE_CASE_STATUS } from '../../codes/http-codes.ts';
import { DxaflowError } from '../../errors/errors.ts';

/** An error body as RFC 9457 has it; `code` is stable, `errors` name fields and rules, never values. */
export const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), rule: z.string() })).optional(),
});
export type Problem = z.infer<typeof PROBLEM>;

type Rule = NonNullable<Problem['errors']>[number];

/** An error that names the fields and rules that a request breaks. */
class RequestError extends DxaflowError {
  readonly rules: readonly Rule[];

  constructor(code: HttpCode, rules: readonly Rule[]) {
    super(code, HTTP_CODES[code].text);
    this.rules = rules;
  }
}

/** The error that a handler throws to answer with a code of HTTP_CODES. */
export const problem = (code: HttpCode, rules: readonly Rule[] = []): DxaflowError => new RequestError(code, rules);

function rulesOf(error: FastifyError | DxaflowError): readonly Rule[] {
  if (error instanceof RequestError) return error.rules;
  if (!hasZodFastifySchemaValidationErrors(error)) return [];
  return error.validation.map(({ instancePath, message }) => ({
    field: instancePath.replace(/^\//, '').replaceAll('/', '.'),
    rule: message ?? 'is not valid',
  }));
}

/** Codes of what is wrong with a request before any route of ours sees it. */
const BY_STATUS: ReadonlyMap<number, HttpCode> = new Map([
  [405, 'METHOD_UNKNOWN'],
  [408, 'REQUEST_TOO_SLOW'],
  [413, 'REQUEST_TOO_LARGE'],
  [414, 'ADDRESS_TOO_LONG'],
  [415, 'MEDIA_TYPE_UNKNOWN'],
  [431, 'HEADERS_TOO_LARGE'],
]);

const isHttpCode = (code: string): code is HttpCode => Object.hasOwn(HTTP_CODES, code);

function codeOfError(error: FastifyError | DxaflowError): HttpCode {
  if (isHttpCode(error.code)) return error.code;
  if (hasZodFastifySchemaValidationErrors(error)) return 'REQUEST_INVALID';
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  const code = BY_STATUS.get(status);
  if (code !== undefined) return code;
  return status >= 400 && status < 500 ? 'REQUEST_INVALID' : 'INTERNAL';
}

/** What is answered to an error; only codes and rules leave the process. */
export function describeProblem(error: FastifyError | DxaflowError): Problem {
  const status = error instanceof DxaflowError ? USE_CASE_STATUS.get(error.code) : undefined;
  if (status !== undefined) {
    return { type: 'about:blank', title: 'Not done', status, code: error.code, detail: error.message };
  }
  const code = codeOfError(error);
  const { text, remedy } = HTTP_CODES[code];
  const rules = rulesOf(error);
  return {
    type: 'about:blank',
    title: text,
    status: HTTP_STATUS[code],
    code,
    detail: remedy,
    ...(rules.length === 0 ? {} : { errors: [...rules] }),
  };
}
