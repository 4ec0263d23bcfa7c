import type { CodeEntry } from '../dxa/values/finding.ts';

const entry = (text: string, remedy: string): CodeEntry => ({ text, remedy, permanence: 'permanent' });

/** Codes of the HTTP API and the pages; the status of each stands beside it in HTTP_STATUS. */
export const HTTP_CODES = {
  SIGN_IN_NEEDED: entry('You are not signed in, or your session has expired.', 'Sign in, or send an API token.'),
  SIGN_IN_FAILED: entry('User name or password is incorrect.', 'Try again.'),
  SIGN_IN_THROTTLED: entry('There were too many failed sign-in attempts.', 'Wait 15 minutes.'),
  ENTER_LINK_INVALID: entry(
    'The link was already used, has expired, or was opened from another machine.',
    'Print a new one with "dxaflow user link", or restart dxaflow.',
  ),
  ROLE_TOO_LOW: entry('The role of this user or token does not allow this.', 'Ask an administrator for another role.'),
  CROSS_SITE: entry('The request comes from another site.', 'Submit the form from a dxaflow page.'),
  NOT_FOUND: entry('There is nothing at this address.', 'Start from the worklist.'),
  REQUEST_INVALID: entry(
    'The request does not have the required form.',
    'Correct the fields named in the list of errors.',
  ),
  REQUEST_TOO_LARGE: entry('The request is too large.', 'Shorten the text.'),
  REQUEST_TOO_SLOW: entry(
    'The request was not received completely in time.',
    'Send it again over a faster connection.',
  ),
  ADDRESS_TOO_LONG: entry('Part of the address is too long.', 'Start from the worklist.'),
  HEADERS_TOO_LARGE: entry('The headers of the request are too large.', 'Delete the cookies of this site.'),
  MEDIA_TYPE_UNKNOWN: entry(
    'The body is in a format that this address does not accept.',
    'Send JSON, a form, or CSV where it says so.',
  ),
  METHOD_UNKNOWN: entry(
    'This address does not accept this HTTP method.',
    'Use one of the methods in the Allow header.',
  ),
  VERSION_NEEDED: entry(
    'The request does not say which version of the case it changes.',
    'Send If-Match with the ETag.',
  ),
  RELEASE_OUTDATED: {
    text: 'The database was migrated for newer code than these pages run.',
    remedy: 'Replace this process by the newer dxaflow release.',
    permanence: 'transient',
  },
  INTERNAL: { text: 'The request failed.', remedy: 'The log of the http process says why.', permanence: 'transient' },
} as const satisfies Record<string, CodeEntry>;

export type HttpCode = keyof typeof HTTP_CODES;

export const HTTP_STATUS: Readonly<Record<HttpCode, number>> = {
  SIGN_IN_NEEDED: 401,
  SIGN_IN_FAILED: 401,
  SIGN_IN_THROTTLED: 429,
  ENTER_LINK_INVALID: 403,
  ROLE_TOO_LOW: 403,
  CROSS_SITE: 403,
  NOT_FOUND: 404,
  REQUEST_INVALID: 400,
  REQUEST_TOO_LARGE: 413,
  REQUEST_TOO_SLOW: 408,
  ADDRESS_TOO_LONG: 414,
  HEADERS_TOO_LARGE: 431,
  MEDIA_TYPE_UNKNOWN: 415,
  METHOD_UNKNOWN: 405,
  VERSION_NEEDED: 428,
  RELEASE_OUTDATED: 503,
  INTERNAL: 500,
};

/** Status of the codes that the use cases throw; their message says what happened and holds no patient value. */
export const USE_CASE_STATUS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    STALE_CASE: 412,
    CASE_STATE: 409,
    CASE_UNKNOWN: 404,
    CHECKLIST_ITEM_UNKNOWN: 400,
    NOTE_MISSING: 400,
    DISPOSITION_UNFIT: 400,
    ASSIGNEE_UNKNOWN: 400,
    QUERY_INVALID: 400,
    MAPPING_INVALID: 400,
    CONTEXT_INVALID: 400,
    PATIENT_UNKNOWN: 404,
    PATIENT_AMBIGUOUS: 409,
    PATIENT_MERGE_CIRCLE: 409,
    PATIENT_MERGE_DISAGREES: 409,
    PATIENT_MERGE_PHANTOM: 409,
    PATIENT_MERGED_ALREADY: 409,
    PATIENT_NOT_MERGED: 409,
    INSTANCE_UNKNOWN: 404,
    SETTING_UNKNOWN: 404,
    SETTING_INVALID: 400,
    SETTING_CONTRADICTS: 409,
    REASON_EMPTY: 400,
    REQUEUE_CHOICE: 400,
    FILTER_UNKNOWN: 400,
    SORT_UNKNOWN: 400,
    CURSOR_INVALID: 400,
    ARCHIVE_MISSING: 503,
    ARCHIVE_DAMAGED: 503,
  }),
);
