import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importLsc, parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { GE_ROOT } from '../../../src/simulate/writers/ge-vocabulary.ts';
import { uidOf } from '../../../src/simulate/writers/part10.ts';
import { containerItem } from '../../../src/simulate/writers/sr-elements.ts';
import { fixtureHeader, writeFixture } from '../../fixtures/definitions/fixture.ts';
import { regions, trend } from '../../fixtures/definitions/ge-builder.ts';
import { assessWaiting, lscCsvOf, lscLine } from '../../support/stored/judged.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';
import { signedIn } from '../../support/web/sign-in.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

type Visit = {
  readonly name: string;
  readonly day: string;
  readonly spine: string;
  readonly hip: string;
  readonly contentTime?: string;
  readonly before?: { readonly date: string; readonly hip: string };
};

/** A report of spine and left hip; `before` is what it shows of the earlier hip. */
function reportOf({ name, day, spine, hip, contentTime = '110000', before }: Visit): Uint8Array {
  const header = fixtureHeader(name, {
    studyInstanceUid: uidOf(`vendor-prior/${day}`),
    studyDate: day,
    contentTime,
    deviceSerialNumber: 'A1',
  });
  const trends =
    before === undefined
      ? []
      : [
          trend('Total', [
            { date: before.date, bmd: before.hip },
            { date: '12-Apr-2023', bmd: hip },
          ]),
        ];
  return writeFixture(header, GE_ROOT, [
    containerItem(['2000-1', 'GELUNAR', 'AP Spine'], regions({ 'L1-L4': { bmd: spine } })),
    containerItem(['2000-2', 'GELUNAR', 'Left Femur'], [...regions({ Total: { bmd: hip } }), ...trends]),
  ]);
}

const EARLIER = reportOf({ name: 'earlier', day: '20210305', spine: '1.000', hip: '0.800' });
const LATER = reportOf({
  name: 'later',
  day: '20230412',
  spine: '1.080',
  hip: '0.740',
  before: { date: '05-Mar-2021', hip: '0.790' },
});
const EARLIER_AGAIN = reportOf({
  name: 'again',
  day: '20210305',
  spine: '1.000',
  hip: '0.790',
  contentTime: '170000',
});

/** The text of the section in which a page says what its reports say against each other. */
function contradictionsOf(body: string): string {
  const from = body.indexOf('aria-label="Contradictions"');
  if (from === -1) throw new Error('no such section');
  return body
    .slice(from, body.indexOf('</section>', from))
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('an earlier BMD that a later report shows otherwise', () => {
  let site: TestServer;
  let files: TakenFiles;
  let cookie: string;

  beforeEach(async () => {
    site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    files = openTakenFiles(pool);
    cookie = (await signedIn(pool, 'viewer', 'a.reader')).cookie;
    const lscs = parseLscCsv(lscCsvOf(lscLine('total_hip', '0.017'), lscLine('spine', '0.033')));
    await importLsc(pool, lscs, { by: 'B. Physicist', note: '' });
  });
  afterEach(async () => {
    files.close();
    await site.close();
  });

  const arrive = async (...reports: readonly Uint8Array[]) => {
    for (const bytes of reports) {
      await files.take(bytes);
      await files.ingestWaiting();
      await assessWaiting(site.database.pool);
    }
  };
  const page = async (url: string) => (await site.server.inject({ url, headers: { cookie } })).body;
  const idOf = async (table: 'patient' | 'review_case') =>
    (await site.database.pool.query<{ id: string }>(`select id::text from ${table}`)).rows[0]?.id ?? '';
  const findings = async () =>
    (
      await site.database.pool.query(
        `select h.code, h.subject, h.facts, left(r.scanned_at, 10) as "scannedOn"
           from history_finding h join report r on r.study_id = h.study_id order by 1, 2, r.id limit 1`,
      )
    ).rows;

  const EXPECTED = [
    {
      code: 'VENDOR_PRIOR_DIFFERS',
      subject: 'hip|total_hip||left',
      facts: { reports: 1, lastShownOn: '2023-04-12' },
      scannedOn: '2021-03-05',
    },
  ];

  it.each([
    ['earlier one', [EARLIER, LATER]],
    ['later one', [LATER, EARLIER]],
  ])('is a finding of the earlier study when the %s comes first', async (_, reports) => {
    await arrive(...reports);
    expect(await findings()).toEqual(EXPECTED);
  });

  it('is shown on the pages of the patient and of the case, and in the list', async () => {
    await arrive(EARLIER, LATER);
    for (const url of [`/patients/${await idOf('patient')}`, `/cases/${await idOf('review_case')}`]) {
      const section = contradictionsOf(await page(url));
      expect(section).toContain('2021-03-05 Total hip, left A later report shows a BMD');
      expect(section).toContain('last shown on 2023-04-12 VENDOR_PRIOR_DIFFERS');
    }
    expect(await page('/lists/history?reason=VENDOR_PRIOR_DIFFERS')).toContain('hip|total_hip||left');
  });

  it('is gone once the report of the new analysis has arrived', async () => {
    await arrive(EARLIER, LATER, EARLIER_AGAIN);
    expect((await findings()).map(({ code }) => code)).toEqual(['ANALYSED_AGAIN']);
    expect(await page(`/patients/${await idOf('patient')}`)).not.toContain('VENDOR_PRIOR_DIFFERS');
  });
});
