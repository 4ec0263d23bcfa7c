import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnterLink } from '../../../src/db/access/session.ts';
import { addUser, disableUser } from '../../../src/db/access/user.ts';
import { findReviewCase, listCaseEvents, listCaseTicks, type ReviewCase } from '../../../src/db/cases/review-case.ts';
import { actOnCase, CASE_ACTION, StaleCaseError } from '../../../src/jobs/cases/review.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { fileTestLsc, judge, storeVisit } from '../../support/stored/stored-visit.ts';

let database: TestDatabase;
let next = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await addUser(database.pool, { name: 'dr.two', role: 'reviewer', passwordHash: 'none' });
});
afterAll(async () => {
  await database.drop();
});

/** Each patient has a scanner and LSCs of its own, so that no test can disturb another. */
type Subject = { readonly patientId: string; readonly rowId: string; readonly serial: string };

async function storeKeyPattern(): Promise<Subject> {
  next += 1;
  const patientId = `P${next}`;
  const serial = `S${next}`;
  await fileTestLsc(database.pool, '0.030', '0.020', { serial });
  await storeVisit(database.pool, { patientId, serial, scannedOn: '2020-01-10', spine: '0.900', leftHip: '0.800' });
  const rowId = await storeVisit(database.pool, {
    patientId,
    serial,
    scannedOn: '2022-02-10',
    spine: '0.950',
    leftHip: '0.760',
  });
  return { patientId, rowId, serial };
}

async function casesOf(rowId: string): Promise<readonly ReviewCase[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select id::text from review_case where patient_id = $1 and rule = 'D1_SPINE_UP_HIP_DOWN' order by id`,
    [rowId],
  );
  const found = await Promise.all(rows.map(({ id }) => findReviewCase(database.pool, id)));
  return found.filter((one) => one !== null);
}

async function only(rowId: string): Promise<ReviewCase> {
  const [found, ...more] = await casesOf(rowId);
  if (found === undefined) throw new Error('no case');
  expect(more).toEqual([]);
  return found;
}

const act = (id: string, action: Record<string, unknown>, version: number | null = null) =>
  actOnCase(database.pool, CASE_ACTION.parse({ caseId: id, by: 'Dr One', version, ...action }));

const resolveAs = (id: string, disposition: string, version: number | null = null) =>
  act(id, { kind: 'resolve', disposition, note: 'seen' }, version);

const namesOf = async (id: string) => (await listCaseEvents(database.pool, id)).map(({ event }) => event);

const correct = async ({ patientId, serial }: Subject, spine: string, leftHip: string) =>
  storeVisit(database.pool, { patientId, serial, scannedOn: '2022-02-10', spine, leftHip, analysis: 2 });

describe('a new judgement', () => {
  it('opens a case with its evidence, explanations and checklist', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const found = await only(rowId);
    expect(found).toMatchObject({ state: 'open', tier: 'review', version: 1, flagged: true, timesReopened: 0 });
    expect(found.evidence.comparisons.map(({ verdict }) => verdict)).toEqual(['up', 'down']);
    expect(found.checklist.map(({ code }) => code)).toContain('IMAGES');
    expect(found.checklist.find(({ code }) => code === 'DRUG_AND_SEQUENCE')?.known).toBe('not known');
    expect(Array.isArray(found.explanations)).toBe(true);
    expect(await namesOf(found.id)).toEqual(['opened']);
  });

  it('does nothing on the same evidence, open or resolved', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const opened = await only(rowId);
    expect((await judge(database.pool, rowId))?.cases.filter(({ id }) => id === opened.id)).toEqual([]);
    await resolveAs(opened.id, 'artefact');
    await judge(database.pool, rowId);
    await judge(database.pool, rowId);
    expect(await only(rowId)).toMatchObject({ state: 'resolved', disposition: 'artefact', version: 2 });
    expect(await namesOf(opened.id)).toEqual(['opened', 'resolved']);
  });

  it('does nothing when the same numbers come from another analysis', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const opened = await only(subject.rowId);
    await resolveAs(opened.id, 'true_discordance');
    await correct(subject, '0.950', '0.760');
    await judge(database.pool, subject.rowId);
    const after = await only(subject.rowId);
    expect(after).toMatchObject({ state: 'resolved', version: 2 });
    expect(after.evidence.comparisons[0]?.followUp.sources).not.toEqual(
      opened.evidence.comparisons[0]?.followUp.sources,
    );
  });

  it('reopens a resolved case when its evidence changes, with both evidences and the decision kept', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await resolveAs(id, 'artefact');
    await correct(subject, '0.960', '0.750');
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({
      state: 'reopened',
      disposition: null,
      resolvedBy: null,
      timesReopened: 1,
      version: 3,
    });
    const events = await listCaseEvents(database.pool, id);
    expect(events.map(({ event }) => event)).toEqual(['opened', 'resolved', 'reopened']);
    expect(events[1]?.detail).toMatchObject({ disposition: 'artefact', note: 'seen' });
    expect(events[2]?.detail).toMatchObject({
      previousEvidence: { comparisons: [{ followUp: { bmdGramsPerCm2: '0.950000' } }, {}] },
      evidence: { comparisons: [{ followUp: { bmdGramsPerCm2: '0.960000' } }, {}] },
    });
  });

  it('notes changed evidence of a case in review and leaves it with its reviewer', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await act(id, { kind: 'assign', to: 'dr.two' });
    await correct(subject, '0.960', '0.750');
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({ state: 'in_review', assignee: 'dr.two', version: 3 });
    expect(await namesOf(id)).toEqual(['opened', 'assigned', 'evidence_changed']);
  });

  it('withdraws an open case that the rule no longer sees, and opens it again when it does', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await correct(subject, '0.905', '0.800');
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({
      state: 'withdrawn',
      withdrawnReason: 'NO_LONGER_FLAGGED',
      flagged: false,
    });
    await judge(database.pool, subject.rowId);
    expect(await namesOf(id)).toEqual(['opened', 'withdrawn']);
    await storeVisit(database.pool, {
      ...subject,
      scannedOn: '2022-02-10',
      spine: '0.950',
      leftHip: '0.760',
      analysis: 3,
    });
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({ state: 'open', withdrawnReason: null, flagged: true });
    expect(await namesOf(id)).toEqual(['opened', 'withdrawn', 'flagged_again']);
  });

  it('only annotates a resolved case that the rule no longer sees, and keeps the decision when it sees the same again', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await resolveAs(id, 'technical_error');
    await correct(subject, '0.905', '0.800');
    await judge(database.pool, subject.rowId);
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({
      state: 'resolved',
      disposition: 'technical_error',
      flagged: false,
    });
    expect(await namesOf(id)).toEqual(['opened', 'resolved', 'no_longer_flagged']);
    await storeVisit(database.pool, {
      ...subject,
      scannedOn: '2022-02-10',
      spine: '0.950',
      leftHip: '0.760',
      analysis: 3,
    });
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({
      state: 'resolved',
      disposition: 'technical_error',
      flagged: true,
    });
    expect((await namesOf(id)).at(-1)).toBe('flagged_again');
  });

  it('leaves a case alone that a person reopened although the rule does not see it', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await correct(subject, '0.905', '0.800');
    await judge(database.pool, subject.rowId);
    await act(id, { kind: 'reopen', note: 'the correction looks wrong' });
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({ state: 'reopened', flagged: false });
    expect(await namesOf(id)).toEqual(['opened', 'withdrawn', 'reopened']);
  });

  it('follows a corrected LSC: withdrawn while open, annotated or reopened when resolved', async () => {
    const [open, resolved, weaker] = [await storeKeyPattern(), await storeKeyPattern(), await storeKeyPattern()];
    for (const { rowId } of [open, resolved, weaker]) await judge(database.pool, rowId);
    const ids = await Promise.all([open, resolved, weaker].map(async ({ rowId }) => (await only(rowId)).id));
    await resolveAs(ids[1] ?? '', 'artefact');
    await resolveAs(ids[2] ?? '', 'artefact');
    await fileTestLsc(database.pool, '0.060', '0.060', open);
    await fileTestLsc(database.pool, '0.060', '0.060', resolved);
    await fileTestLsc(database.pool, '0.045', '0.020', weaker);
    for (const { rowId } of [open, resolved, weaker]) await judge(database.pool, rowId);
    expect(await only(open.rowId)).toMatchObject({ state: 'withdrawn', withdrawnReason: 'NO_LONGER_FLAGGED' });
    expect(await only(resolved.rowId)).toMatchObject({ state: 'resolved', flagged: false });
    expect(await only(weaker.rowId)).toMatchObject({ state: 'reopened', flagged: true });
  });

  it('keeps its decisions when another rule names it: a resolved key pattern that is only a loss now is reopened', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await resolveAs(id, 'artefact');
    await fileTestLsc(database.pool, '0.060', '0.020', subject);
    await judge(database.pool, subject.rowId);
    expect(await findReviewCase(database.pool, id)).toMatchObject({
      rule: 'L3_ROBUST_LOSS',
      topic: 'loss',
      state: 'reopened',
      flagged: true,
    });
    const [reopened] = (await listCaseEvents(database.pool, id)).filter(({ event }) => event === 'reopened');
    expect(reopened?.detail).toMatchObject({ previousRule: 'D1_SPINE_UP_HIP_DOWN', rule: 'L3_ROBUST_LOSS' });
    expect(await namesOf(id)).toEqual(['opened', 'resolved', 'reopened']);
  });

  it('says that scans cannot be compared any more when the LSC is taken away', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    await fileTestLsc(database.pool, '0.030', '0.020', { ...subject, validTo: '2021-01-01' });
    await judge(database.pool, subject.rowId);
    expect(await only(subject.rowId)).toMatchObject({ state: 'withdrawn', withdrawnReason: 'NO_LONGER_COMPARABLE' });
  });

  it('is made by one process at a time: eight at once open one case with one event', async () => {
    const { rowId } = await storeKeyPattern();
    await Promise.all(Array.from({ length: 8 }, () => judge(database.pool, rowId)));
    const found = await only(rowId);
    expect(found).toMatchObject({ state: 'open', version: 1 });
    expect(await namesOf(found.id)).toEqual(['opened']);
  });

  it.each(['source first', 'target first'])(
    'carries a case to the patient its studies are merged into (%s)',
    async (order) => {
      const subject = await storeKeyPattern();
      await judge(database.pool, subject.rowId);
      const { id } = await only(subject.rowId);
      await resolveAs(id, 'artefact');
      const target = await storeVisit(database.pool, {
        patientId: `T${next}`,
        serial: subject.serial,
        scannedOn: '2015-01-10',
        spine: '0.900',
        leftHip: '0.800',
      });
      await database.pool.query('update study set patient_id = $2 where patient_id = $1', [subject.rowId, target]);
      await database.pool.query('update patient set merged_into_id = $2, revision = revision + 1 where id = $1', [
        subject.rowId,
        target,
      ]);
      for (const rowId of order === 'source first' ? [subject.rowId, target] : [target, subject.rowId])
        await judge(database.pool, rowId);
      expect(await casesOf(subject.rowId)).toEqual([]);
      expect(await only(target)).toMatchObject({ id, state: 'resolved', disposition: 'artefact' });
      expect((await namesOf(id)).slice(0, 3)).toEqual(['opened', 'resolved', 'moved']);
      const { rows } = await database.pool.query(
        'select patient_id::text as "patientId" from comparison where superseded_at is null and patient_id = any($1)',
        [[subject.rowId, target]],
      );
      expect(new Set(rows.map(({ patientId }) => patientId))).toEqual(new Set([target]));
    },
  );
});

describe('two reviewers', () => {
  it('at one case: the second is told what the first did, and nothing is lost', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const { id, version } = await only(rowId);
    await act(id, { kind: 'comment', text: 'looks like an artefact' }, version);
    const second = resolveAs(id, 'true_discordance', version);
    await expect(second).rejects.toThrow(StaleCaseError);
    await expect(second).rejects.toMatchObject({
      code: 'STALE_CASE',
      currentVersion: 2,
      changes: [{ event: 'commented', actor: 'Dr One', detail: { text: 'looks like an artefact' } }],
    });
    expect(await only(rowId)).toMatchObject({ state: 'open', disposition: null, version: 2 });
  });

  it('at the very same moment: one wins, the other is told', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const { id, version } = await only(rowId);
    const outcomes = await Promise.allSettled(
      ['artefact', 'true_discordance', 'weight_change'].map((disposition) => resolveAs(id, disposition, version)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await namesOf(id)).toEqual(['opened', 'resolved']);
  });

  it('and judgements all at once: every version has one event, and the decision or the reopening is whole', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id } = await only(subject.rowId);
    await correct(subject, '0.960', '0.750');
    await Promise.allSettled([
      resolveAs(id, 'artefact'),
      judge(database.pool, subject.rowId),
      act(id, { kind: 'comment', text: 'one' }),
      judge(database.pool, subject.rowId),
      act(id, { kind: 'assign', to: 'dr.two' }),
      act(id, { kind: 'comment', text: 'two' }),
    ]);
    const events = await listCaseEvents(database.pool, id);
    expect(events.map(({ caseVersion }) => caseVersion)).toEqual(events.map((_, index) => index + 1));
    const found = await only(subject.rowId);
    expect(found.version).toBe(events.length);
    const names = events.map(({ event }) => event);
    expect(names.filter((name) => name === 'reopened' || name === 'evidence_changed')).toHaveLength(1);
    const resolvedLast =
      names.indexOf('resolved') > Math.max(names.indexOf('reopened'), names.indexOf('evidence_changed'));
    expect(found.state === 'resolved').toBe(resolvedLast);
  });

  it('and a new judgement: a decision on evidence that has changed meanwhile is refused', async () => {
    const subject = await storeKeyPattern();
    await judge(database.pool, subject.rowId);
    const { id, version } = await only(subject.rowId);
    await correct(subject, '0.960', '0.750');
    await judge(database.pool, subject.rowId);
    await expect(resolveAs(id, 'artefact', version)).rejects.toMatchObject({
      code: 'STALE_CASE',
      changes: [{ event: 'evidence_changed', actorKind: 'system' }],
    });
  });
});

describe('a case', () => {
  it('cannot be assigned to a user who does not exist, is disabled or may not decide', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const { id } = await only(rowId);
    await addUser(database.pool, { name: 'gone', role: 'reviewer', passwordHash: 'none' });
    await disableUser(database.pool, 'gone');
    await addUser(database.pool, { name: 'only.looks', role: 'viewer', passwordHash: 'none' });
    for (const to of ['nobody.at.all', 'gone', 'only.looks', 'token:bridge', 'local', 'Dr Two'])
      await expect(act(id, { kind: 'assign', to })).rejects.toMatchObject({
        code: 'ASSIGNEE_UNKNOWN',
        message: 'There is no active reviewer of this name. A case can be assigned to: dr.two.',
      });
    expect(await only(rowId)).toMatchObject({ state: 'open', assignee: null, version: 1 });
    await act(id, { kind: 'assign', to: ' DR.Two ' });
    expect(await only(rowId)).toMatchObject({ state: 'in_review', assignee: 'dr.two' });
    await addEnterLink(database.pool, 'a'.repeat(64), 60);
    await act(id, { kind: 'assign', to: 'local' });
    expect(await only(rowId)).toMatchObject({ assignee: 'local' });
    await database.pool.query('delete from enter_link');
  });

  it('goes from open to review, through its checklist, to resolved and back', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const { id } = await only(rowId);
    await act(id, { kind: 'assign', to: 'dr.two' });
    await act(id, { kind: 'tick', item: 'IMAGES', note: 'rotated', ticked: true });
    await act(id, { kind: 'tick', item: 'WEIGHT', note: '', ticked: true });
    await act(id, { kind: 'tick', item: 'WEIGHT', note: '', ticked: false });
    expect(await listCaseTicks(database.pool, id)).toMatchObject([
      { item: 'IMAGES', note: 'rotated', tickedBy: 'Dr One', onThisEvidence: true },
    ]);
    await resolveAs(id, 'rescan_requested');
    await expect(resolveAs(id, 'artefact')).rejects.toMatchObject({ code: 'CASE_STATE' });
    await act(id, { kind: 'reopen', note: 'rescan is here' });
    expect(await only(rowId)).toMatchObject({ state: 'reopened', timesReopened: 1, assignee: 'dr.two' });
    expect(await namesOf(id)).toEqual(['opened', 'assigned', 'ticked', 'ticked', 'unticked', 'resolved', 'reopened']);
  });

  it('refuses an unknown item, an empty name, "other" without a note and a case that is not there', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    const { id } = await only(rowId);
    await expect(act(id, { kind: 'tick', item: 'NO_SUCH', note: '', ticked: true })).rejects.toMatchObject({
      code: 'CHECKLIST_ITEM_UNKNOWN',
    });
    expect(CASE_ACTION.safeParse({ caseId: id, by: ' ', version: null, kind: 'comment', text: 'x' }).success).toBe(
      false,
    );
    await expect(act(id, { kind: 'resolve', disposition: 'other', note: '' })).rejects.toMatchObject({
      code: 'NOTE_MISSING',
    });
    await expect(act('999999', { kind: 'comment', text: 'x' })).rejects.toMatchObject({ code: 'CASE_UNKNOWN' });
    expect(await namesOf(id)).toEqual(['opened']);
  });

  it('has a history that the database protects from any change', async () => {
    const { rowId } = await storeKeyPattern();
    await judge(database.pool, rowId);
    for (const statement of [
      `update review_case_event set actor = 'nobody'`,
      'delete from review_case_event',
      'truncate review_case_event',
    ])
      await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '23001' });
    await expect(database.pool.query(`update review_case set state = 'resolved'`)).rejects.toMatchObject({
      code: '23514',
    });
  });
});
