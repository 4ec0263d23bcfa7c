import { readPatientDifference } from '../../db/night/snapshot.ts';
import { type Pool, TO_JUDGE } from '../../db/pool.ts';
import { rolledBack } from '../../db/rolled-back.ts';
import { assessInTransaction } from '../assess/assess.ts';
import { type GivenPatient, type MergeSides, mergeAnyway } from './patient-merge.ts';

/** What a merge would do: who the two are, and what would come out differently for both together. */
export type MergePreview = MergeSides & {
  readonly cases: readonly { readonly caseId: string | null; readonly rule: string; readonly event: string }[];
  /** Comparisons that would be added, removed or changed. */
  readonly comparisons: number;
};

/**
 * Merges, judges and rolls back: nothing is kept, and the running workers wait meanwhile as they would for the merge. The
 * patients are locked after rows of theirs, which is safe while the registry is held alone: no other assessment runs.
 * Throws what merging throws, but for the disagreement, which it shows.
 */
export async function previewMerge(pool: Pool, from: GivenPatient, into: GivenPatient): Promise<MergePreview> {
  return await rolledBack(
    pool,
    async (transaction) => {
      const signature = { by: 'preview', note: '' };
      const { patientsToAssess: _count, ...sides } = await mergeAnyway(transaction, {
        from,
        into,
        signature,
        despite: null,
      });
      const differences = [];
      for (const id of [sides.from.id, sides.into.id].sort((a, b) => Number(a) - Number(b))) {
        await assessInTransaction(transaction, id, null);
        differences.push(await readPatientDifference(transaction, id));
      }
      return {
        ...sides,
        cases: differences.flatMap(({ cases }) => cases.map(({ caseId, rule, event }) => ({ caseId, rule, event }))),
        comparisons: differences.reduce((sum, { comparisons }) => sum + comparisons.length, 0),
      };
    },
    TO_JUDGE,
  );
}
