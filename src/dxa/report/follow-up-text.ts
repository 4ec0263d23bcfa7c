import type { AssessedVisit, VisitRemark } from '../values/assessment.ts';
import { COMPARABILITY_CODES } from '../values/codes.ts';
import { sentence } from '../values/wording.ts';
import { nextScanLine } from './next-scan.ts';
import { patternLines } from './pattern-lines.ts';
import { marksOf } from './reasons.ts';
import { type ReportedVisit, reportedVisits, scannedOn, type ToReport, workOf } from './reported-visit.ts';
import { scannersOf } from './scanner-name.ts';
import { classLine } from './score-line.ts';
import { siteLines } from './site-lines.ts';
import { siteText } from './site-text.ts';

/**
 * The visits of an assessment, each with a draft of its follow-up report in ISCD's manner: what changed, against which date
 * and scanner, whether significantly, what could not be compared and why, and when the next scan is due (clinical-rules 7).
 * Plain lines without the patient's name, the same for the same assessment. A draft: no diagnosis, no order.
 */
export function reportVisits(toReport: ToReport): readonly (AssessedVisit & { readonly report: string })[] {
  return reportedVisits(toReport).map((view) => ({ ...view.assessed, report: followUpText(view) }));
}

function followUpText(view: ReportedVisit): string {
  return [headLine(view), ...bodyLines(view)].join('\n');
}

const headLine = (view: ReportedVisit) =>
  `DRAFT for the reader: no diagnosis, no order. Bone densitometry (DXA) of ${scannedOn(view)} on ${scannersOf(view.visit)}.`;

function bodyLines(view: ReportedVisit): readonly string[] {
  const { remarks } = view.assessed;
  const others = remarks.find(({ code }) => code === 'OTHER_PERSON');
  if (others !== undefined) return [others.says];
  if (view.inQuestion.has(view.assessed.studyId)) return [whoseLine(view)];
  if (view.scans.length === 0) return ['No BMD of spine, hip or forearm was measured.', ...checkLines(view)];
  return [
    ...siteLines(view),
    ...growingLines(view),
    ...limitLines(view),
    ...patternLines(view),
    classLine(view),
    ...repeatLines(view),
    ...checkLines(view),
    nextScanLine(view),
  ];
}

function whoseLine({ cases }: ReportedVisit): string {
  const says = cases.find(({ rule }) => rule === 'MAYBE_OTHER_PERSON')?.statement ?? '';
  return `Whose scan is this? ${says} No change is reported until a person has said whose scan it is.`;
}

const growingLines = ({ assessed }: ReportedVisit) =>
  assessed.remarks
    .filter(({ code }) => code === 'GROWING')
    .map(
      () =>
        'Growth: BMD rises with size, so changes are not judged; Z-scores and total body less head are read (ISCD Pediatric 2013).',
    );

/** Said with both values where a scan was repeated at the visit itself. */
const TWICE = COMPARABILITY_CODES.REGION_SCANNED_TWICE.text;

/** What the compared pairs were marked with: once where it holds for every site, else with its sites. */
function limitLines(view: ReportedVisit): readonly string[] {
  const { assessed, comparisons, inQuestion, visits, scans } = view;
  const reported = new Set(scans.map(({ region }) => region));
  const compared = comparisons.filter(({ roi, verdict }) => reported.has(roi.region) && verdict !== 'not_comparable');
  const repeated = assessed.remarks.some(({ code }) => code.startsWith('SAME_DAY_REPEAT'));
  const byMark = new Map<string, Set<string>>();
  const sites = new Set(compared.map(siteText));
  for (const comparison of compared) {
    const openReference = inQuestion.has(visits.get(comparison.reference.studyId)?.studyId ?? '');
    const open = openReference
      ? [`It is open whether the scan of ${comparison.reference.scannedOn} is of the same person.`]
      : [];
    for (const mark of [...marksOf(comparison.checks).filter((one) => !repeated || one !== TWICE), ...open]) {
      const of = byMark.get(mark) ?? new Set();
      byMark.set(mark, of.add(siteText(comparison)));
    }
  }
  if (byMark.size === 0) return [];
  const marks = [...byMark].map(([mark, of]) =>
    of.size === sites.size ? mark : `${sentence([...of].join(', '))}: ${mark}`,
  );
  return [`Limits of the comparison: ${marks.join(' ')}`];
}

const repeatLines = ({ assessed }: ReportedVisit) =>
  assessed.remarks.filter(({ code }) => code === 'SAME_DAY_REPEAT').map(({ says }) => `Repeat: ${says}`);

/** Said in other lines of the text, or of interest on the page only. */
const SAID_ELSEWHERE: readonly string[] = ['T_SCORE_UNDER_AGE'];

/** Errors that the metadata shows, and cases about the measurement itself. */
function checkLines(view: ReportedVisit): readonly string[] {
  const findings = view.assessed.remarks.filter((remark) => isFinding(remark)).map(({ says }) => says);
  const technical = workOf(view, 'technical')
    .filter(({ rule }) => rule !== 'MAYBE_OTHER_PERSON')
    .map(({ statement }) => statement);
  return [...technical, ...findings].map((says) => `To be checked: ${says}`);
}

const isFinding = ({ code, kind }: VisitRemark) => kind === 'finding' && !SAID_ELSEWHERE.includes(code);
