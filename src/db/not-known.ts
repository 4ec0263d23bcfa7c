import { NOT_KNOWN_CODES } from '../dxa/comparability/checks.ts';

const CODES = NOT_KNOWN_CODES.map((code) => `@.code == "${code}"`).join(' || ');

/**
 * SQL for the codes of the checks that could not be made, each once and in order, of a jsonb of checks. Rows that rule set 5
 * or an earlier one wrote call them "ok".
 *
 * @param path where in it the checks stand
 */
export const notKnownCodes = (checks: string, path = '$[*]'): string =>
  `array(select distinct x #>> '{}' from jsonb_path_query(${checks},
           '${path} ? (@.outcome == "unknown" || (@.outcome == "ok" && (${CODES}))).code') x order by 1)`;

/** The same of the evidence of a case. */
export const CHECKS_OF_EVIDENCE = '$.comparisons[*].checks[*]';
