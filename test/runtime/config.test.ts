import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { DxaflowError } from '../../src/errors/errors.ts';
import { describeConfig, readConfig } from '../../src/runtime/config.ts';

function failure(environment: Record<string, string>): DxaflowError {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof DxaflowError) return error;
  }
  throw new Error('was accepted');
}

describe('the configuration', () => {
  it('needs no variable at all', () => {
    const config = readConfig({});
    expect(config.databaseUrl).toBeUndefined();
    expect(config.httpHost).toBe('127.0.0.1');
    expect(config.httpPort).toBe(8380);
    expect(config.dropDir).toBe(`${process.cwd()}/.dxaflow/drop`);
  });

  it('takes proxies as addresses and networks', () => {
    const { trustedProxies } = readConfig({ TRUSTED_PROXIES: '10.0.0.5, fd00::/64,192.0.2.0/24' });
    expect(trustedProxies).toEqual(['10.0.0.5', 'fd00::/64', '192.0.2.0/24']);
    expect(readConfig({}).trustedProxies).toEqual([]);
  });

  it('takes an empty variable as absent, as a compose file writes it', () => {
    expect(readConfig({ DATABASE_URL: '', HTTP_PORT: '' })).toEqual(readConfig({}));
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2@db/x', /DATABASE_URL must be a postgres:\/\/ URL/],
    ['QUEUE_URL', 'hunter2', /QUEUE_URL must be a redis:\/\/ or postgres:\/\/ URL/],
    ['TRUSTED_PROXIES', '10.0.0.5, hunter2', /TRUSTED_PROXIES must be addresses or networks/],
    ['TRUSTED_PROXIES', '10.0.0.0/33', /TRUSTED_PROXIES must be addresses or networks/],
    ['TRUSTED_PROXIES', 'fd00::/0', /TRUSTED_PROXIES must be addresses or networks/],
    ['HTTP_PORT', 'hunter2', /HTTP_PORT must be a whole number/],
    ['HTTP_PORT', '70000', /HTTP_PORT must be from 0 to 65535/],
    ['INGEST_CONCURRENCY', '0', /INGEST_CONCURRENCY must be from 1 to 64/],
    ['DROP_STABLE_MS', '-1', /DROP_STABLE_MS must be a whole number/],
    ['NIGHTLY_CRON', 'hunter2', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '61 * * * *', /NIGHTLY_CRON must be a cron pattern of five fields that comes round/],
    ['NIGHTLY_CRON', '0 25 * * *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '0 2 31 2 *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '0 2 31 2,4 *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '0 0 0 2 * * *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '0 2 * *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '0 2 * * 8', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', '*/0 2 * * *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_CRON', 'H 2 * * *', /NIGHTLY_CRON must be a cron pattern/],
    ['NIGHTLY_TZ', 'Mars/Olympus', /NIGHTLY_TZ must be a time zone/],
    ['NIGHTLY_WINDOW_MIN', '0', /NIGHTLY_WINDOW_MIN must be from 1 to 1440/],
    ['JOB_LOCK_MS', '10', /JOB_LOCK_MS must be from 1000 to 600000/],
    ['LOG_LEVEL', 'hunter2', /LOG_LEVEL must be one of fatal/],
  ])('refuses %s=%s, naming the variable and the rule but not the value', (name, value, rule) => {
    const error = failure({ [name]: value });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.exitCode).toBe(78);
    expect(error.message).toMatch(rule);
    expect(error.message).not.toContain('hunter2');
  });

  it.each(['0 2 * * *', '*/30 1-4 * * mon-fri', '15 2 29 2 *', '0 2 L * *', '*/3 * * * * *', ' 0  2 * * THU '])(
    'takes the cron pattern %s, which comes round',
    (pattern) => {
      expect(readConfig({ NIGHTLY_CRON: pattern }).nightlyCron).toBe(pattern.trim());
    },
  );

  it('names every broken variable at once', () => {
    expect(failure({ HTTP_PORT: 'x', LOG_LEVEL: 'y' }).message).toMatch(/HTTP_PORT.*LOG_LEVEL/);
  });

  it('is printed without secrets', () => {
    const printed = JSON.stringify(
      describeConfig(
        readConfig({ DATABASE_URL: 'postgres://u:hunter2@db/x?sslpassword=hunter3', QUEUE_URL: 'redis://:hunter4@r' }),
      ),
    );
    expect(printed).toContain('u:***@db');
    expect(printed).not.toMatch(/hunter/);
  });
});

describe('a URL given by file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const secret = (text: string) => {
    const path = join(folder, 'secret');
    writeFileSync(path, text);
    return path;
  };

  it('is read without its line break', () => {
    const url = 'postgres://u:hunter2@db/x';
    expect(readConfig({ DATABASE_URL_FILE: secret(`${url}\n`) }).databaseUrl).toBe(url);
    expect(readConfig({ QUEUE_URL_FILE: secret('redis://:hunter2@r') }).queueUrl).toBe('redis://:hunter2@r');
  });

  it('is printed without its password', () => {
    const printed = JSON.stringify(describeConfig(readConfig({ QUEUE_URL_FILE: secret('redis://:hunter2@r') })));
    expect(printed).toContain('redis://:***@r');
    expect(printed).not.toContain('hunter');
  });

  it.each([
    [
      'cannot be read',
      () => ({ DATABASE_URL_FILE: join(folder, 'absent') }),
      /DATABASE_URL_FILE names a file that cannot be read \(ENOENT\)/,
    ],
    ['is empty', () => ({ DATABASE_URL_FILE: secret('\n') }), /DATABASE_URL_FILE names an empty file/],
    ['holds no URL', () => ({ DATABASE_URL_FILE: secret('hunter2') }), /DATABASE_URL must be a postgres:\/\/ URL/],
    [
      'stands beside the variable itself',
      () => ({ QUEUE_URL: 'redis://hunter2', QUEUE_URL_FILE: secret('redis://hunter3') }),
      /QUEUE_URL and QUEUE_URL_FILE are both set/,
    ],
  ])('is refused when it %s', (_when, environment, rule) => {
    const error = failure(environment());
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(rule);
    expect(error.message).not.toContain('hunter');
  });

  it('is in the README, every variable of it', () => {
    const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
    const names = Object.keys(describeConfig(readConfig({})));
    expect(names.filter((name) => !readme.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
