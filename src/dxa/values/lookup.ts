/**
 * A table in which words of files and requests are looked up: without what every JavaScript object has besides
 * ("constructor", "toString"), which is no entry of ours.
 */
export const lookup = <T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.freeze(Object.assign(Object.create(null), entries));
