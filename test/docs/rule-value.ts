import type { Grade } from '../../src/dxa/values/grade.ts';

/** A value of the code as the page prints it. */
export type RuleValue = {
  readonly name: string;
  readonly value: string;
  readonly means: string;
  readonly rule: string;
  readonly source: string;
  readonly grade: Grade;
};

/** A row of the table of limits. */
export const fixed = (
  name: string,
  value: string,
  means: string,
  rule: string,
  source: string,
  grade: Grade,
): RuleValue => ({
  name,
  value,
  means,
  rule,
  source,
  grade,
});
