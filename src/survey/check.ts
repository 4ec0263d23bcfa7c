import type { Finding } from '../dxa/values/finding.ts';
import { lookup } from '../dxa/values/lookup.ts';
import { adaptReport } from '../vendors/adapt-report.ts';
import { geLunarAdapter } from '../vendors/ge-lunar/adapter.ts';
import { hologicAdapter } from '../vendors/hologic/adapter.ts';
import { isRefusal } from '../vendors/report/adapter.ts';
import { NO_MAPPING, useMapping } from '../vendors/report/site-mapping.ts';
import { normaliseLabel } from '../vendors/text/label.ts';
import { RECEIVED_ON, rebuildTrees, rebuildXml, rebuiltHeader, spoken, unspoken } from './rebuild.ts';
import { isKnownName } from './screen.ts';
import type { ScriptForm, Survey, SurveyForm, TreeLine, XmlLine } from './survey-file.ts';

/** Something in the files of a survey that today's adapters would not read. */
export type Unread = {
  readonly vendor: string;
  readonly kind:
    | 'scan'
    | 'region'
    | 'measure'
    | 'unit'
    | 'code and label'
    | 'XML element'
    | 'private element'
    | 'vocabulary';
  readonly scheme: string;
  readonly code: string;
  /** As the survey shows it: "<2 words>" where it does not. */
  readonly label: string;
  /** The kind of scan that it stands in, or what a unit is of. */
  readonly where: string;
  readonly times: number;
  readonly files: number;
};

const KINDS = lookup<Unread['kind']>({
  UNKNOWN_SCAN: 'scan',
  UNKNOWN_REGION: 'region',
  UNKNOWN_MEASURE: 'measure',
  UNIT_NOT_SUPPORTED: 'unit',
  CODE_LABEL_CONFLICT: 'code and label',
});

type Counts = { readonly times: number; readonly files: number };

/**
 * Puts what a survey tells of before today's adapters, as files without a patient, with a number at every place for one, and lists
 * what they would not read. What the site itself has mapped counts as not read: a survey knows no mappings.
 */
export function checkSurvey({ forms }: Survey): readonly Unread[] {
  const unread = forms.flatMap((form) =>
    // The places of one form share their files.
    merge([...checkTree(form), ...checkXml(form), ...checkScript(form), ...checkPrivate(form)], Math.max),
  );
  return merge(unread, (one, other) => one + other);
}

function unreadOf(vendor: string, { code, facts = {} }: Finding, { times, files }: Counts): Unread | null {
  const kind = KINDS[code];
  const text = (name: string) => unspoken(String(facts[name] ?? ''));
  if (kind === undefined || (text('label') === '' && text('value') === '')) return null;
  const where = kind === 'unit' ? text('quantity') : text('scanType');
  return { vendor, kind, scheme: text('scheme'), code: text('value'), label: text('label'), where, times, files };
}

const sum = (lines: readonly Counts[], files: number): Counts => ({
  times: lines.reduce((total, { times }) => total + times, 0),
  files: Math.min(
    files,
    lines.reduce((total, line) => total + line.files, 0),
  ),
});

function checkTree({ tree, files, outcome, kind }: SurveyForm): readonly Unread[] {
  if (kind !== 'report') return [];
  return rebuildTrees(tree).flatMap(({ document, lines }) => {
    const adapted = adaptReport(document, RECEIVED_ON);
    const root = lines.get('1');
    if (!adapted.ok) {
      const isDxa = adapted.code === 'UNSUPPORTED_VENDOR' || outcome !== 'NOT_DXA';
      const { scheme = '', code = '', label = '' } = root ?? {};
      const named = { vendor: 'none', kind: 'vocabulary', scheme, code, label, where: '' } as const;
      return isDxa ? [{ ...named, times: root?.times ?? files, files: root?.files ?? files }] : [];
    }
    const { vendor, findings } = adapted.report;
    return findings.flatMap((finding) => {
      const counts = sum(linesOf(finding, lines), files);
      return unreadOf(vendor, finding, counts) ?? [];
    });
  });
}

/** The lines that a finding is about: that of its place, or those of its concept where one finding stands for all. */
function linesOf({ path, facts = {} }: Finding, lines: ReadonlyMap<string, TreeLine>): readonly TreeLine[] {
  const own = lines.get(path ?? '');
  if (facts['count'] === undefined) return own === undefined ? [] : [own];
  const same = ({ scheme, code, label }: TreeLine) =>
    spoken(scheme) === facts['scheme'] && spoken(code) === facts['value'] && spoken(label) === facts['label'];
  return [...new Set(lines.values())].filter((line) => line.type === 'NUM' && same(line));
}

/** Element, attribute or text in which a finding of each kind has its label. */
const STANDS_IN: Readonly<Record<string, (line: XmlLine) => readonly (string | undefined)[]>> = lookup({
  UNKNOWN_SCAN: ({ attributes }) => [attributes['type']],
  UNKNOWN_REGION: ({ attributes, text }) => [attributes['region'], text],
  UNKNOWN_MEASURE: ({ element, numbers }) => (numbers > 0 ? [element] : []),
  UNIT_NOT_SUPPORTED: ({ attributes }) => [attributes['units']?.trim()],
});

function checkXml({ xml, files }: SurveyForm): readonly Unread[] {
  const root = {
    concept: null,
    children: [],
    path: '1',
    relationship: null,
    valueType: 'CONTAINER',
    continuity: null,
  } as const;
  const tree = { ...root, observationDateTime: null, observationUid: null, templateId: null };
  const found = rebuildXml(xml).flatMap((text) => {
    const adapted = adaptReport({ header: rebuiltHeader(text), root: tree, findings: [] }, RECEIVED_ON);
    if (!adapted.ok) return [];
    return adapted.report.findings.flatMap((finding) => {
      const label = unspoken(String(finding.facts?.['label'] ?? ''));
      const about = xml.filter((line) => STANDS_IN[finding.code]?.(line).includes(label) === true);
      return unreadOf(adapted.report.vendor, finding, sum(about, files)) ?? [];
    });
  });
  const results = new Set(found.flatMap(({ kind, label }) => (kind === 'measure' ? [label] : [])));
  const others = xml.flatMap((line): readonly Unread[] => {
    if (isKnownName(line.element) || (line.numbers > 0 && results.has(line.element))) return [];
    const { times, files: withIt } = line;
    return [{ ...OF_GE, kind: 'XML element', label: line.element, times, files: withIt }];
  });
  return [...found, ...others];
}

const OF_GE = { vendor: geLunarAdapter.vendor, scheme: '', code: '', where: '' } as const;

const MODES = lookup<string>({
  spine: 'a Lumbar Spine',
  hip: 'a Left Hip',
  forearm: 'a Left Forearm',
  whole_body: 'a Whole Body',
});

const quoted = (shown: string) => `"${spoken(shown).replace(/["\\]/g, '\\$&').replace(/</g, '&lt;')}"`;

function findingsOf(modes: readonly string[], rows: readonly (readonly string[])[]): readonly Finding[] {
  const names = modes.map((mode, index) => `ScanMode${index === 0 ? '' : index + 1} = ${quoted(mode)};`);
  const cells = rows.flatMap((row, r) => row.map((cell, c) => `ResultsTable1[${r}][${c}] = ${quoted(cell)};`));
  const text = [...names, ...cells].join('\r\n');
  const image = { header: rebuiltHeader(null), text, path: '(0019,1000)', findings: [] };
  const adapted = hologicAdapter.adapt(image, RECEIVED_ON, useMapping(NO_MAPPING));
  return isRefusal(adapted) ? [] : adapted.findings;
}

const BMD = 'BMD[g/cm2]';
const KNOWN_ROW = lookup({ spine: 'L1', hip: 'Neck', forearm: 'Radius MID', whole_body: 'Head' });

function checkScript({ script }: SurveyForm): readonly Unread[] {
  if (script === undefined) return [];
  const about = (findings: readonly Finding[], counts: Counts) =>
    findings.flatMap((finding) => unreadOf(hologicAdapter.vendor, finding, counts) ?? []);
  return [
    ...script.scans.flatMap(({ modes, files }) =>
      modes.flatMap((mode) => about(findingsOf([mode], [['Region', BMD]]), { times: files, files })),
    ),
    ...script.headerCells.flatMap(({ scan, cell, files }) => {
      const [mode, row] = [MODES[scan] ?? 'a Left Hip', KNOWN_ROW[scan as keyof typeof KNOWN_ROW] ?? 'Neck'];
      const findings = findingsOf(
        [mode],
        [
          ['Region', cell],
          [row, '1.000'],
        ],
      );
      return about(findings, { times: files, files });
    }),
    ...script.rows.flatMap((row) => about(rowFindings(row), row)),
  ];
}

function rowFindings({ scan, heading, label }: ScriptForm['rows'][number]): readonly Finding[] {
  const mode = MODES[scan];
  if (mode === undefined) return [];
  // The total of a spine is that of the vertebrae beside it.
  const beside = scan === 'spine' && normaliseLabel(label) === 'total' ? [['L1', '1.000']] : [];
  return findingsOf([mode], [[heading === '' ? 'Region' : heading, BMD], ...beside, [label, '1.000']]);
}

/** Images of a densitometer from which nothing was read, with unknown private elements. */
function checkPrivate(form: SurveyForm): readonly Unread[] {
  const isDensitometer = Object.keys(form.models).some((model) => !model.startsWith('<'));
  if (form.outcome !== 'NO_PRIVATE_RESULTS' || !isDensitometer) return [];
  return form.private.map(({ element, creator, files }) => ({
    ...({ vendor: 'none', kind: 'private element', scheme: '', code: element, label: creator, where: '' } as const),
    ...{ times: files, files },
  }));
}

/** What is said of one thing at several places is one line, the most frequent first. */
function merge(all: readonly Unread[], ofFiles: (one: number, other: number) => number): readonly Unread[] {
  const merged = new Map<string, Unread>();
  for (const one of all) {
    const { times, files, ...thing } = one;
    const key = JSON.stringify(thing);
    const known = merged.get(key);
    merged.set(key, { ...one, times: times + (known?.times ?? 0), files: ofFiles(files, known?.files ?? 0) });
  }
  return [...merged.values()].sort((a, b) => b.files - a.files || b.times - a.times);
}
