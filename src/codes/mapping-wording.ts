import type { NewSiteMapping, SiteMappingRow } from '../db/registry/site-mapping.ts';
import { lookup } from '../dxa/values/lookup.ts';
import type { MappingPreview } from '../jobs/ingest/mapping-preview.ts';
import { explainCode } from './codes.ts';
import { formatRegion } from './wording.ts';

const KIND_LABELS = lookup({ scan: 'a scan', region: 'a region', measure: 'a result', unit: 'a unit' });

export const kindLabel = (kind: string): string => KIND_LABELS[kind] ?? kind;

type Meaning = Pick<SiteMappingRow, 'ignored' | 'scanType' | 'region' | 'vertebrae' | 'laterality' | 'quantity'>;

/** What a mapping says that a concept is: "Femoral neck, left", or that it is ignored. */
export function mappingMeaning({ ignored, scanType, region, vertebrae, laterality, quantity }: Meaning): string {
  const scan = scanType?.replaceAll('_', ' ') ?? null;
  if (ignored) return scan === null ? 'ignored' : `ignored in a ${scan} scan`;
  if (region !== null) return formatRegion(region, vertebrae, laterality ?? 'none');
  return [scan, quantity?.replaceAll('_', ' ') ?? null, laterality].filter((part) => part !== null).join(', ');
}

/** The name under which a mapping finds its concept: label, code or both. */
export const conceptName = ({
  label,
  codeValue,
  codeScheme,
}: Pick<NewSiteMapping, 'label' | 'codeValue' | 'codeScheme'>): string =>
  [label, codeValue === null ? null : `${codeValue}, ${codeScheme ?? ''}`].filter((part) => part !== null).join(' ');

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);

export type PreviewCount = { readonly count: number; readonly what: string };

/** What mappings would do, for a person to decide; counts and kinds, never a value. */
export type PreviewWording = {
  readonly read: string;
  readonly gives: string;
  readonly lists: readonly { readonly title: string; readonly counts: readonly PreviewCount[] }[];
  /** What to look at before saving. */
  readonly warnings: readonly string[];
};

export function wordPreview(preview: MappingPreview, mappings: number): PreviewWording {
  const { files, read, unreadable, gaining, gained, changed, lost, resolved, raised, used } = preview;
  const unused = used.flatMap((count, index) => (count === 0 && mappings > 1 ? [index + 1] : []));
  const list = (title: string, counts: ReadonlyMap<string, number>) => {
    const ordered = [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => ({ count, what }));
    return ordered.length === 0 ? [] : [{ title, counts: ordered }];
  };
  return {
    read: `${counted(read, 'file')} of ${files} that may be affected ${read === 1 ? 'was' : 'were'} read.`,
    gives: `It would give ${counted(total(gained), 'value')} in ${counted(gaining, 'file')}.`,
    lists: [
      ...list('Values that would be added', gained),
      ...list('Findings that would be cleared', resolved),
      ...list('Findings that would replace them', raised),
    ],
    warnings: [
      ...(changed + lost === 0
        ? []
        : [`Values that would change: ${changed}, and be removed: ${lost}. Find out why before you save it.`]),
      ...(unreadable === 0 ? [] : [`The archive did not give back ${counted(unreadable, 'file')}.`]),
      ...(read + unreadable === files ? [] : ['It was stopped early: there may be more.']),
      ...(unused.length === 0 ? [] : [`No file would use mapping ${unused.join(', ')} (in the order of the file).`]),
    ],
  };
}

/** What a counted finding says, for who does not know its code; a value is named as it stands. */
export const explainCount = ({ what }: PreviewCount): string => explainCode(what)?.text ?? '';
