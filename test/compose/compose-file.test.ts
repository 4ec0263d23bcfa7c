import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeConfig, readConfig } from '../../src/runtime/config.ts';

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

const COMPOSE = read('docker-compose.yml');
const VARIABLE = /\$\{([A-Z_]+):-([^}]*)\}/g;

const SERVICE = z.object({
  image: z.string(),
  build: z.object({ args: z.record(z.string(), z.string()) }).optional(),
  command: z.array(z.string()),
  restart: z.string(),
  read_only: z.literal(true),
  init: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  ulimits: z.object({ core: z.literal(0) }),
  tmpfs: z.array(z.string().regex(/size=\d+m/)),
  mem_limit: z.string().regex(/^\d+[mg]$/),
  cpus: z.number().positive(),
  pids_limit: z.int().positive(),
  logging: z.object({ options: z.object({ 'max-size': z.string(), 'max-file': z.string() }) }),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).default({}),
});

/** The file as compose reads it with these variables. */
function services(variables: Readonly<Record<string, string>> = {}) {
  const text = COMPOSE.replace(VARIABLE, (_all, name: string, fallback: string) => variables[name] ?? fallback);
  const file: unknown = parse(text, { merge: true });
  return z.object({ services: z.record(z.string(), SERVICE) }).parse(file).services;
}

const megabytes = (text: string): number => Number.parseInt(text, 10) * (/g/.test(text) ? 1024 : 1);

describe('docker-compose.yml', () => {
  it('bounds memory, processors, processes, logs and scratch space of every service, and gives it no privilege', () => {
    expect(Object.keys(services()).sort()).toEqual(
      ['assess', 'http', 'ingest', 'intake', 'migrate', 'nightly', 'postgres', 'redis'].sort(),
    );
    for (const [name, { restart }] of Object.entries(services())) {
      expect([name, restart]).toEqual([name, name === 'migrate' ? 'no' : 'unless-stopped']);
    }
  });

  it('takes every image from a variable whose default has a tag, so that a digest can pin it', () => {
    const { postgres, redis, migrate } = services();
    expect([postgres?.image, redis?.image, migrate?.build?.args['NODE_IMAGE']]).toEqual([
      'postgres:18',
      'redis:8',
      'node:24-slim',
    ]);
    const digest = `x@sha256:${'0'.repeat(64)}`;
    const pinned = services({ POSTGRES_IMAGE: digest, REDIS_IMAGE: digest, NODE_IMAGE: digest });
    expect(pinned['postgres']?.image).toBe(digest);
    expect(pinned['redis']?.image).toBe(digest);
    expect(pinned['migrate']?.build?.args['NODE_IMAGE']).toBe(digest);
    expect(read('Dockerfile').match(/^FROM /gm)).toHaveLength(2);
    expect(read('Dockerfile').match(/^FROM \$\{NODE_IMAGE\}/gm)).toHaveLength(2);
    expect(read('Dockerfile')).toMatch(/^ARG NODE_IMAGE=node:24-slim$/m);
  });

  it('lets Redis evict nothing, and store no more than half of its memory', () => {
    const { redis } = services();
    const command = redis?.command ?? [];
    const optionValue = (option: string) => command[command.indexOf(option) + 1] ?? '';
    expect(optionValue('--maxmemory-policy')).toBe('noeviction');
    expect(2 * megabytes(optionValue('--maxmemory'))).toBeLessThanOrEqual(megabytes(redis?.mem_limit ?? ''));
  });

  it('gives the limits of the reader to every process of dxaflow', () => {
    const limits = Object.keys(describeConfig(readConfig({}))).filter((name) => name.startsWith('LIMIT_'));
    expect(limits).toHaveLength(6);
    const given = services(Object.fromEntries(limits.map((name, index) => [name, String(index)])));
    for (const name of ['intake', 'ingest', 'assess', 'nightly', 'http', 'migrate']) {
      const environment = given[name]?.environment ?? {};
      expect(limits.map((limit) => environment[limit])).toEqual(limits.map((_limit, index) => index));
    }
  });

  it('has every variable in docs/containers.md', () => {
    const page = read('docs/containers.md');
    const names = [...new Set([...COMPOSE.matchAll(VARIABLE)].map(([, name]) => name ?? ''))];
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
