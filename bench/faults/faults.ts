import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/db/pool.ts';
import type { Crew, Member } from './crew.ts';
import type { Disk } from './disk.ts';
import type { Random } from './random.ts';
import type { Faulty, FaultyPostgres, FaultyRedis } from './servers.ts';

/** What a fault may lay hands on; null where this round or this machine has none. */
export type Scene = {
  readonly crew: Crew;
  readonly postgres: FaultyPostgres;
  readonly redis: FaultyRedis | null;
  readonly pool: Pool;
  readonly disk: Disk | null;
};

export type Fault = {
  readonly name: string;
  /** Strikes before the files are dropped, and only then. */
  readonly before?: true;
  /** False when it could not be done here. */
  readonly strike: (scene: Scene, random: Random) => Promise<boolean>;
};

async function killPart({ crew }: Scene, random: Random, part: string): Promise<boolean> {
  const victims = crew.members.filter((member) => member.name === part && member.isUp());
  return victims.length > 0 && random.pick(victims).kill('SIGKILL');
}

async function away(server: Faulty, random: Random): Promise<boolean> {
  await server.kill();
  await sleep(random.upTo(1500));
  await server.start();
  return true;
}

const HOUR_MS = 3_600_000;
/** How far clocks jump: minutes and hours, as a wrong time zone or a dead battery does, and days. */
const JUMPS_MS = [HOUR_MS / 12, HOUR_MS, 3 * HOUR_MS, 50 * HOUR_MS] as const;

/** Some clocks jump while their processes work; half of them are put right again after a moment. */
async function jump(members: readonly Member[], random: Random, direction: 1 | -1): Promise<boolean> {
  const ms = direction * random.pick(JUMPS_MS);
  for (const member of members) member.shiftClock(ms);
  if (random.chance(0.5)) return true;
  await sleep(500 + random.upTo(1500));
  for (const member of members) member.shiftClock(0);
  return true;
}

/** Everything that goes wrong. A storm of duplicates, another order and pauses come with every round. */
export const FAULTS = [
  { name: 'kill -9 intake', strike: (scene, random) => killPart(scene, random, 'intake') },
  { name: 'kill -9 ingest', strike: (scene, random) => killPart(scene, random, 'ingest') },
  { name: 'kill -9 assess', strike: (scene, random) => killPart(scene, random, 'assess') },
  { name: 'kill -9 nightly', strike: (scene, random) => killPart(scene, random, 'nightly') },
  {
    name: 'kill -9 all workers',
    strike: async ({ crew }) => crew.members.map((member) => member.kill('SIGKILL')).some(Boolean),
  },
  {
    name: 'rolling restart',
    strike: async ({ crew }, random) => {
      for (const member of crew.members) {
        member.kill('SIGTERM');
        await sleep(random.upTo(400));
      }
      return true;
    },
  },
  {
    name: 'freeze a worker',
    strike: async ({ crew }, random) => {
      const victim = random.pick(crew.members);
      victim.kill('SIGSTOP');
      await sleep(2500); // longer than its locks on jobs hold
      return victim.kill('SIGCONT');
    },
  },
  { name: 'kill -9 PostgreSQL', strike: ({ postgres }, random) => away(postgres, random) },
  {
    name: 'kill -9 the keeper of PostgreSQL',
    strike: async ({ postgres }) => {
      await postgres.killKeeper();
      return true;
    },
  },
  {
    name: 'move the home of PostgreSQL',
    strike: async ({ postgres }) => {
      await postgres.moveHome();
      return true;
    },
  },
  { name: 'cut PostgreSQL connections', strike: async ({ postgres }) => (await postgres.cut()) > 0 },
  { name: 'kill -9 Redis', strike: async ({ redis }, random) => redis !== null && (await away(redis, random)) },
  { name: 'cut Redis connections', strike: async ({ redis }) => redis !== null && (await redis.cut()) > 0 },
  {
    name: 'Redis out of memory',
    strike: async ({ redis }, random) => {
      await redis?.setFull(true);
      await sleep(500 + random.upTo(2500));
      await redis?.setFull(false);
      return redis !== null;
    },
  },
  {
    name: 'Redis takes no writes',
    strike: async ({ redis }, random) => {
      await redis?.setReplica(true);
      await sleep(500 + random.upTo(2500));
      await redis?.setReplica(false);
      return redis !== null;
    },
  },
  {
    name: 'flush the queue',
    strike: async ({ redis, pool }) => {
      if (redis !== null) await redis.flush();
      else await pool.query('delete from dxaflow_queue.job');
      return true;
    },
  },
  {
    name: 'fill the disk',
    strike: async ({ disk }, random) => {
      disk?.fill();
      await sleep(500 + random.upTo(1500));
      disk?.free();
      return disk !== null;
    },
  },
  {
    name: 'archive read-only',
    strike: async ({ disk }, random) => {
      try {
        disk?.setReadOnly(true);
      } catch {
        return false; // a file is being written at this moment
      }
      await sleep(500 + random.upTo(1500));
      disk?.setReadOnly(false);
      return disk !== null;
    },
  },
  { name: 'clock ahead', strike: ({ crew }, random) => jump([random.pick(crew.members)], random, 1) },
  { name: 'clock back', strike: ({ crew }, random) => jump([random.pick(crew.members)], random, -1) },
  { name: 'all clocks ahead', strike: ({ crew }, random) => jump(crew.members, random, 1) },
  { name: 'all clocks back', strike: ({ crew }, random) => jump(crew.members, random, -1) },
  {
    name: 'kill -9 with its clock ahead',
    strike: async ({ crew }, random) => {
      const victim = random.pick(crew.members.filter(({ name }) => name === 'ingest' || name === 'assess'));
      victim.shiftClock(random.pick(JUMPS_MS));
      await sleep(300 + random.upTo(500)); // until it holds locks by that clock
      const killed = victim.kill('SIGKILL');
      victim.shiftClock(0);
      return killed;
    },
  },
  {
    // Strikes before anything is dropped: one clock is apart from the others from the first file to the last judgement.
    name: 'clock apart for a round',
    before: true,
    strike: async ({ crew }, random) => {
      random.pick(crew.members).shiftClock((random.chance(0.5) ? 1 : -1) * random.pick(JUMPS_MS));
      return true;
    },
  },
] as const satisfies readonly Fault[];

export type FaultName = (typeof FAULTS)[number]['name'];
