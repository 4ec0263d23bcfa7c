import type { Pool } from '../src/db/pool.ts';

export type Amounts = { readonly cases: number; readonly comparisons: number };

const SCANNERS = 40;
const COMPARISONS_A_STUDY = 8;

const check = (index: number, code: string) => ({
  rule: `C${index}`,
  outcome: 'ok',
  code,
  facts: { reference: 'software 18', followUp: 'software 18' },
});
const literal = (value: unknown) => `'${JSON.stringify(value)}'::jsonb`;

/** Checks as a comparison carries them; `code` is what blocks it, if anything. */
const checks = (code: string) =>
  `${literal(Array.from({ length: 6 }, (_, index) => check(index, 'SAME_SOFTWARE')))}
   || case when ${code} is null then '[]'::jsonb
      else jsonb_build_array(jsonb_build_object('rule', 'C2', 'outcome', 'block', 'code', ${code}, 'facts', '{}'::jsonb)) end`;

const scan = { studyId: '1', scannedOn: '2018-01-01', bmdGramsPerCm2: '0.900000', sources: ['1.2.3#1.4'] };
const compared = {
  ...{ region: 'spine', vertebrae: 'L1,L2,L3,L4', laterality: 'none', kind: 'previous', verdict: 'up', rebuilt: false },
  ...{ deltaGramsPerCm2: '0.040000', deltaPercent: '4.100000', lscGramsPerCm2: '0.030000', lscId: '1' },
  ...{ lscSource: 'precision study', strength: 1.3, robust: true, reference: scan, followUp: scan },
  checks: Array.from({ length: 16 }, (_, index) => check(index, `CODE_${index}`)),
};

/** Evidence of about the size that two comparisons with their checks have; no two are the same. */
const EVIDENCE = `jsonb_build_object('case', n, 'noise', md5(n::text) || md5((n + 1)::text), 'comparisons', ${literal([compared, compared])})`;

/** Statements that fill an empty database: every tenth scanner is rare, as the one in the outpatient clinic is. */
function statements({ cases, comparisons }: Amounts): readonly (readonly [string, string])[] {
  const studies = Math.ceil(comparisons / COMPARISONS_A_STUDY);
  const first = Math.ceil(studies / 2.5);
  const all = studies + first;
  const scanner = (n: string) => `case when ${n} % 997 = 0 then ${SCANNERS} else 1 + ${n} % ${SCANNERS - 1} end`;
  const day = (n: string) => `date '2016-01-01' + (${n}::bigint * 7919 % 3600)::int`;
  return [
    [
      'scanners',
      `insert into scanner (manufacturer, model_name, device_serial_number, identity_key, identified, institution_name)
       select 'GE Healthcare', 'Lunar iDXA', 'S' || n, 'lunar idxa|serial:s' || n, true, 'Hospital ' || n % 10
         from generate_series(1, ${SCANNERS}) n`,
    ],
    [
      'patients',
      `insert into patient (issuer_of_patient_id, patient_id) select '', 'P' || n from generate_series(1, ${first}) n`,
    ],
    [
      'source files',
      `insert into source_file (sha256, byte_count, archive_path, drop_name, state, reason_code, received_at)
       select encode(sha256(n::text::bytea), 'hex'), 45000, 'a/' || n, n || '.dcm',
              case when n <= ${all} then 'stored' when n % 5 = 0 then 'conflicted' else 'refused' end,
              case when n <= ${all} then null when n % 5 = 0 then 'SOP_INSTANCE_CONFLICT' when n % 7 = 0 then 'TRUNCATED' else 'NOT_DXA' end,
              ${day('n')} + n * interval '1 second'
         from generate_series(1, ${all + Math.ceil(cases / 2)}) n`,
    ],
    [
      'studies',
      `insert into study (study_instance_uid, patient_id, named_patient_id)
       select '1.2.' || n, 1 + n % ${first}, 1 + n % ${first} from generate_series(1, ${all}) n`,
    ],
    [
      'reports',
      `insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, vendor, adapter_version, reader_version,
           scanned_at, content_at, patient_name, sex, birth_date)
       select n, '1.3.' || n, n, ${scanner('n')}, 'ge-lunar', '1', '1', (${day('n')})::text, (${day('n')})::text, 'DOE^JANE', 'F', '1950-01-01'
         from generate_series(1, ${all}) n`,
    ],
    [
      'comparisons',
      `insert into comparison (patient_id, follow_up_study_id, reference_study_id, kind, region, vertebrae, laterality,
           reference_on, follow_up_on, reference_bmd_g_per_cm2, follow_up_bmd_g_per_cm2, reference_sources, follow_up_sources,
           rebuilt, verdict, delta_g_per_cm2, lsc_source, lsc_g_per_cm2, checks, rule_set_version, content_hash, follow_up_scanner_key)
       select 1 + s % ${first}, s, s, case when k % 2 = 0 then 'previous' else 'baseline' end,
              (array['spine', 'total_hip', 'total_hip', 'femoral_neck'])[1 + k / 2], '',
              (array['none', 'left', 'right', 'left'])[1 + k / 2], '2015-01-01', ${day('s')}, 0.9, 0.94,
              array['1.3.' || s], array['1.3.' || s], false, v.verdict, case when v.code is null then 0.04 end,
              'cross_calibration', case when v.verdict = 'up' then 0.03 end, ${checks('v.code')}, '2', md5(s || '|' || k),
              'lunar idxa|serial:s' || ${scanner('s')}
         from generate_series(${first + 1}, ${all}) s, generate_series(0, ${COMPARISONS_A_STUDY - 1}) k,
              lateral (select case (s * 8 + k) % 20 when 0 then 'not_comparable' when 1 then 'not_comparable' when 2 then 'not_comparable'
                                when 3 then 'provisional' when 4 then 'provisional' else 'up' end as verdict,
                              case (s * 8 + k) % 20 when 0 then 'SCANNER_DIFFERS' when 1 then 'SIDE_DIFFERS' when 2 then 'VERTEBRAE_DIFFER' end as code) v`,
    ],
    [
      'cases',
      `insert into review_case (patient_id, follow_up_study_id, rule, tier, region_pair, strength, statement, evidence,
           evidence_hash, rule_set_version, state, flagged, withdrawn_reason, disposition, resolved_by, resolved_at, assignee,
           follow_up_on, scanner_key, opened_at, updated_at)
       select 1 + s % ${first}, s, v.rule, case when v.rule like 'D1_S%' or v.rule like 'D2%' then 'review' else 'check' end, 'spine|total_hip',
              1 + (n * 7919 % 10007) / 5000.0, 'The spine rose and the hip fell.', ${EVIDENCE}, md5(n::text), '2', v.state,
              v.state <> 'withdrawn', case when v.state = 'withdrawn' then 'NO_LONGER_FLAGGED' end,
              case when v.state = 'resolved' then 'artefact' end, case when v.state = 'resolved' then 'Dr One' end,
              case when v.state = 'resolved' then now() end, case when n % 3 = 0 then 'Reader ' || n % 20 end,
              ${day('s')}, 'lunar idxa|serial:s' || ${scanner('s')}, now() - n % 700 * interval '1 day' - n * interval '1 second', now() - n * interval '1 second'
         from (select n, ${first} + 1 + n % ${studies} as s from generate_series(1, ${cases}) n) x,
              lateral (select (array['D1_SPINE_UP_HIP_DOWN', 'D2_SPINE_DOWN_HIP_UP', 'D7_AREA_DRIVEN', 'D8_MAJOR_T_SCORE_DISCORDANCE',
                                     'D10_CLASS_SHIFT_NOT_SIGNIFICANT'])[1 + n % 5] as rule,
                              (array['open', 'open', 'in_review', 'reopened', 'resolved', 'resolved', 'resolved', 'withdrawn'])[1 + n % 8] as state) v`,
    ],
    [
      'findings',
      `insert into finding (source_file_id, code, path, found_at, scanner_key)
       select 1 + n % ${all}, (array['UNKNOWN_REGION', 'UNKNOWN_MEASURE', 'VERTEBRAL_AREA_NOT_RISING', 'ADJACENT_T_SCORE_GAP', 'UNREADABLE_VALUE'])[1 + n % 5],
              '1.' || n, ${day('n')} + n * interval '1 second',
              'lunar idxa|serial:s' || ${scanner(`(1 + n % ${all})`)}
         from generate_series(1, ${cases * 3}) n`,
    ],
    [
      'findings of studies',
      `insert into history_finding (patient_id, study_id, code, subject, found_at)
       select 1 + n % ${first}, n, (array['SAME_CONTENT_AGAIN', 'STUDY_SCANNERS_DIFFER'])[1 + n % 2], 'report', ${day('n')} + n * interval '1 second'
         from generate_series(1, ${all}) n`,
    ],
    [
      'follow-ups of studies',
      `insert into study_follow_up (study_id, patient_id, scanned_on, scanner_key, previous_study_id, previous_on, interval_days,
           short_interval, compared, changed_demographics, rule_set_version)
       select n, 1 + n % ${first}, ${day('n')}, 'lunar idxa|serial:s' || ${scanner('n')}, n, '2015-01-01', 100 + n % 900, n % 900 < 265,
              n % 9 > 0, case when n % 11 = 0 then array['height'] when n % 101 = 0 then array['sex', 'weight'] else '{}' end, '2'
         from generate_series(${first + 1}, ${all}) n`,
    ],
  ];
}

/** Fills a migrated, empty database. Foreign keys are not checked: every id comes from the same series. */
export async function fillLists(
  pool: Pool,
  amounts: Amounts,
  onStep: (what: string, seconds: number) => void,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query('set synchronous_commit = off');
    await client.query(`set maintenance_work_mem = '512MB'`);
    for (const [what, sql] of [...statements(amounts), ['statistics', 'vacuum (analyze)'] as const]) {
      const startedAt = performance.now();
      await client.query(sql);
      onStep(what, (performance.now() - startedAt) / 1000);
    }
  } finally {
    client.release(true);
  }
}
