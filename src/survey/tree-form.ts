import type { CodedConcept, SrItem } from '../dicom/document/sr-document.ts';
import { TRACKING_IDENTIFIER } from '../vendors/generic/vocabulary.ts';
import { itemText } from '../vendors/text/item-text.ts';
import { readNumberText, splitUnit } from '../vendors/text/number-text.ts';
import { looksLikeUnit } from '../vendors/text/unit.ts';
import { namesPlace } from './known-words.ts';
import type { Screen } from './screen.ts';
import type { ShownConcept, TreeLine } from './survey-file.ts';
import { addCount, type Budget, countIn, newTally, type Tally, tallyOf } from './tally.ts';

type Kept = ShownConcept;

type Node = Tally & {
  readonly relationship: string;
  readonly type: string;
  readonly concept: Kept;
  readonly value: Kept | null;
  readonly units: Map<string, number>;
  readonly children: Map<string, Node>;
  numbers: number;
};

export type TreeForm = {
  readonly add: (root: SrItem, file: number) => void;
  /** `files`: how many there are of the form. */
  readonly lines: (files: number) => TreeLine[];
};

const RELATIONSHIPS: ReadonlySet<string> = new Set([
  'CONTAINS',
  'HAS PROPERTIES',
  'HAS OBS CONTEXT',
  'HAS ACQ CONTEXT',
  'HAS CONCEPT MOD',
  'INFERRED FROM',
  'SELECTED FROM',
]);

const NOTHING: Kept = { scheme: '', code: '', label: '' };

/** Gathers the trees of reports: what stands where, how often, in which units; values of places only. */
export function openTreeForm(screen: Screen, budget: Budget): TreeForm {
  const top = new Map<string, Node>();

  const keep = (concept: CodedConcept | null): Kept => {
    if (concept === null) return NOTHING;
    const code = screen.keep(`${concept.scheme}:${concept.value}`, 'code');
    const bare = code.startsWith(`${concept.scheme}:`) ? code.slice(concept.scheme.length + 1) : code;
    return {
      scheme: screen.keep(concept.scheme, 'scheme'),
      code: concept.value === '' ? '' : bare,
      label: screen.keep(concept.meaning, 'label'),
    };
  };
  const keepUnit = ({ scheme, value, meaning }: CodedConcept): Kept => ({
    scheme: screen.keep(scheme, 'scheme'),
    code: screen.keep(value, 'unit'),
    label: screen.keep(meaning, 'unit'),
  });
  const placeValue = (item: SrItem): Kept | null => {
    const key = item.concept?.key ?? '';
    if (item.valueType === 'CODE' && item.code !== null && namesPlace(key)) return keep(item.code);
    if (item.valueType !== 'TEXT' || key !== TRACKING_IDENTIFIER) return null;
    return { ...NOTHING, label: screen.keep(item.text, 'label') };
  };
  const keyOf = (item: SrItem, concept: Kept, value: Kept | null): string => {
    // Groups of one name at different places are different things.
    const places = item.valueType === 'CONTAINER' ? item.children.flatMap((child) => placeValue(child) ?? []) : [];
    return JSON.stringify([item.relationship, item.valueType, concept, value, places]);
  };

  return {
    add: (root, file) => {
      const stack: { readonly item: SrItem; readonly siblings: Map<string, Node> }[] = [{ item: root, siblings: top }];
      for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
        const { item, siblings } = entry;
        const [concept, value] = [keep(item.concept), placeValue(item)];
        const node = tallyOf(siblings, keyOf(item, concept, value), budget, () => ({
          ...newTally(),
          relationship: RELATIONSHIPS.has(item.relationship ?? '') ? (item.relationship ?? '') : '',
          type: item.valueType,
          concept,
          value,
          units: new Map(),
          children: new Map(),
          numbers: 0,
        }));
        if (node === null) continue;
        countIn(node, file);
        const split = splitUnit(itemText(item) ?? '');
        const number = readNumberText(split.text);
        if (number.kind === 'number' || number.kind === 'comma') node.numbers += 1;
        if (item.valueType === 'NUM' && item.unit !== null) addCount(node.units, JSON.stringify(keepUnit(item.unit)));
        if (item.valueType === 'TEXT' && split.unit !== null && looksLikeUnit(split.unit)) {
          addCount(node.units, JSON.stringify({ ...NOTHING, label: screen.keep(split.unit, 'unit') }));
        }
        for (const child of item.children.toReversed()) stack.push({ item: child, siblings: node.children });
      }
    },
    lines: (files) => linesOf(top, screen).map((line) => ({ ...line, files: Math.min(line.files, files) })),
  };
}

type Draft = Omit<TreeLine, 'units' | 'different'> & {
  units: Map<string, number>;
  different: number;
  readonly children: Node[];
};

/** Siblings that are shown alike are one line. */
function linesOf(top: ReadonlyMap<string, Node>, screen: Screen): TreeLine[] {
  const lines: TreeLine[] = [];
  const pending = mergeAlike([...top.values()], 0, screen).toReversed();
  for (let draft = pending.pop(); draft !== undefined; draft = pending.pop()) {
    const { units, children, ...line } = draft;
    const shown = [...units].map(([unit, times]) => ({ ...(JSON.parse(unit) as Kept), times }));
    lines.push({ ...line, units: shown });
    pending.push(...mergeAlike(children, draft.depth + 1, screen).toReversed());
  }
  return lines;
}

function showConcept(kept: Kept, screen: Screen): Kept {
  const code = screen.show(`${kept.scheme}:${kept.code}`, 'code');
  return {
    scheme: screen.show(kept.scheme, 'scheme'),
    code:
      kept.code === '' || kept.code.startsWith('<') ? kept.code : code.startsWith(`${kept.scheme}:`) ? kept.code : code,
    label: screen.show(kept.label, 'label'),
  };
}

const showUnit = ({ scheme, code, label }: Kept, screen: Screen): Kept => ({
  scheme: screen.show(scheme, 'scheme'),
  code: screen.show(code, 'unit'),
  label: screen.show(label, 'unit'),
});

function mergeAlike(nodes: readonly Node[], depth: number, screen: Screen): Draft[] {
  const merged = new Map<string, Draft>();
  for (const node of nodes) {
    const concept = showConcept(node.concept, screen);
    const value = node.value === null ? null : showConcept(node.value, screen);
    const places = [...node.children.values()].flatMap((child) =>
      child.value === null ? [] : [showConcept(child.value, screen)],
    );
    const key = JSON.stringify([node.relationship, node.type, concept, value, node.type === 'CONTAINER' ? places : []]);
    const draft: Draft = merged.get(key) ?? {
      depth,
      times: 0,
      files: 0,
      numbers: 0,
      different: 0,
      relationship: node.relationship,
      type: node.type,
      ...concept,
      ...(value === null ? {} : { value }),
      units: new Map(),
      children: [],
    };
    merged.set(key, draft);
    draft.times += node.times;
    draft.files += node.files;
    draft.numbers += node.numbers;
    draft.different += 1;
    for (const [unit, times] of node.units) {
      addCount(draft.units, JSON.stringify(showUnit(JSON.parse(unit) as Kept, screen)), times);
    }
    draft.children.push(...node.children.values());
  }
  return [...merged.values()];
}
