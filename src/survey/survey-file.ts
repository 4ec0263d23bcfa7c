import { z } from 'zod';
import { READ_LIMITS } from '../dicom/encoding/limits.ts';
import { lookup } from '../dxa/values/lookup.ts';

/** Raised when the shape of the file changes. */
export const SURVEY_FORMAT = 'dxaflow survey 2';

const text = z.string().max(128);
const count = z.number().int().nonnegative();
const counts = z.record(text, count);

/** A code and label as they may be shown; empty where there is none. */
const CONCEPT = z.object({ scheme: text.default(''), code: text.default(''), label: text.default('') });

const LINE = z.object({
  /** Depth below the root; a line belongs to the last one above it that is less deep. */
  depth: count.max(READ_LIMITS.maxDepth),
  times: count,
  files: count,
  /** Of these the ones that hold a plain decimal number. */
  numbers: count.default(0),
  /** How many different texts became one line because none of them is shown. */
  different: count.default(1),
});

/** One kind of content item at one place of the tree. */
const TREE_LINE = LINE.extend({
  relationship: text.default('CONTAINS'),
  type: text,
  ...CONCEPT.shape,
  /** What a site, a side, a reference or a tracking identifier says. */
  value: CONCEPT.optional(),
  units: z.array(CONCEPT.extend({ times: count })).default([]),
});

/** One kind of element at one place of GE's XML. */
const XML_LINE = LINE.extend({
  element: text,
  /** Text of those attributes and elements that name a scan, a region or a unit; other attributes are named alone. */
  attributes: z.record(text, text).default({}),
  text: text.default(''),
});

const SCRIPT = z.object({
  /** Names of scans, both of a dual hip. */
  scans: z.array(z.object({ modes: z.array(text).max(2), files: count })),
  headerCells: z.array(z.object({ scan: text, cell: text, files: count, different: count.default(1) })),
  rows: z.array(
    z.object({ scan: text, heading: text, label: text, times: count, files: count, different: count.default(1) }),
  ),
  tables: counts,
  values: counts,
});

const PRIVATE = z.object({
  /** "(0019,xx00)", as far as it may be shown. */
  element: text,
  creator: text,
  vr: text,
  files: count,
  /** Files whose results were read from it. */
  read: count.default(0),
});

const FORM = z.object({
  kind: z.enum(['report', 'image']),
  /** "read by hologic", or why it was not read. */
  outcome: text,
  files: count,
  sopClasses: counts,
  transferSyntaxes: counts,
  modalities: counts,
  manufacturers: counts,
  models: counts,
  software: counts,
  findings: counts,
  private: z.array(PRIVATE).default([]),
  tree: z.array(TREE_LINE).default([]),
  xml: z.array(XML_LINE).default([]),
  script: SCRIPT.optional(),
});

/** What `dxaflow survey` writes. */
export const SURVEY = z.object({
  format: z.literal(SURVEY_FORMAT),
  /** Versions of the reader and the adapters that made it. */
  madeBy: z.record(text, text),
  shows: z.string(),
  files: count,
  outcomes: counts,
  /** Places that did not fit in. */
  leftOut: count.default(0),
  forms: z.array(FORM),
});

export type Survey = z.output<typeof SURVEY>;
export type SurveyForm = z.output<typeof FORM>;
export type TreeLine = z.output<typeof TREE_LINE>;
export type XmlLine = z.output<typeof XML_LINE>;
export type ScriptForm = z.output<typeof SCRIPT>;
export type PrivateLine = z.output<typeof PRIVATE>;
export type ShownConcept = z.output<typeof CONCEPT>;

const LINE_LENGTH = 400;

/** What a line does not say of itself; the schema fills it in. */
const DEFAULTS: Readonly<Record<string, string>> = lookup({
  numbers: '0',
  different: '1',
  units: '[]',
  attributes: '{}',
  private: '[]',
  tree: '[]',
  xml: '[]',
  read: '0',
  leftOut: '0',
  relationship: '"CONTAINS"',
  scheme: '""',
  code: '""',
  text: '""',
});

const withoutDefaults = (_key: string, value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).filter(([name, one]) => DEFAULTS[name] !== JSON.stringify(one)));

function write(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return line;
  const isList = Array.isArray(value);
  if (!isList && indent !== '' && line.length <= LINE_LENGTH) return line;
  const inner = `${indent}  `;
  const parts = isList
    ? value.map((one) => write(one, inner))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${write(one, inner)}`);
  if (parts.length === 0) return isList ? '[]' : '{}';
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** A survey as text: JSON with a line for each thing that it counts. */
export const writeSurvey = (survey: Survey): string =>
  `${write(JSON.parse(JSON.stringify(survey, withoutDefaults)), '')}\n`;
