import { listReviewers } from '../../db/access/user.ts';
import {
  findReviewCase,
  findValueSources,
  listCaseEvents,
  listCaseTicks,
  type ReviewCase,
} from '../../db/cases/review-case.ts';
import type { Pool } from '../../db/pool.ts';
import { readPatientContext } from '../../db/records/context.ts';
import { readHistory } from '../../db/records/history.ts';
import { type FindingOfStudy, listFindingsOfPatient } from '../../db/records/history-finding.ts';
import { listComparisonsOfPatient, listTrendsOfPatient } from '../../db/records/patient.ts';
import { listVisitsOfPatient } from '../../db/records/visit.ts';
import { findRejections } from '../../db/rejection/shown.ts';
import { sourcesOf } from '../../dxa/cases/case-evidence.ts';
import { type Series, type Site, seriesOf } from '../chart/series.ts';
import type { CaseView } from '../pages/case.ts';
import type { Draft } from '../pages/case-actions.ts';

/** The mean of both hips is computed and has no scan of its own: the sides that it is of are drawn. */
const sidesOf = (site: Site): readonly Site[] =>
  site.laterality === 'mean' ? (['left', 'right'] as const).map((laterality) => ({ ...site, laterality })) : [site];

/** The regions that a case is about: those compared, or where nothing was compared, those that the rule read values of. */
function sitesOf({ evidence }: ReviewCase): readonly Site[] {
  const read = evidence.comparisons.length > 0 ? evidence.comparisons : (evidence.measured ?? []);
  const sites = new Map<string, Site>();
  for (const { region, vertebrae, laterality } of read.flatMap(sidesOf)) {
    const key = `${region}:${laterality}`;
    const known = sites.get(key);
    // Of a spine the whole set, not its single levels.
    if (known === undefined || known.vertebrae.length < vertebrae.length)
      sites.set(key, { region, vertebrae, laterality });
  }
  return [...sites.values()];
}

async function seriesOfCase(pool: Pool, found: ReviewCase): Promise<readonly Series[]> {
  const [history, comparisons, trends] = await Promise.all([
    readHistory(pool, found.patientKey),
    listComparisonsOfPatient(pool, found.patientKey),
    listTrendsOfPatient(pool, found.patientKey),
  ]);
  return sitesOf(found).map((site) => {
    const pair = found.evidence.comparisons.find(
      (one) => one.region === site.region && one.laterality === site.laterality && one.vertebrae === site.vertebrae,
    );
    return seriesOf(history, site, { comparisons, trends }, pair ?? null);
  });
}

function isAbout({ studyInstanceUid, evidence }: ReviewCase, finding: FindingOfStudy): boolean {
  const compared = evidence.comparisons.flatMap(({ reference, followUp }) => [reference.studyId, followUp.studyId]);
  return finding.studyInstanceUid === studyInstanceUid || compared.includes(finding.studyId);
}

/** SOP Instance UIDs of the reports whose values the case looked at. */
export function instancesOf({ evidence }: Pick<ReviewCase, 'evidence'>): readonly string[] {
  return [...new Set(sourcesOf(evidence).map((source) => source.split('#')[0] ?? ''))];
}

/** Reads everything that the page of a case shows; null when there is no such case. */
export async function readCaseView(pool: Pool, id: string, draft: Draft): Promise<CaseView | null> {
  const found = await findReviewCase(pool, id);
  if (found === null) return null;
  const [events, ticks, context, people, series, findings, visits] = await Promise.all([
    listCaseEvents(pool, found.id),
    listCaseTicks(pool, found.id),
    readPatientContext(pool, found.patientKey),
    listReviewers(pool),
    seriesOfCase(pool, found),
    listFindingsOfPatient(pool, found.patientKey),
    listVisitsOfPatient(pool, found.patientKey),
  ]);
  const sources = [
    ...sourcesOf(found.evidence),
    ...series.flatMap(({ points }) => points.flatMap((point) => point.sources)),
  ];
  const values = await findValueSources(pool, [...new Set(sources)]);
  const rejections = await findRejections(pool, instancesOf(found));
  return {
    found,
    events,
    ticks,
    context,
    people,
    series,
    findings: findings.filter((finding) => isAbout(found, finding)),
    visits: visits.filter(({ studyIds }) => studyIds.some((id) => found.studyIds.includes(id))),
    rejections,
    sources: new Map(values.map((value) => [value.source, value])),
    draft,
    now: new Date(),
  };
}
