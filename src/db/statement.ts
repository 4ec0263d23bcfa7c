import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { QueryConfig } from 'pg';

/** What a parameter of each type is given as; text[] may lack elements. */
type Given = {
  readonly bigint: string;
  readonly text: string;
  readonly boolean: boolean;
  readonly jsonb: string | Readonly<Record<string, unknown>>;
  readonly 'bigint[]': readonly string[];
  readonly 'text[]': readonly (string | null)[];
};
/** Types of PostgreSQL, as the head of a file names them. */
export type ParameterType = keyof Given | `${keyof Given} or null`;
type Value<T> = T extends `${infer Plain extends keyof Given} or null`
  ? Given[Plain] | null
  : T extends keyof Given
    ? Given[T]
    : never;

/** Gives what pg takes: a prepared statement of this name, with its values in order. */
export type Statement<T> = (given: { readonly [Name in keyof T]: Value<T[Name]> }) => QueryConfig;

export type StatementFile = {
  /** Parameters in order; `text` has $1, $2, … with their types in their places. */
  readonly parameters: readonly (readonly [name: string, type: ParameterType])[];
  readonly text: string;
};

const HEAD = /^(?:--.*\n)*/;
/** "--   :name, :other  text or null   what it is": at least two blanks before what it is. */
const DESCRIBED = /((?::[a-z_]+,\s+)*:[a-z_]+) +(bigint|text|boolean|jsonb|bigint\[\]|text\[\])( or null)? {2,}\S/g;
/** Parameters, and what holds a colon and is none: strings, quoted names, comments, casts. */
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|::|:([a-z_]+)/g;
const INCLUDE = /^[ \t]*\\ir[ \t]+(\S+)[ \t]*$/gm;

function readBody(path: string): { readonly head: string; readonly body: string } {
  const source = readFileSync(path, 'utf8');
  const head = HEAD.exec(source)?.[0] ?? '';
  const body = source
    .slice(head.length)
    .replace(INCLUDE, (_, included: string) => readBody(join(dirname(path), included)).body);
  return { head, body: body.trim().replace(/;$/, '') };
}

/**
 * Reads a statement from its file. Its head, the comment at the top, says what the statement does and describes every
 * parameter; `:name` stands for one, and `\ir FILE` on a line of its own for the statement of another file, both as in
 * psql. Throws where head and text differ.
 */
export function readStatement(path: string): StatementFile {
  const { head, body } = readBody(path);
  const types = new Map<string, ParameterType>();
  for (const [, names = '', type, orNull = ''] of head.replaceAll(/^-- ?/gm, '').matchAll(DESCRIBED)) {
    for (const name of names.match(/[a-z_]+/g) ?? []) types.set(name, `${type}${orNull}` as ParameterType);
  }
  const parameters = [...types];
  const used = new Set<string>();
  const text = body.replace(TOKEN, (token, name?: string) => {
    if (name === undefined) return token.startsWith('--') ? '' : token;
    const place = parameters.findIndex(([known]) => known === name);
    if (place === -1) throw new Error(`${basename(path)}: the head does not describe :${name}`);
    used.add(name);
    return `$${place + 1}::${parameters[place]?.[1].replace(' or null', '')}`;
  });
  const idle = parameters.filter(([name]) => !used.has(name)).map(([name]) => name);
  if (idle.length > 0) throw new Error(`${basename(path)}: the statement does not use ${idle.join(', ')}`);
  return { parameters, text };
}

/**
 * Loads FOLDER/NAME.sql, once, when its module is loaded. `declared` are the parameters as the caller gives them: throws
 * where the head of the file has others, or other types.
 */
export function loadStatement<const T extends Readonly<Record<string, ParameterType>>>(
  folder: string,
  name: string,
  declared: T,
): Statement<T> {
  const { parameters, text } = readStatement(join(folder, `${name}.sql`));
  const described = new Map(parameters);
  const differ = [...new Set([...described.keys(), ...Object.keys(declared)])].filter(
    (one) => described.get(one) !== declared[one],
  );
  if (differ.length > 0) throw new Error(`${name}.sql and its module differ in ${differ.join(', ')}`);
  return (given) => ({ name, text, values: parameters.map(([one]) => given[one as keyof T]) });
}
