import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DxaflowError } from '../errors.ts';
import { HTTP_CODES, HTTP_STATUS, type HttpCode, USE_CASE_STATUS } from './codes.ts';

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

/** The error that a handler throws to answer with a code of HTTP_CODES. */
export const problem = (code: HttpCode): DxaflowError => new DxaflowError(code, HTTP_CODES[code].text);

const isHttpCode = (code: string): code is HttpCode => Object.hasOwn(HTTP_CODES, code);

function codeOfError(error: FastifyError | DxaflowError): HttpCode {
  if (isHttpCode(error.code)) return error.code;
  if (hasZodFastifySchemaValidationErrors(error)) return 'REQUEST_INVALID';
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status === 413) return 'REQUEST_TOO_LARGE';
  return status >= 400 && status < 500 ? 'REQUEST_INVALID' : 'INTERNAL';
}

/** What is answered to an error; only codes and rules leave the process. */
export function describeProblem(error: FastifyError | DxaflowError): Problem {
  const status = error instanceof DxaflowError ? USE_CASE_STATUS[error.code] : undefined;
  if (status !== undefined) {
    return { type: 'about:blank', title: 'Not done', status, code: error.code, detail: error.message };
  }
  const code = codeOfError(error);
  const { text, remedy } = HTTP_CODES[code];
  const rules = hasZodFastifySchemaValidationErrors(error)
    ? error.validation.map(({ instancePath, message }) => ({
        field: instancePath.replace(/^\//, '').replaceAll('/', '.'),
        rule: message ?? 'is not valid',
      }))
    : [];
  return {
    type: 'about:blank',
    title: text,
    status: HTTP_STATUS[code],
    code,
    detail: remedy,
    ...(rules.length === 0 ? {} : { errors: rules }),
  };
}
