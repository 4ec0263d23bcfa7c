import { findSourceFiles } from '../../db/files/source-file.ts';
import type { Pool } from '../../db/pool.ts';
import { type NewSiteMapping, readMappingsInForce } from '../../db/registry/site-mapping.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { parseVertebraeKey, vertebraeKey } from '../../dxa/values/region.ts';
import type { IsoDate, MeasuredValue, NormalisedReport } from '../../dxa/values/report.ts';
import { codeOf } from '../../errors/errors.ts';
import type { MappingRule } from '../../vendors/choose-mapping.ts';
import { valueKey } from '../../vendors/report/merge-values.ts';
import { readArchived } from '../archive/archive.ts';
import { filesConcerned } from '../registry/mapping-concerns.ts';
import { ruleOf } from '../registry/site-mapping.ts';
import { readNormalised } from './read-thread.ts';

/** What mappings would give if they were filed: counts, and what of; never a value. */
export type MappingPreview = {
  /** Files with what they are about, how many of them were read, and how many the archive did not give back. */
  readonly files: number;
  readonly read: number;
  readonly unreadable: number;
  /** Files that would hold values they do not hold today. */
  readonly gaining: number;
  /** Values that would be there, by "femoral_neck left bmd". */
  readonly gained: ReadonlyMap<string, number>;
  /** Values that would be others or gone: a mapping seldom does that. */
  readonly changed: number;
  readonly lost: number;
  /** Findings that the files would no longer have, and those that they would have instead, by code. */
  readonly resolved: ReadonlyMap<string, number>;
  readonly raised: ReadonlyMap<string, number>;
  /** Files that would lean on each of the given mappings, in their order. */
  readonly used: readonly number[];
};

export type PreviewContext = {
  readonly pool: Pool;
  readonly archiveDir: string;
  readonly limits: ReadLimits;
  /** Called after each file. */
  readonly onProgress?: (done: number, files: number) => void;
  /** Ends it early: what was read until then is counted. */
  readonly stopping?: AbortSignal;
};

const PAGE = 100;

/** Beyond every id that a table gave so far: among equals what was filed later comes last. */
const idOf = (index: number) => String(Number.MAX_SAFE_INTEGER - 10_000 + index);

const countBy = (counts: Map<string, number>, key: string, by = 1) => counts.set(key, (counts.get(key) ?? 0) + by);

const wordsOf = ({ roi, laterality, quantity }: MeasuredValue) =>
  [roi.region, vertebraeKey(roi.vertebrae), laterality === 'none' ? '' : laterality, quantity]
    .filter((word) => word !== '')
    .join(' ');

/**
 * Reads the files that new mappings concern as they would be read with them, beside how they are read without, and says
 * what would differ. Writes nothing. The same code reads that will read them once the mappings are filed.
 */
export async function previewSiteMappings(
  { pool, archiveDir, limits, onProgress, stopping }: PreviewContext,
  mappings: readonly NewSiteMapping[],
): Promise<MappingPreview> {
  const inForce = (await readMappingsInForce(pool)).mappings.map((row) =>
    ruleOf(row.mappingId, { ...row, vertebrae: parseVertebraeKey(row.vertebrae) }),
  );
  const added = mappings.map((mapping, index) => ruleOf(idOf(index), mapping));
  const ids = new Set<string>();
  for (const mapping of mappings) for (const id of await filesConcerned(pool, mapping)) ids.add(id);
  const tally = openTally(added);
  const all = [...ids];
  const stopped = () => stopping?.aborted === true;
  let [done, unreadable] = [0, 0];
  for (let at = 0; at < all.length && !stopped(); at += PAGE) {
    for (const file of await findSourceFiles(pool, all.slice(at, at + PAGE))) {
      if (stopped()) break;
      done += 1;
      onProgress?.(done, all.length);
      if (file === null) {
        unreadable += 1;
        continue;
      }
      try {
        const bytes = await readArchived(archiveDir, file.archivePath, file.sha256, limits.maxBytes);
        const read = (rules: readonly MappingRule[]) => readWith(rules, bytes, limits, file.receivedOn);
        tally.add(read(inForce), read([...inForce, ...added]));
      } catch (error) {
        if (!['ARCHIVE_MISSING', 'ARCHIVE_DAMAGED', 'LIMIT_BYTES'].includes(codeOf(error))) throw error;
        unreadable += 1;
      }
    }
  }
  return { files: all.length, read: done - unreadable, unreadable, ...tally.result() };
}

type Read = Pick<NormalisedReport, 'values' | 'findings' | 'siteMappingIds'>;

function readWith(rules: readonly MappingRule[], bytes: Uint8Array, limits: ReadLimits, receivedOn: IsoDate): Read {
  const read = readNormalised({ bytes, limits, receivedOn, mappings: rules });
  if (read.ok) return read.report;
  return { values: [], findings: read.note === undefined ? [{ code: read.code, path: read.path }] : read.findings };
}

function openTally(added: readonly MappingRule[]) {
  const [gained, resolved, raised] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const used = added.map(() => 0);
  let [gaining, changed, lost] = [0, 0, 0];
  return {
    add: (before: Read, after: Read): void => {
      const had = new Map(before.values.map((value) => [valueKey(value), value.value]));
      const has = new Set(after.values.map(valueKey));
      const fresh = after.values.filter((value) => !had.has(valueKey(value)));
      for (const value of fresh) countBy(gained, wordsOf(value));
      if (fresh.length > 0) gaining += 1;
      changed += after.values.filter((value) => (had.get(valueKey(value)) ?? value.value) !== value.value).length;
      lost += [...had.keys()].filter((key) => !has.has(key)).length;
      const balance = new Map<string, number>();
      for (const { code, facts } of before.findings) countBy(balance, code, -timesOf(facts));
      for (const { code, facts } of after.findings) countBy(balance, code, timesOf(facts));
      for (const [code, count] of balance) {
        if (count < 0) countBy(resolved, code, -count);
        if (count > 0) countBy(raised, code, count);
      }
      for (const [index, { entry }] of added.entries()) {
        if (after.siteMappingIds?.includes(entry.id) === true) used[index] = (used[index] ?? 0) + 1;
      }
    },
    result: () => ({ gaining, gained, changed, lost, resolved, raised, used }),
  };
}

/** A finding may stand for several items. */
const timesOf = (facts: NormalisedReport['findings'][number]['facts']): number =>
  typeof facts?.['count'] === 'number' ? facts['count'] : 1;
