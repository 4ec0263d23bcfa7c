import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { READ_LIMITS, type ReadLimits } from '../dicom/encoding/limits.ts';
import { DxaflowError, EXIT } from '../errors/errors.ts';
import { isCron } from '../queue/schedule.ts';
import { type Environment, readSecretFiles } from './secret-files.ts';

const MEBIBYTE = 1024 * 1024;

const url = (schemes: readonly string[], what: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), { error: `must be a ${what}` })
    .optional();

const integer = (minimum: number, maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: 'must be a whole number' })
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, { error: `must be from ${minimum} to ${maximum}` })
    .default(fallback);

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    return false; // RangeError is how Intl says no
  }
  // The queue's own calendar has to know it as well.
  return isCron({ pattern: '0 2 * * *', tz: text });
}

const folder = (fallback: string) => z.string().min(1, { error: 'must name a folder' }).default(fallback);

/** An IPv4 or IPv6 address, alone or with the length of its network's prefix. */
function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}

/** Every environment variable dxaflow reads. README repeats this table. */
const SCHEMA = z.object({
  DXAFLOW_HOME: folder('.dxaflow'),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres:// URL'),
  QUEUE_URL: url(['postgres:', 'postgresql:', 'redis:', 'rediss:'], 'redis:// or postgres:// URL'),
  DROP_DIR: folder(''),
  ARCHIVE_DIR: folder(''),
  DROP_STABLE_MS: integer(0, 3_600_000, 1000),
  DROP_HOLD_MS: integer(0, 86_400_000, 60_000),
  DROP_SWEEP_MS: integer(100, 3_600_000, 10_000),
  INGEST_CONCURRENCY: integer(1, 64, 16),
  ASSESS_CONCURRENCY: integer(1, 64, 4),
  JOB_LOCK_MS: integer(1000, 600_000, 15_000),
  STOP_TIMEOUT_MS: integer(100, 600_000, 15_000),
  NIGHTLY_CRON: z
    .string()
    .trim()
    .refine((pattern) => isCron({ pattern, tz: 'UTC' }), {
      error: 'must be a cron pattern of five fields that comes round, such as 0 2 * * *',
    })
    .default('0 2 * * *'),
  NIGHTLY_TZ: z
    .string()
    .refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin' })
    .default(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
  NIGHTLY_WINDOW_MIN: integer(1, 1440, 240),
  // The most protects memory: a process may have INGEST_CONCURRENCY files of LIMIT_BYTES in hand.
  LIMIT_BYTES: integer(65_536, 256 * MEBIBYTE, READ_LIMITS.maxBytes),
  LIMIT_INFLATED_BYTES: integer(65_536, 256 * MEBIBYTE, READ_LIMITS.maxInflatedBytes),
  LIMIT_ELEMENTS: integer(1000, 4_000_000, READ_LIMITS.maxElements),
  LIMIT_ITEMS: integer(100, 1_000_000, READ_LIMITS.maxItems),
  LIMIT_DEPTH: integer(8, 1000, READ_LIMITS.maxDepth),
  LIMIT_TEXT: integer(1024, 16 * MEBIBYTE, READ_LIMITS.maxTextBytes),
  HTTP_HOST: z.string().min(1, { error: 'must name a host' }).default('127.0.0.1'),
  HTTP_PORT: integer(0, 65_535, 8380),
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''))
    .refine((entries) => entries.every(isAddressOrNetwork), {
      error: 'must be addresses or networks such as 10.0.0.5 or fd00::/64, with commas between them',
    })
    .default([]),
  METRICS_PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: 'must be a whole number' })
    .transform(Number)
    .refine((value) => value <= 65_535, { error: 'must be from 0 to 65535' })
    .optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
});

export type Config = {
  readonly homeDir: string;
  /** Absent: an embedded PostgreSQL under `homeDir`. */
  readonly databaseUrl: string | undefined;
  /** Absent: BullMQ on the same PostgreSQL as the data. */
  readonly queueUrl: string | undefined;
  readonly dropDir: string;
  readonly archiveDir: string;
  readonly dropStableMs: number;
  /** Originals are watched until they have been quiet for so long. */
  readonly dropHoldMs: number;
  readonly dropSweepMs: number;
  readonly ingestConcurrency: number;
  readonly assessConcurrency: number;
  /** What a killed worker held is taken up again after this time. */
  readonly jobLockMs: number;
  readonly stopTimeoutMs: number;
  readonly nightlyCron: string;
  readonly nightlyTimeZone: string;
  /** After this the night pauses and goes on the next night. */
  readonly nightlyWindowMinutes: number;
  /** How much of a file is read; the same in all processes, since a refusal names the limit in force. */
  readonly limits: ReadLimits;
  readonly httpHost: string;
  readonly httpPort: number;
  /** Addresses and networks of the proxies in front of the pages, whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Absent: no metrics but those of the http process at its own /metrics. */
  readonly metricsPort: number | undefined;
  readonly logLevel: z.infer<typeof SCHEMA>['LOG_LEVEL'];
};

const invalid = (rules: readonly string[]) =>
  new DxaflowError('CONFIG_INVALID', `Configuration: ${rules.join('; ')}.`, { exitCode: EXIT.configuration });

/**
 * Reads the configuration. Throws a DxaflowError CONFIG_INVALID (exit code 78) that names each variable and the rule it
 * breaks, never the value: a URL may hold a password.
 */
export function readConfig(environment: Environment): Config {
  const { values: variables, rules: broken } = readSecretFiles(environment);
  if (broken.length > 0) throw invalid(broken);
  const given = Object.fromEntries(
    Object.keys(SCHEMA.shape)
      .map((name) => [name, variables[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = SCHEMA.safeParse({ DROP_DIR: undefined, ARCHIVE_DIR: undefined, ...given });
  if (!parsed.success) {
    const rules = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw invalid(rules);
  }
  const values = parsed.data;
  const homeDir = resolve(values.DXAFLOW_HOME);
  return {
    homeDir,
    databaseUrl: values.DATABASE_URL,
    queueUrl: values.QUEUE_URL,
    dropDir: resolve(values.DROP_DIR === '' ? `${homeDir}/drop` : values.DROP_DIR),
    archiveDir: resolve(values.ARCHIVE_DIR === '' ? `${homeDir}/archive` : values.ARCHIVE_DIR),
    dropStableMs: values.DROP_STABLE_MS,
    dropHoldMs: values.DROP_HOLD_MS,
    dropSweepMs: values.DROP_SWEEP_MS,
    ingestConcurrency: values.INGEST_CONCURRENCY,
    assessConcurrency: values.ASSESS_CONCURRENCY,
    jobLockMs: values.JOB_LOCK_MS,
    stopTimeoutMs: values.STOP_TIMEOUT_MS,
    nightlyCron: values.NIGHTLY_CRON,
    nightlyTimeZone: values.NIGHTLY_TZ,
    nightlyWindowMinutes: values.NIGHTLY_WINDOW_MIN,
    limits: {
      maxBytes: values.LIMIT_BYTES,
      maxInflatedBytes: values.LIMIT_INFLATED_BYTES,
      maxElements: values.LIMIT_ELEMENTS,
      maxItems: values.LIMIT_ITEMS,
      maxDepth: values.LIMIT_DEPTH,
      maxTextBytes: values.LIMIT_TEXT,
    },
    httpHost: values.HTTP_HOST,
    httpPort: values.HTTP_PORT,
    trustedProxies: values.TRUSTED_PROXIES,
    metricsPort: values.METRICS_PORT,
    logLevel: values.LOG_LEVEL,
  };
}

function withoutSecrets(text: string | undefined, absent: string): string {
  if (text === undefined) return absent;
  const parsed = new URL(text);
  if (parsed.password !== '') parsed.password = '***';
  for (const name of [...parsed.searchParams.keys()]) {
    if (/pass|secret|token|key/i.test(name)) parsed.searchParams.set(name, '***');
  }
  return parsed.toString();
}

/** The configuration in force under its variables' names, with passwords masked. */
export function describeConfig(config: Config): Readonly<Record<string, string | number>> {
  return {
    DXAFLOW_HOME: config.homeDir,
    DATABASE_URL: withoutSecrets(config.databaseUrl, 'embedded PostgreSQL'),
    QUEUE_URL: withoutSecrets(config.queueUrl, 'same PostgreSQL as the data'),
    DROP_DIR: config.dropDir,
    ARCHIVE_DIR: config.archiveDir,
    DROP_STABLE_MS: config.dropStableMs,
    DROP_HOLD_MS: config.dropHoldMs,
    DROP_SWEEP_MS: config.dropSweepMs,
    INGEST_CONCURRENCY: config.ingestConcurrency,
    ASSESS_CONCURRENCY: config.assessConcurrency,
    JOB_LOCK_MS: config.jobLockMs,
    STOP_TIMEOUT_MS: config.stopTimeoutMs,
    NIGHTLY_CRON: config.nightlyCron,
    NIGHTLY_TZ: config.nightlyTimeZone,
    NIGHTLY_WINDOW_MIN: config.nightlyWindowMinutes,
    LIMIT_BYTES: config.limits.maxBytes,
    LIMIT_INFLATED_BYTES: config.limits.maxInflatedBytes,
    LIMIT_ELEMENTS: config.limits.maxElements,
    LIMIT_ITEMS: config.limits.maxItems,
    LIMIT_DEPTH: config.limits.maxDepth,
    LIMIT_TEXT: config.limits.maxTextBytes,
    HTTP_HOST: config.httpHost,
    HTTP_PORT: config.httpPort,
    TRUSTED_PROXIES: config.trustedProxies.join(', ') || 'none',
    METRICS_PORT: config.metricsPort ?? 'off',
    LOG_LEVEL: config.logLevel,
  };
}
