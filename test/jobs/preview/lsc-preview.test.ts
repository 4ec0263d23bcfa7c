import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listLsc } from '../../../src/db/registry/lsc.ts';
import { type JudgementPreview, PREVIEWED_PATIENTS } from '../../../src/jobs/preview/judgement-preview.ts';
import { previewLscImport, previewLscRetirement } from '../../../src/jobs/preview/lsc-preview.ts';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { retireLsc } from '../../../src/jobs/registry/lsc-retire.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { hip, spine, storeStudy } from '../../support/stored/stored-study.ts';

const SIGNATURE = { by: 'B. Physicist', note: '' };
/** The tables in which a filing or a judgement leaves something. */
const TABLES = ['least_significant_change', 'audit_event', 'comparison', 'trend', 'review_case', 'review_case_event'];

describe('the preview of what an LSC will change', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    // Two with the key pattern, one of them weaker, and one who was scanned once.
    for (const [patient, spineAfter, hipAfter] of [
      ['STRONG', '0.910', '0.730'],
      ['WEAK', '0.885', '0.760'],
    ] as const) {
      const before = [spine('0.850'), hip('left', '0.780')];
      const after = [spine(spineAfter), hip('left', hipAfter)];
      await storeStudy(database.pool, { patient, uid: `${patient}.1`, scannedAt: '2020-03-05', scans: before });
      await storeStudy(database.pool, { patient, uid: `${patient}.2`, scannedAt: '2022-03-05', scans: after });
    }
    await storeStudy(database.pool, { patient: 'ONCE', uid: '3.1', scannedAt: '2020-03-05', scans: [spine('0.850')] });
    await assessWaiting(database.pool);
  });
  afterEach(async () => database.drop());

  const context = () => ({ pool: database.pool });
  const entriesOf = (...lines: readonly string[]) => parseLscCsv(lscCsvOf(...lines));
  const countRows = async () => {
    const { rows } = await database.pool.query(
      `select ${TABLES.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')},
              (select sum(revision)::int from patient) as revisions, (select sum(assessed_revision)::int from patient) as assessed`,
    );
    return rows[0];
  };
  const counts = (preview: JudgementPreview) => ({
    ...preview,
    verdicts: Object.fromEntries(preview.verdicts),
    opened: Object.fromEntries(preview.opened),
    reopened: Object.fromEntries(preview.reopened),
    withdrawn: Object.fromEntries(preview.withdrawn),
    renamed: Object.fromEntries(preview.renamed),
  });
  const preview = async (limit: number, ...lines: readonly string[]) => {
    const { filed, judgement } = await previewLscImport(context(), entriesOf(...lines), null, limit);
    return { filed, ...counts(judgement) };
  };
  /** Cases by rule and state, as they really are. */
  const cases = async () => {
    const { rows } = await database.pool.query<{ line: string }>(
      `select rule || ' ' || state as line from review_case order by patient_id, rule`,
    );
    return rows.map(({ line }) => line);
  };

  it('says which verdicts change and which cases open, keeps nothing, and comes true', async () => {
    const before = await countRows();
    const lines = [lscLine('spine', '0.033'), lscLine('total_hip', '0.017')];
    const shown = await preview(PREVIEWED_PATIENTS, ...lines);
    expect(shown).toMatchObject({ concerned: 2, judged: 2, patients: 2, otherLsc: 0, reopened: {}, withdrawn: {} });
    expect(shown.filed).toMatchObject({ imported: 2, unchanged: 0, corrections: [], warnings: [] });
    expect(shown.verdicts).toEqual({ 'spine: provisional -> up': 2, 'total_hip: provisional -> down': 2 });
    expect(shown.opened).toEqual({ 'D1_SPINE_UP_HIP_DOWN (review)': 2 });
    expect(await countRows()).toEqual(before);
    await importLsc(database.pool, entriesOf(...lines), SIGNATURE);
    await assessWaiting(database.pool);
    expect(await cases()).toEqual(['D1_SPINE_UP_HIP_DOWN open', 'D1_SPINE_UP_HIP_DOWN open']);
    expect((await currentComparisons(database.pool)).map((line) => line.split(' ')[4] ?? line)).toHaveLength(4);
  });

  it('says what a correction and a retirement withdraw', async () => {
    await importLsc(database.pool, entriesOf(lscLine('spine', '0.033'), lscLine('total_hip', '0.017')), SIGNATURE);
    await assessWaiting(database.pool);
    // WEAK is +0.035 at the spine: no longer significant by 0.040.
    const corrected = await preview(PREVIEWED_PATIENTS, lscLine('spine', '0.040'));
    expect(corrected).toMatchObject({
      concerned: 2,
      patients: 2,
      otherLsc: 1,
      verdicts: { 'spine: up -> not_significant': 1 },
      opened: {},
    });
    // The hip of WEAK fell by 0.020, which stays a loss.
    expect([corrected.withdrawn, corrected.renamed]).toEqual([
      {},
      { 'D1_SPINE_UP_HIP_DOWN (review) -> L4_SINGLE_LOSS (check)': 1 },
    ]);
    expect(corrected.filed.corrections).toMatchObject([{ comparisons: 2, patients: 2 }]);
    const [spineEntry] = await listLsc(database.pool, { all: false });
    const retired = await previewLscRetirement(context(), spineEntry?.lscId ?? '', null, PREVIEWED_PATIENTS);
    expect(retired === null ? null : counts(retired)).toMatchObject({
      verdicts: { 'spine: up -> provisional': 2 },
      withdrawn: {},
      renamed: {
        'D1_SPINE_UP_HIP_DOWN (review) -> L3_ROBUST_LOSS (review)': 1,
        'D1_SPINE_UP_HIP_DOWN (review) -> L4_SINGLE_LOSS (check)': 1,
      },
    });
    const ended = await previewLscRetirement(context(), spineEntry?.lscId ?? '', '2021-12-31', PREVIEWED_PATIENTS);
    expect(ended === null ? null : counts(ended).verdicts).toEqual({ 'spine: up -> provisional': 2 });
    expect(await previewLscRetirement(context(), '999', null, PREVIEWED_PATIENTS)).toBeNull();
    await retireLsc(database.pool, spineEntry?.lscId ?? '', null, SIGNATURE);
    await assessWaiting(database.pool);
    expect((await cases()).toSorted()).toEqual(['L3_ROBUST_LOSS open', 'L4_SINGLE_LOSS open']);
    const [hipEntry] = await listLsc(database.pool, { all: false });
    await retireLsc(database.pool, hipEntry?.lscId ?? '', null, SIGNATURE);
    await assessWaiting(database.pool);
    expect((await cases()).toSorted()).toEqual(['L3_ROBUST_LOSS withdrawn', 'L4_SINGLE_LOSS withdrawn']);
    const back = await preview(PREVIEWED_PATIENTS, lscLine('spine', '0.033'), lscLine('total_hip', '0.017'));
    expect(back.reopened).toEqual({ 'D1_SPINE_UP_HIP_DOWN (review)': 2 });
  });

  it('holds only the change against what is on record, also where a patient waits to be assessed', async () => {
    await importLsc(database.pool, entriesOf(lscLine('spine', '0.033')), SIGNATURE);
    const shown = await preview(PREVIEWED_PATIENTS, lscLine('total_hip', '0.017'));
    expect(shown.verdicts).toEqual({ 'total_hip: provisional -> down': 2 });
  });

  it('judges an even sample where there are more patients, and refuses what the import would', async () => {
    const shown = await preview(1, lscLine('spine', '0.033'), lscLine('total_hip', '0.017'));
    expect(shown).toMatchObject({ concerned: 2, judged: 1, patients: 1 });
    expect((await preview(PREVIEWED_PATIENTS, lscLine('spine', '0.033', { serial: 'B1' }))).concerned).toBe(0);
    await expect(preview(1, lscLine('spine', '0.33'))).rejects.toMatchObject({ code: 'LSC_IMPLAUSIBLE' });
    const despite = await previewLscImport(context(), entriesOf(lscLine('spine', '0.33')), 'a trial', 1);
    expect(despite.filed.warnings).toHaveLength(2);
  });
});
