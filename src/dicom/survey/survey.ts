import type { SrDocument, SrItem } from '../document/sr-document.ts';
import { sopClassName } from '../encoding/sop-classes.ts';
import { createScreen, type Screen } from './survey-screen.ts';

/** One kind of content item at one place of the tree, with how often it stands there. */
export type SurveyNode = {
  readonly relationship: string | null;
  readonly valueType: string;
  /** Canonical key of the concept name, or what replaces it. */
  readonly concept: string | null;
  readonly meaning: string | null;
  /** Canonical keys of the units met, sorted. */
  readonly units: readonly string[];
  readonly templateIds: readonly string[];
  readonly count: number;
  /** Items whose value is missing; of the rest, those that are a plain decimal number (NUM and TEXT). */
  readonly withoutValue: number;
  readonly decimal: number;
  readonly children: readonly SurveyNode[];
};

/** The shape of documents, safe to hand on: no values, no identifiers, no dates, no names. */
export type Survey = {
  readonly documents: number;
  readonly sopClassUid: string;
  readonly sopClassName: string | null;
  readonly manufacturer: string | null;
  readonly modelName: string | null;
  readonly softwareVersions: readonly string[];
  readonly hasImageComments: boolean;
  readonly items: number;
  readonly maxDepth: number;
  /** How often each finding was made. */
  readonly findings: Readonly<Record<string, number>>;
  readonly root: SurveyNode;
};

type Draft = {
  -readonly [K in keyof Omit<SurveyNode, 'units' | 'templateIds' | 'children'>]: SurveyNode[K];
} & { readonly units: Set<string>; readonly templateIds: Set<string>; readonly children: Map<string, Draft> };

/** Reduces a document to its structure, codes and counts. Siblings of the same kind become one node with a count. */
export function surveyDocument(document: SrDocument): Survey {
  const screen = createScreen(document);
  const { header } = document;
  const top = new Map<string, Draft>();
  const stack: { readonly item: SrItem; readonly siblings: Map<string, Draft>; readonly depth: number }[] = [
    { item: document.root, siblings: top, depth: 0 },
  ];
  let items = 0;
  let maxDepth = 0;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { item, siblings, depth } = entry;
    items++;
    maxDepth = Math.max(maxDepth, depth);
    const draft = draftOf(siblings, item, screen);
    count(draft, item, screen);
    for (const child of item.children.toReversed())
      stack.push({ item: child, siblings: draft.children, depth: depth + 1 });
  }
  const findings: Record<string, number> = {};
  for (const { code, facts } of document.findings) {
    // MORE_FINDINGS counts for the code it stands for.
    const of = code === 'MORE_FINDINGS' && typeof facts?.['of'] === 'string' ? facts['of'] : code;
    const more = of === code ? 1 : Number(facts?.['count'] ?? 0);
    findings[of] = (findings[of] ?? 0) + more;
  }
  const [root] = [...top.values()].map(finish);
  if (root === undefined) throw new Error('A document always has a root.');
  return {
    documents: 1,
    sopClassUid: header.sopClassUid,
    sopClassName: sopClassName(header.sopClassUid),
    ...screen.equipment,
    hasImageComments: header.imageComments !== null,
    items,
    maxDepth,
    findings,
    root,
  };
}

function draftOf(siblings: Map<string, Draft>, item: SrItem, screen: Screen): Draft {
  const concept = screen.concept(item.concept);
  const relationship = screen.word(item.relationship);
  const valueType =
    item.valueType === 'UNKNOWN' ? `UNKNOWN ${screen.word(item.rawValueType) ?? ''}`.trim() : item.valueType;
  const key = JSON.stringify([relationship, valueType, concept.key, concept.meaning]);
  let draft = siblings.get(key);
  if (draft === undefined) {
    draft = {
      relationship,
      valueType,
      concept: concept.key,
      meaning: concept.meaning,
      units: new Set(),
      templateIds: new Set(),
      count: 0,
      withoutValue: 0,
      decimal: 0,
      children: new Map(),
    };
    siblings.set(key, draft);
  }
  return draft;
}

function count(draft: Draft, item: SrItem, screen: Screen): void {
  draft.count++;
  const templateId = screen.word(item.templateId);
  if (templateId !== null) draft.templateIds.add(templateId);
  if (item.valueType === 'NUM') {
    const unit = screen.concept(item.unit).key;
    if (unit !== null) draft.units.add(unit);
    if (item.number === null || item.number.raw === '') draft.withoutValue++;
    else if (item.number.decimal !== null) draft.decimal++;
  } else if (item.valueType === 'TEXT') {
    if (item.text === '') draft.withoutValue++;
    else if (/^[+-]?\d+(?:\.\d+)?$/.test(item.text)) draft.decimal++;
  } else if (item.valueType === 'CODE' && item.code === null) {
    draft.withoutValue++;
  }
}

function finish(draft: Draft): SurveyNode {
  return {
    ...draft,
    units: [...draft.units].sort(),
    templateIds: [...draft.templateIds].sort(),
    children: [...draft.children.values()].map(finish),
  };
}
