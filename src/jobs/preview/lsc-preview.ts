import { listPatientsOfLsc } from '../../db/judgement/dependents.ts';
import { lockPatientsForAssessment } from '../../db/locks.ts';
import type { Queryable } from '../../db/pool.ts';
import type { NewLsc } from '../../db/registry/lsc.ts';
import { rolledBack } from '../../db/rolled-back.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { type FiledLscs, fileLscs, withReason } from '../registry/lsc-import.ts';
import { retireInTransaction } from '../registry/lsc-retire.ts';
import { type JudgementPreview, type PreviewContext, previewJudgement } from './judgement-preview.ts';

/** Never written: what it signs is rolled back. */
const NOBODY = { by: 'preview', note: '' } as const;

export type LscPreview = { readonly filed: FiledLscs; readonly judgement: JudgementPreview };

/**
 * What putting LSCs on file would change: at most `limit` of the patients concerned are judged. Throws LSC_IMPLAUSIBLE,
 * as the import would.
 */
export async function previewLscImport(
  context: PreviewContext,
  entries: readonly NewLsc[],
  despite: string | null,
  limit: number,
): Promise<LscPreview> {
  const checked = withReason(entries, despite);
  const file = async (transaction: Queryable) => await fileLscs(transaction, checked, NOBODY);
  const { filed, concerned } = await rolledBack(context.pool, async (transaction) => {
    await lockPatientsForAssessment(transaction, []);
    const filed = await file(transaction);
    return { filed, concerned: await listPatientsOfLsc(transaction, filed.places, limit) };
  });
  return { filed, judgement: await previewJudgement(context, concerned, file) };
}

/** What retiring an LSC would change, or ending it with `lastDay`; null when there is none in force under the id. */
export async function previewLscRetirement(
  context: PreviewContext,
  lscId: string,
  lastDay: IsoDate | null,
  limit: number,
): Promise<JudgementPreview | null> {
  const retire = async (transaction: Queryable) => await retireInTransaction(transaction, lscId, lastDay, NOBODY);
  const concerned = await rolledBack(context.pool, async (transaction) => {
    await lockPatientsForAssessment(transaction, []);
    const retired = await retire(transaction);
    return retired === null ? null : await listPatientsOfLsc(transaction, retired.places, limit);
  });
  return concerned === null ? null : await previewJudgement(context, concerned, retire);
}
