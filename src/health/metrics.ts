import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** From a small file on a fast disk to one that nears the reading deadline. */
const STAGE_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type Stage = 'read' | 'store' | 'assess';

/** What a process counts and times. Labels are fixed words and codes, never a value of a file. */
export type Metrics = {
  readonly countTaken: (outcome: string) => void;
  readonly countIngested: (state: string, code: string | null) => void;
  readonly countCaseChange: (rule: string, event: string) => void;
  readonly countFailedJob: (queue: string, final: boolean) => void;
  readonly countSignInFailure: (failure: string) => void;
  readonly observeStage: (stage: Stage, seconds: number) => void;
  /** A gauge that `beforeScrape` fills. */
  readonly gauge: <L extends string>(name: string, help: string, labelNames: readonly L[]) => Gauge<L>;
  /** Runs before every answer, to fill gauges; must not throw. */
  readonly beforeScrape: (refresh: () => Promise<void>) => void;
  /** Everything in Prometheus's text format. */
  readonly render: () => Promise<{ readonly contentType: string; readonly body: string }>;
};

/** Makes the metrics of one process; docs/metrics.md lists them. */
export function createMetrics(process: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const taken = new Counter({
    name: 'dxaflow_intake_files_total',
    help: 'Files taken off the drop folder, by outcome: received, or duplicate of bytes received before',
    labelNames: ['outcome'] as const,
    registers,
  });
  const ingested = new Counter({
    name: 'dxaflow_ingest_files_total',
    help: 'Files processed, by state (stored, refused, conflicted, duplicate) and reason code; a reprocessed file counts again',
    labelNames: ['state', 'code'] as const,
    registers,
  });
  const caseChanges = new Counter({
    name: 'dxaflow_case_changes_total',
    help: 'Review cases opened, reopened, changed in evidence or withdrawn automatically, by rule',
    labelNames: ['rule', 'event'] as const,
    registers,
  });
  const failedJobs = new Counter({
    name: 'dxaflow_failed_jobs_total',
    help: 'Attempts at a job that failed; final="true" when no attempt is left',
    labelNames: ['queue', 'final'] as const,
    registers,
  });
  const signInFailures = new Counter({
    name: 'dxaflow_sign_in_failures_total',
    help: 'Failed sign-ins: wrong (name or password), throttled, token (unknown, expired or revoked), token_throttled',
    labelNames: ['failure'] as const,
    registers,
  });
  const stages = new Histogram({
    name: 'dxaflow_stage_duration_seconds',
    help: 'Time for one file (read: archive and reader; store: transaction) or one patient (assess)',
    labelNames: ['stage'] as const,
    buckets: STAGE_BUCKETS,
    registers,
  });
  const refreshers: (() => Promise<void>)[] = [];
  return {
    countTaken: (outcome) => taken.inc({ outcome }),
    countIngested: (state, code) => ingested.inc({ state, code: code ?? '' }),
    countCaseChange: (rule, event) => caseChanges.inc({ rule, event }),
    countFailedJob: (queue, final) => failedJobs.inc({ queue, final: String(final) }),
    countSignInFailure: (failure) => signInFailures.inc({ failure }),
    observeStage: (stage, seconds) => stages.observe({ stage }, seconds),
    gauge: (name, help, labelNames) => new Gauge({ name, help, labelNames, registers }),
    beforeScrape: (refresh) => refreshers.push(refresh),
    render: async () => {
      await Promise.all(refreshers.map((refresh) => refresh()));
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
