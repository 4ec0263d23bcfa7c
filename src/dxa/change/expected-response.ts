import type { Agent } from '../study/context.ts';

/** Mean change of BMD in a trial, percent; null where the source does not give it. To annotate with, never to test against. */
export type ExpectedResponse = {
  readonly agent: Agent;
  readonly after: string;
  readonly lumbarSpine: number | null;
  readonly totalHip: number | null;
  readonly femoralNeck: number | null;
  readonly source: string;
  readonly grade: 'VERIFIED' | 'RECALLED';
};

/** clinical-rules 4.3. Figures without a located primary are left out. */
export const EXPECTED_RESPONSES: readonly ExpectedResponse[] = [
  response('alendronate', '3 years, against placebo', [8.8, null, 5.9], 'Liberman 1995', 'VERIFIED'),
  response('alendronate', 'men, against control', [4.95, 2.39, 2.59], 'meta-analysis of 8 trials, 2016', 'VERIFIED'),
  response(
    'risedronate',
    '2 years, early postmenopause',
    [4.5, null, 3.3],
    'risedronate 5 mg, early postmenopause',
    'VERIFIED',
  ),
  response('ibandronate', '2 years', [6.6, 4.2, null], 'MOBILE', 'RECALLED'),
  response('zoledronate', '3 years, against placebo', [6.71, 6.02, 5.06], 'HORIZON', 'RECALLED'),
  response('denosumab', '3 years', [null, 5, null], 'FREEDOM', 'VERIFIED'),
  response('denosumab', '1 year, after alendronate', [3.4, 2, 1.4], 'Roux 2014', 'VERIFIED'),
  response('teriparatide', '21 months', [9.7, 2.6, 2.8], 'FPT 2001', 'RECALLED'),
  response('teriparatide', '18 months', [10.49, 3.26, 2.66], 'ACTIVE', 'RECALLED'),
  response('abaloparatide', '18 months', [11.2, 4.18, 3.6], 'ACTIVE', 'RECALLED'),
  response('romosozumab', '1 year', [13.1, 6, null], 'FRAME (Cosman 2022)', 'VERIFIED'),
  response('romosozumab', '1 year', [13.7, 6.2, null], 'ARCH', 'VERIFIED'),
  response('romosozumab', '1 year, after alendronate', [9.8, 2.9, null], 'STRUCTURE', 'VERIFIED'),
  response('romosozumab', '1 year, after denosumab', [5.3, 0.9, null], 'romosozumab after denosumab', 'VERIFIED'),
  response('raloxifene', '3 years, against placebo', [2.6, null, 2.1], 'MORE', 'RECALLED'),
];

/** "teriparatide after 21 months: spine +9.7 %, total hip +2.6 %, femoral neck +2.8 % (FPT 2001)". */
export function describeResponse({
  agent,
  after,
  lumbarSpine,
  totalHip,
  femoralNeck,
  source,
}: ExpectedResponse): string {
  const sites = [
    ['spine', lumbarSpine],
    ['total hip', totalHip],
    ['femoral neck', femoralNeck],
  ] as const;
  const given = sites.flatMap(([site, percent]) => (percent === null ? [] : [`${site} +${percent} %`]));
  return `${agent}, ${after}: ${given.join(', ')} (${source})`;
}

function response(
  agent: Agent,
  after: string,
  [lumbarSpine, totalHip, femoralNeck]: readonly [number | null, number | null, number | null],
  source: string,
  grade: ExpectedResponse['grade'],
): ExpectedResponse {
  return { agent, after, lumbarSpine, totalHip, femoralNeck, source, grade };
}
