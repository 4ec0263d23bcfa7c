import { type JudgedPatient, readJudgedPatient } from '../../db/judgement/judged-patient.ts';
import { lockPatientsForAssessment } from '../../db/locks.ts';
import { type Pool, type Queryable, TO_JUDGE } from '../../db/pool.ts';
import { rolledBack } from '../../db/rolled-back.ts';
import { assessInTransaction } from '../assess/assess.ts';

/** What a change of the registry would do to what is said of patients. Counts and codes, never a value of a patient. */
export type JudgementPreview = {
  /** Patients that the change can concern, and how many of them were judged for the preview. */
  readonly concerned: number;
  readonly judged: number;
  /** Patients for whom something would be said otherwise. */
  readonly patients: number;
  /** Comparisons with another verdict, by "total_hip: provisional -> down". */
  readonly verdicts: ReadonlyMap<string, number>;
  /** Comparisons with the same verdict by another LSC. */
  readonly otherLsc: number;
  /** Cases by rule and tier. */
  readonly opened: ReadonlyMap<string, number>;
  readonly reopened: ReadonlyMap<string, number>;
  readonly withdrawn: ReadonlyMap<string, number>;
  /** Cases that another rule would name, by "D1_SPINE_UP_HIP_DOWN (review) -> L3_ROBUST_LOSS (review)". */
  readonly renamed: ReadonlyMap<string, number>;
};

export type PreviewContext = {
  readonly pool: Pool;
  /** Called after each patient. */
  readonly onProgress?: (done: number, patients: number) => void;
  /** Ends it early: what was judged until then is counted. */
  readonly stopping?: AbortSignal;
};

/** Patients a preview judges at most; of more an even sample. */
export const PREVIEWED_PATIENTS = 500;

/** Patients judged in one transaction: the running workers wait that long for them. */
const AT_ONCE = 25;

/**
 * Judges patients as they are and again after `change`, in transactions that are rolled back, and says what would differ.
 * The same code judges them once the change is filed. `change` must lock neither patients nor the registry.
 */
export async function previewJudgement(
  { pool, onProgress, stopping }: PreviewContext,
  { total, patientIds }: { readonly total: number; readonly patientIds: readonly string[] },
  change: (transaction: Queryable) => Promise<unknown>,
): Promise<JudgementPreview> {
  const tally = openTally();
  let judged = 0;
  for (let at = 0; at < patientIds.length && stopping?.aborted !== true; at += AT_ONCE) {
    const ids = patientIds.slice(at, at + AT_ONCE);
    const pairs = await rolledBack(
      pool,
      async (transaction) => {
        await lockPatientsForAssessment(transaction, ids);
        const before = await judgeAll(transaction, ids);
        await change(transaction);
        const after = await judgeAll(transaction, ids);
        return before.map((one, index) => ({ before: one, after: after[index] ?? one }));
      },
      TO_JUDGE,
    );
    for (const { before, after } of pairs) {
      tally.add(before, after);
      judged += 1;
      onProgress?.(judged, patientIds.length);
    }
  }
  return { concerned: total, judged, ...tally.result() };
}

async function judgeAll(transaction: Queryable, patientIds: readonly string[]): Promise<readonly JudgedPatient[]> {
  const judged: JudgedPatient[] = [];
  for (const id of patientIds) {
    await assessInTransaction(transaction, id, null);
    judged.push(await readJudgedPatient(transaction, id));
  }
  return judged;
}

const countBy = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

function openTally() {
  const [verdicts, opened, reopened, withdrawn, renamed] = [1, 2, 3, 4, 5].map(() => new Map<string, number>()) as [
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
  ];
  let [patients, otherLsc] = [0, 0];
  const addComparisons = (before: JudgedPatient, after: JudgedPatient): boolean => {
    const had = new Map(before.comparisons.map((one) => [one.key, one]));
    const has = new Map(after.comparisons.map((one) => [one.key, one]));
    let differs = false;
    for (const key of new Set([...had.keys(), ...has.keys()])) {
      const [old, now] = [had.get(key), has.get(key)];
      const region = (now ?? old)?.region;
      if (old?.verdict !== now?.verdict) {
        countBy(verdicts, `${region}: ${old?.verdict ?? 'not compared'} -> ${now?.verdict ?? 'not compared'}`);
        differs = true;
      } else if (old?.lsc !== now?.lsc) {
        otherLsc += 1;
        differs = true;
      }
    }
    return differs;
  };
  const addCases = (before: JudgedPatient, after: JudgedPatient): boolean => {
    const had = new Map(before.cases.map((one) => [one.id, one]));
    let differs = false;
    for (const { id, rule, tier, state } of after.cases) {
      const old = had.get(id);
      const words = `${rule} (${tier})`;
      if (old !== undefined && (old.rule !== rule || old.tier !== tier)) {
        countBy(renamed, `${old.rule} (${old.tier}) -> ${words}`);
        differs = true;
      }
      if (old?.state === state) continue;
      differs = true;
      if (old === undefined) countBy(opened, words);
      else if (state === 'withdrawn') countBy(withdrawn, words);
      else countBy(reopened, words);
    }
    return differs;
  };
  return {
    add: (before: JudgedPatient, after: JudgedPatient): void => {
      const differs = [addComparisons(before, after), addCases(before, after)];
      if (differs.includes(true)) patients += 1;
    },
    result: () => ({ patients, verdicts, otherLsc, opened, reopened, withdrawn, renamed }),
  };
}
