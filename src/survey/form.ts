import type { DocumentHeader, SrItem } from '../dicom/document/sr-document.ts';
import { sopClassName } from '../dicom/encoding/sop-classes.ts';
import type { Finding } from '../dxa/values/finding.ts';
import type { PrivateElement } from './elements.ts';
import { makerOf, modalityOf, modelOf, transferSyntaxOf } from './known-words.ts';
import type { Screen } from './screen.ts';
import { openScriptForm } from './script-form.ts';
import type { PrivateLine, SurveyForm } from './survey-file.ts';
import { addCount, type Budget, countIn, newTally, shownCounts, type Tally, tallyOf } from './tally.ts';
import { openTreeForm } from './tree-form.ts';
import { openXmlForm } from './xml-form.ts';

/** What is gathered of one file. */
export type Gathered = {
  readonly header: DocumentHeader;
  readonly findings: readonly Finding[];
  readonly root: SrItem | null;
  readonly script: string | null;
  readonly xml: string | null;
  readonly privates: readonly (PrivateElement & { readonly read: boolean })[];
  /** Takes a text that names a person. */
  readonly hide: (text: string) => void;
  readonly file: number;
};

/** Files of one kind with one outcome. */
export type Form = { readonly add: (gathered: Gathered) => void; readonly shown: () => SurveyForm };

type PrivateTally = Tally & { readonly element: string; readonly creator: string; readonly vr: string; read: number };

const HEX = 16;
/** "(0019,xx00)": the number of the block is the writer's choice. */
function elementName(tag: number): string {
  const digits = (value: number, length: number) => value.toString(HEX).toUpperCase().padStart(length, '0');
  return `(${digits(tag >>> 16, 4)},xx${digits(tag & 0xff, 2)})`;
}

export function openForm(kind: SurveyForm['kind'], outcome: string, screen: Screen, budget: Budget): Form {
  const counts = {
    sopClasses: new Map<string, number>(),
    transferSyntaxes: new Map<string, number>(),
    modalities: new Map<string, number>(),
    manufacturers: new Map<string, number>(),
    models: new Map<string, number>(),
    software: new Map<string, number>(),
    findings: new Map<string, number>(),
  };
  const privates = new Map<string, PrivateTally>();
  const tree = openTreeForm(screen, budget);
  const xml = openXmlForm(screen, budget);
  const script = openScriptForm(screen, budget);
  let [files, scripts] = [0, 0];

  function countHeader({ sopClassUid, transferSyntaxUid, modality, equipment }: DocumentHeader): void {
    addCount(counts.sopClasses, sopClassName(sopClassUid) ?? '<other>');
    addCount(counts.transferSyntaxes, transferSyntaxOf(transferSyntaxUid));
    addCount(counts.modalities, modalityOf(modality));
    addCount(counts.manufacturers, makerOf(equipment.manufacturer));
    addCount(counts.models, modelOf(equipment.modelName));
    for (const version of new Set(equipment.softwareVersions))
      addCount(counts.software, screen.keep(version, 'version'));
  }

  return {
    add: ({ header, findings, root, script: text, xml: comments, privates: elements, hide, file }) => {
      files += 1;
      countHeader(header);
      for (const { code, facts } of findings) {
        // MORE_FINDINGS counts for the code it stands for.
        const of = code === 'MORE_FINDINGS' && typeof facts?.['of'] === 'string' ? facts['of'] : code;
        addCount(counts.findings, of, of === code ? 1 : Number(facts?.['count'] ?? 0));
      }
      for (const one of elements) {
        const kept = {
          element: screen.keep(elementName(one.tag), 'tag'),
          creator: screen.keep(one.creator, 'creator'),
          vr: one.vr,
        };
        const tally = tallyOf(privates, JSON.stringify(kept), budget, () => ({ ...newTally(), ...kept, read: 0 }));
        if (tally === null) continue;
        countIn(tally, file);
        if (one.read) tally.read += 1;
      }
      if (root !== null) tree.add(root, file);
      if (comments !== null) xml.add(comments, file, hide);
      if (text !== null) {
        scripts += 1;
        script.add(text, file, hide);
      }
    },
    shown: () => ({
      kind,
      outcome,
      files,
      sopClasses: shownCounts(counts.sopClasses, (name) => name),
      transferSyntaxes: shownCounts(counts.transferSyntaxes, (name) => name),
      modalities: shownCounts(counts.modalities, (name) => name),
      manufacturers: shownCounts(counts.manufacturers, (name) => name),
      models: shownCounts(counts.models, (name) => name),
      software: shownCounts(counts.software, (version) => screen.show(version, 'version')),
      findings: shownCounts(counts.findings, (code) => code),
      private: privateLines([...privates.values()], screen),
      tree: tree.lines(files),
      xml: xml.lines(files),
      ...(scripts === 0 ? {} : { script: script.form() }),
    }),
  };
}

/** What is shown alike is one line. */
function privateLines(tallies: readonly PrivateTally[], screen: Screen): PrivateLine[] {
  const lines = new Map<string, PrivateLine>();
  for (const { element, creator, vr, files, read } of tallies) {
    const shown = { element: screen.show(element, 'tag'), creator: screen.show(creator, 'creator'), vr };
    const key = JSON.stringify(shown);
    const known = lines.get(key);
    lines.set(key, { ...shown, files: files + (known?.files ?? 0), read: read + (known?.read ?? 0) });
  }
  return [...lines.values()].sort((a, b) => b.files - a.files);
}
