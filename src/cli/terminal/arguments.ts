import { InvalidArgumentError } from 'commander';
import { day } from '../../jobs/registry/csv-rows.ts';

/** A calendar day, for commander. */
export function dayArgument(given: string): string {
  if (!day.safeParse(given).success) throw new InvalidArgumentError('It must be a date, YYYY-MM-DD.');
  return given;
}

/** A whole number of a range, for commander. */
export const wholeNumber = (minimum: number, maximum: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
  }
  return value;
};
