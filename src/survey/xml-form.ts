import { readNumberText, splitUnit } from '../vendors/text/number-text.ts';
import { localName, readXml, type XmlElement } from '../vendors/text/xml-tree.ts';
import { isKnownName, type Screen } from './screen.ts';
import type { XmlLine } from './survey-file.ts';
import { type Budget, countIn, newTally, type Tally, tallyOf } from './tally.ts';

type Node = Tally & {
  readonly element: string;
  /** By kept name; null where the attribute is named alone. */
  readonly attributes: readonly (readonly [name: string, value: string | null])[];
  readonly text: string;
  readonly children: Map<string, Node>;
  numbers: number;
};

export type XmlForm = {
  /** `hide` is told every text that is none of a name, a label or a unit. */
  readonly add: (xml: string, file: number, hide: (text: string) => void) => void;
  readonly lines: (files: number) => XmlLine[];
};

/** Attributes and elements whose text names a scan, a region, a unit or a kind of change. */
const LABELS: ReadonlySet<string> = new Set(['TYPE', 'REGION', 'TREND_ROI']);
const KNOWN_IDS: ReadonlySet<string> = new Set(['2', '3', '5', '6', '7', '8', '9', '19', '31', '82']);

/** Gathers the elements of GE's XML: what stands where, with the labels that name scans, regions and units. */
export function openXmlForm(screen: Screen, budget: Budget): XmlForm {
  const top = new Map<string, Node>();

  function attributesOf(element: XmlElement, hide: (text: string) => void): Node['attributes'] {
    return Object.entries(element.attributes).map(([raw, value]) => {
      const name = localName(raw);
      const upper = name.toUpperCase();
      const kept = screen.keep(isKnownName(name) ? name.toLowerCase() : name, 'name');
      if (LABELS.has(upper)) return [kept, screen.keep(value, 'label')] as const;
      if (upper === 'UNITS') return [kept, screen.keep(value, 'unit')] as const;
      if (upper === 'ID' && KNOWN_IDS.has(value.trim())) return [kept, value.trim()] as const;
      hide(value);
      return [kept, null] as const;
    });
  }

  return {
    add: (xml, file, hide) => {
      const { root } = readXml(xml);
      const stack: { readonly element: XmlElement; readonly siblings: Map<string, Node> }[] =
        root === null ? [] : [{ element: root, siblings: top }];
      for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
        const { element, siblings } = entry;
        const name = localName(element.name);
        const attributes = attributesOf(element, hide);
        const split = splitUnit(element.text);
        const number = readNumberText(split.text);
        const isNumber = number.kind === 'number' || number.kind === 'comma';
        const isLabel = LABELS.has(name.toUpperCase());
        const text = isLabel ? screen.keep(element.text, 'label') : '';
        if (!isLabel && !isNumber) hide(element.text);
        const kept = screen.keep(isKnownName(name) ? name.toUpperCase() : name, 'name');
        const key = JSON.stringify([kept, attributes, text]);
        const node = tallyOf(siblings, key, budget, () => ({
          ...newTally(),
          element: kept,
          attributes,
          text,
          children: new Map(),
          numbers: 0,
        }));
        if (node === null) continue;
        countIn(node, file);
        if (isNumber) node.numbers += 1;
        for (const child of element.children.toReversed()) stack.push({ element: child, siblings: node.children });
      }
    },
    lines: (files) => linesOf(top, screen, files),
  };
}

type Draft = Omit<XmlLine, 'different'> & { different: number; readonly children: Node[] };

function shownAttributes(node: Node, screen: Screen): Record<string, string> {
  const shown = node.attributes.map(([name, value]) => {
    const place = name.toUpperCase() === 'UNITS' ? 'unit' : 'label';
    const isId = name.toUpperCase() === 'ID' && value !== null;
    return [screen.show(name, 'name'), value === null ? '' : isId ? value : screen.show(value, place)] as const;
  });
  return Object.fromEntries([...shown].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function linesOf(top: ReadonlyMap<string, Node>, screen: Screen, files: number): XmlLine[] {
  const lines: XmlLine[] = [];
  const pending = mergeAlike([...top.values()], 0, screen).toReversed();
  for (let draft = pending.pop(); draft !== undefined; draft = pending.pop()) {
    const { children, ...line } = draft;
    lines.push({ ...line, files: Math.min(line.files, files) });
    pending.push(...mergeAlike(children, draft.depth + 1, screen).toReversed());
  }
  return lines;
}

/** Siblings that are shown alike are one line. */
function mergeAlike(nodes: readonly Node[], depth: number, screen: Screen): Draft[] {
  const merged = new Map<string, Draft>();
  for (const node of nodes) {
    const shown = {
      element: screen.show(node.element, 'name'),
      attributes: shownAttributes(node, screen),
      text: screen.show(node.text, 'label'),
    };
    const key = JSON.stringify(shown);
    const draft: Draft = merged.get(key) ?? {
      ...{ depth, times: 0, files: 0, numbers: 0, different: 0 },
      ...shown,
      children: [],
    };
    merged.set(key, draft);
    draft.times += node.times;
    draft.files += node.files;
    draft.numbers += node.numbers;
    draft.different += 1;
    draft.children.push(...node.children.values());
  }
  return [...merged.values()];
}
