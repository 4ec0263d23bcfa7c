import type { Queryable } from '../../db/pool.ts';
import { SPINE_HIP_OR_LOSS } from '../../dxa/discordance/rule.ts';
import type { Truth } from '../../simulate/visit/truth.ts';

export type CheckRow = {
  readonly what: string;
  readonly planted: number;
  readonly found: number;
  /** Found although nothing of the kind was planted there. */
  readonly extra: number;
};

const RULES = [
  {
    rule: 'D1_SPINE_UP_HIP_DOWN',
    what: 'spine up, total hip down: a review case',
    of: (truth: Truth) => truth.d1_cases,
  },
  { rule: 'D2_SPINE_DOWN_HIP_UP', what: 'the mirror image: a review case', of: (truth: Truth) => truth.d2_cases },
] as const;

const QUIET: readonly (readonly [Truth['patients'][number]['situation'], string])[] = [
  ['hip_only', 'only the hip changed: no discordance'],
  ['spine_only', 'only the spine changed: no discordance'],
  ['other_side', 'the other hip was scanned: no discordance'],
  ['other_vertebrae', 'other vertebrae were measured: no discordance'],
  ['other_scanner', 'another scanner was used: no discordance'],
  ['no_lsc', 'no LSC on file: provisional, no discordance'],
];

/** Studies with an open case about spine and hip or about loss: D1, D2, D1B, D2B and the loss rules share it. */
async function foundChanges(database: Queryable): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ key: string }>(
    `select distinct p.patient_id || ' ' || s.study_instance_uid as key
       from review_case c join patient p on p.id = c.patient_id join study s on s.id = c.follow_up_study_id
      where c.case_key = $1 and c.state = 'open'`,
    [SPINE_HIP_OR_LOSS],
  );
  return new Set(rows.map((row) => row.key));
}

async function foundCases(database: Queryable, rule: string): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ key: string }>(
    `select p.patient_id || ' ' || s.study_instance_uid as key
       from review_case c join patient p on p.id = c.patient_id join study s on s.id = c.follow_up_study_id
      where c.rule = $1 and c.state = 'open'`,
    [rule],
  );
  return new Set(rows.map((row) => row.key));
}

/** Patients of a situation of whom no opposite changes are named, as it must be. */
async function quietPatients(database: Queryable, patientIds: readonly string[]): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from patient p
      where p.patient_id = any($1)
        and not exists (select 1 from review_case c where c.patient_id = p.id and c.tier = 'review' and c.topic = 'discordance' and c.state = 'open')`,
    [patientIds],
  );
  return rows[0]?.count ?? 0;
}

async function countFiles(
  database: Queryable,
): Promise<{ stored: number; resent: number; truncated: number; notDxa: number; other: number }> {
  const { rows } = await database.query<{
    stored: number;
    resent: number;
    truncated: number;
    notDxa: number;
    other: number;
  }>(
    `select count(*) filter (where state = 'stored')::int as stored,
            coalesce(sum(times_received - 1), 0)::int as resent,
            count(*) filter (where reason_code = 'TRUNCATED')::int as truncated,
            count(*) filter (where reason_code = 'NOT_DXA')::int as "notDxa",
            count(*) filter (where state <> 'stored' and coalesce(reason_code, '') not in ('TRUNCATED', 'NOT_DXA'))::int as other
       from source_file`,
  );
  return rows[0] ?? { stored: 0, resent: 0, truncated: 0, notDxa: 0, other: 0 };
}

/** Holds what the database says against what the simulator planted, situation by situation. */
export async function compareWithTruth(database: Queryable, truth: Truth): Promise<readonly CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const { rule, what, of } of RULES) {
    const planted = new Set(of(truth).map((one) => `${one.patient_id} ${one.study_instance_uid}`));
    const found = await foundCases(database, rule);
    rows.push({
      what,
      planted: planted.size,
      found: planted.intersection(found).size,
      extra: found.difference(planted).size,
    });
  }
  const losses = new Set(truth.loss_cases.map((one) => `${one.patient_id} ${one.study_instance_uid}`));
  rows.push({
    what: 'spine or hip down by the LSC or more: a case',
    planted: losses.size,
    found: losses.intersection(await foundChanges(database)).size,
    extra: 0,
  });
  for (const [situation, what] of QUIET) {
    const patients = truth.patients.filter(
      (patient) => patient.situation === situation && patient.expected_rule_code === null,
    );
    const found = await quietPatients(
      database,
      patients.map((patient) => patient.patient_id),
    );
    rows.push({ what, planted: patients.length, found, extra: 0 });
  }
  const files = await countFiles(database);
  const refused = (code: string) => truth.files.filter((file) => file.expected_code === code).length;
  rows.push(
    { what: 'reports: stored', planted: truth.counts.stored, found: files.stored, extra: files.other },
    { what: 'resent copies: counted, nothing else', planted: truth.counts.duplicates, found: files.resent, extra: 0 },
    { what: 'cut-off file: refused as TRUNCATED', planted: refused('TRUNCATED'), found: files.truncated, extra: 0 },
    { what: 'SR of another kind: refused as NOT_DXA', planted: refused('NOT_DXA'), found: files.notDxa, extra: 0 },
  );
  return rows;
}

export const agrees = (rows: readonly CheckRow[]): boolean =>
  rows.every((row) => row.planted === row.found && row.extra === 0);
