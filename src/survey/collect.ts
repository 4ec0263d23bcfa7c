import type { ElementTable } from '../dicom/document/element-table.ts';
import { formatTag } from '../dicom/document/refused.ts';
import type { DocumentHeader, SrItem } from '../dicom/document/sr-document.ts';
import type { ReadLimits } from '../dicom/encoding/limits.ts';
import { READER_VERSION, readReport } from '../dicom/read-report.ts';
import type { Finding } from '../dxa/values/finding.ts';
import type { IsoDate } from '../dxa/values/report.ts';
import { readImageContent } from '../vendors/adapt-image.ts';
import { adaptReport } from '../vendors/adapt-report.ts';
import { ADAPTERS, adaptWith } from '../vendors/adapters.ts';
import { findGeXml } from '../vendors/ge-lunar/xml-text.ts';
import { TRACKING_IDENTIFIER } from '../vendors/generic/vocabulary.ts';
import { isDocument } from '../vendors/report/adapter.ts';
import { readImage } from '../vendors/report/open-image.ts';
import { NO_MAPPING } from '../vendors/report/site-mapping.ts';
import { everyItem } from '../vendors/text/item-text.ts';
import { namingTexts, privateElements } from './elements.ts';
import { type Form, openForm } from './form.ts';
import { openScreen, type Shows } from './screen.ts';
import { SURVEY_FORMAT, type Survey } from './survey-file.ts';
import { addCount, openBudget, shownCounts } from './tally.ts';
import { ENOUGH_PATIENTS, openWitnesses } from './witnesses.ts';

export type SurveyOptions = {
  readonly limits: ReadLimits;
  /** The day, in UTC, after which no scan can be. */
  readonly today: IsoDate;
  readonly shows: Shows;
};

export type SurveyCollector = {
  /** Reads the bytes of one file. */
  readonly add: (bytes: Uint8Array) => void;
  /** A file that could not be read at all, by its code. */
  readonly addUnread: (code: string) => void;
  readonly finish: () => Survey;
  /** Once finished: texts of the survey that a person must look through, for they may hold a name of staff. */
  readonly unfamiliar: () => readonly string[];
};

const REST = 'every other text is counted and not shown';
const MANY = `stand in the files of ${ENOUGH_PATIENTS} different patients or more`;
const SHOWN: Readonly<Record<Shows, string>> = {
  known: `texts of densitometry that dxaflow knows; ${REST}`,
  things: `texts of densitometry that dxaflow knows, and names of things that ${MANY} and are made of words of densitometry and anatomy; ${REST}`,
  shared: `texts of densitometry that dxaflow knows, and names that ${MANY}, looked through by a person; ${REST}`,
};

/** What one file is. */
type Read = {
  readonly kind: 'report' | 'image';
  readonly outcome: string;
  readonly header: DocumentHeader;
  readonly table: ElementTable;
  readonly findings: readonly Finding[];
  readonly root: SrItem | null;
  readonly script: { readonly text: string; readonly path: string } | null;
};

/**
 * Gathers what files are made of, so that it can be sent to someone else: which of it may be shown says screen.ts. Pure; what
 * a file says is forgotten but for counts and for texts that may turn out to be those of many patients.
 */
export function openSurvey({ limits, today, shows }: SurveyOptions): SurveyCollector {
  const witnesses = openWitnesses();
  const screen = openScreen(witnesses, shows);
  const budget = openBudget();
  const outcomes = new Map<string, number>();
  const forms = new Map<string, Form>();
  let files = 0;

  function gather({ kind, outcome, header, table, findings, root, script }: Read): void {
    const { patient } = header;
    const { alphabetic = '', ideographic = '', phonetic = '' } = patient.name ?? {};
    const name = `${alphabetic}=${ideographic}=${phonetic}`;
    witnesses.begin({ id: patient.patientId, name, birthDate: patient.birthDate?.raw ?? null });
    hideNames(header, root, table, witnesses.hide);
    const key = `${kind} ${outcome}`;
    const form = forms.get(key) ?? openForm(kind, outcome, screen, budget);
    forms.set(key, form);
    form.add({
      header,
      findings,
      root,
      script: script?.text ?? null,
      privates: [...privateElements(table)].map((one) => ({ ...one, read: formatTag(one.tag) === script?.path })),
      xml: xmlOf(header),
      hide: witnesses.hide,
      file: files,
    });
  }

  return {
    add: (bytes) => {
      files += 1;
      const read = readFile(bytes, limits, today);
      const isForm = typeof read !== 'string';
      addCount(outcomes, isForm ? read.outcome : read);
      if (isForm) gather(read);
    },
    addUnread: (code) => {
      files += 1;
      addCount(outcomes, code);
    },
    finish: () => ({
      format: SURVEY_FORMAT,
      madeBy: {
        reader: READER_VERSION,
        ...Object.fromEntries(ADAPTERS.map(({ vendor, version }) => [vendor, version])),
      },
      shows: SHOWN[shows],
      files,
      outcomes: shownCounts(outcomes, (outcome) => outcome),
      leftOut: budget.leftOut,
      forms: [...forms.values()].map((form) => form.shown()).sort((a, b) => b.files - a.files),
    }),
    unfamiliar: screen.unfamiliar,
  };
}

function xmlOf({ imageComments }: DocumentHeader): string | null {
  const found = findGeXml(imageComments);
  return found?.kind === 'xml' ? found.xml : null;
}

/** The code of a file that tells nothing more. */
function readFile(bytes: Uint8Array, limits: ReadLimits, today: IsoDate): Read | string {
  const read = readReport(bytes, limits);
  if (read.ok) {
    const { document, table } = read;
    const adapted = adaptReport(document, today);
    if (!adapted.ok && adapted.code === 'NOT_DXA' && adapted.facts['reason'] !== undefined) return adapted.code;
    const outcome = adapted.ok ? `read by ${adapted.report.vendor}` : adapted.code;
    const findings = [...document.findings, ...(adapted.ok ? adapted.report.findings : [])];
    return { kind: 'report', outcome, header: document.header, table, findings, root: document.root, script: null };
  }
  if (read.refusal.code !== 'NOT_STRUCTURED_REPORT') return read.refusal.code;
  const image = readImage(bytes, limits, ({ table, header }) => ({ table, header: header() }));
  if (!image.ok) return image.refusal.code;
  const found = readImageContent(bytes, limits);
  const nothing = { kind: 'image', ...image.taken, findings: [], root: null, script: null } as const;
  if (!found.ok) return { ...nothing, outcome: found.refusal.code };
  const { adapter, content } = found;
  const adapted = adaptWith(adapter, content, today, NO_MAPPING);
  return {
    ...nothing,
    outcome: adapted.ok ? `read by ${adapted.report.vendor}` : adapted.code,
    findings: adapted.ok ? [...content.findings, ...adapted.report.findings] : [],
    script: isDocument(content) ? null : content,
  };
}

/** Collects what in a file names a person, place or object: headers, names and typed texts of the tree. */
function hideNames(
  header: DocumentHeader,
  root: SrItem | null,
  table: ElementTable,
  hide: (text: string) => void,
): void {
  for (const text of namingTexts(table)) hide(text);
  const { patient, study, equipment } = header;
  const names = [patient.name];
  const texts = [patient.patientId, patient.issuerOfPatientId, patient.ethnicGroup, study.accessionNumber];
  texts.push(equipment.deviceSerialNumber, equipment.stationName, equipment.institutionName);
  for (const item of root === null ? [] : everyItem(root)) {
    if (item.valueType === 'PNAME') names.push(item.name);
    if (item.valueType === 'TEXT' && item.concept?.key !== TRACKING_IDENTIFIER && item.text.length <= 64)
      texts.push(item.text);
  }
  for (const name of names) {
    if (name !== null) for (const group of [name.alphabetic, name.ideographic, name.phonetic]) hide(group);
  }
  for (const text of texts) if (text !== null) hide(text);
  if (xmlOf(header) === null && header.imageComments !== null) hide(header.imageComments.slice(0, 1024));
}
