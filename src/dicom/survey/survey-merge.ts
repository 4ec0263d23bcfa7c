import type { Survey, SurveyNode } from './survey.ts';

/** Adds up surveys of the same kind of document from the same kind of device, in the order in which they first came. */
export function mergeSurveys(surveys: Iterable<Survey>): Survey[] {
  const merged = new Map<string, Survey>();
  for (const survey of surveys) {
    const key = JSON.stringify([survey.sopClassUid, survey.manufacturer, survey.modelName, nodeKey(survey.root)]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? survey : mergeTwo(known, survey));
  }
  return [...merged.values()];
}

function mergeTwo(a: Survey, b: Survey): Survey {
  const findings: Record<string, number> = { ...a.findings };
  for (const [code, count] of Object.entries(b.findings)) findings[code] = (findings[code] ?? 0) + count;
  return {
    ...a,
    documents: a.documents + b.documents,
    softwareVersions: union(a.softwareVersions, b.softwareVersions),
    hasImageComments: a.hasImageComments || b.hasImageComments,
    items: a.items + b.items,
    maxDepth: Math.max(a.maxDepth, b.maxDepth),
    findings,
    root: mergeNodes(a.root, b.root),
  };
}

function mergeNodes(a: SurveyNode, b: SurveyNode): SurveyNode {
  const children = new Map<string, SurveyNode>();
  for (const child of [...a.children, ...b.children]) {
    const key = nodeKey(child);
    const known = children.get(key);
    children.set(key, known === undefined ? child : mergeNodes(known, child));
  }
  return {
    ...a,
    units: union(a.units, b.units),
    templateIds: union(a.templateIds, b.templateIds),
    count: a.count + b.count,
    withoutValue: a.withoutValue + b.withoutValue,
    decimal: a.decimal + b.decimal,
    children: [...children.values()],
  };
}

function nodeKey({ relationship, valueType, concept, meaning }: SurveyNode): string {
  return JSON.stringify([relationship, valueType, concept, meaning]);
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}
