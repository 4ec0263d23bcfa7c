import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { codeOf } from '../errors/errors.ts';
import { CONDITION_CODES, type Condition, type Part, type Trouble, troubleOf } from './condition.ts';

/** Each part is checked at least this often, so that a condition and its end are logged in time. */
const LOOK_EVERY_MS = 5000;
/** Bound on one look, above what a probe takes by itself; a disk that hangs has none of its own. */
const LOOK_MS = 1800;
/** Errors while everything looks well are told once in this time. */
const QUIET_MS = 60_000;
/** A check this recent is reused. */
const FRESH_MS = 500;

export type Probe = () => Promise<Trouble | null>;

export type States = {
  /** From now on looks after this part too. */
  readonly watch: (part: Part, probe: Probe) => void;
  /** Reports a problem with a watched part before its next check finds it. */
  readonly tell: (part: Part, trouble: Trouble) => void;
  /** Says that something failed at a part: looked into at once, and told once a state, not once an error. */
  readonly note: (part: Part, error: unknown) => void;
  /** What is wrong now, after a look that is over in two seconds. */
  readonly look: () => Promise<readonly Condition[]>;
  /** What was wrong at the last look. */
  readonly current: () => readonly Condition[];
  readonly close: () => Promise<void>;
};

type Watched = {
  readonly part: Part;
  readonly probe: Probe;
  condition: Condition | null;
  /** Errors noted since the last line about this part, by code. */
  errors: Map<string, number>;
  sample: unknown;
  lookedAt: number;
  quietUntil: number;
  looking: Promise<void> | undefined;
  /** A probe that did not come back: no second one is begun beside it. */
  hangs: boolean;
};

/**
 * Watches what a process needs, and is the one place that tells of it: one line when something is out of order, one when
 * it works again, however many loops run into it meanwhile. `onLook` hears of every look.
 */
export function watchStates(log: Logger, onLook: (conditions: readonly Condition[]) => void = () => undefined): States {
  const watched: Watched[] = [];
  const closing = new AbortController();
  const find = (part: Part) => watched.find((each) => each.part === part);
  const current = () => watched.flatMap(({ condition }) => (condition === null ? [] : [condition]));

  function takeErrors(one: Watched) {
    const errors = Object.fromEntries(one.errors);
    one.errors = new Map();
    return errors;
  }

  function tell(one: Watched, trouble: Trouble | null): void {
    const { part, condition } = one;
    if (trouble?.code !== condition?.code) {
      const errors = takeErrors(one);
      if (trouble === null && condition !== null) {
        const seconds = Math.round((Date.now() - condition.since.getTime()) / 1000);
        log.info({ part, code: condition.code, seconds, errors }, 'works again');
      }
      if (trouble !== null) {
        const { text, remedy } = CONDITION_CODES[trouble.code];
        log.error({ part, ...trouble, errors, text, remedy }, 'out of order');
      }
      one.condition = trouble === null ? null : { part, ...trouble, since: new Date() };
      return;
    }
    if (trouble !== null || one.errors.size === 0 || performance.now() < one.quietUntil) return;
    one.quietUntil = performance.now() + QUIET_MS;
    log.warn({ part, errors: takeErrors(one), err: one.sample }, 'failed and works again');
  }

  async function lookAt(one: Watched): Promise<void> {
    one.hangs = true;
    const found = one
      .probe()
      .catch((error: unknown) => troubleOf(one.part, 'FAILING', codeOf(error)))
      .finally(() => {
        one.hangs = false;
      });
    const late = new AbortController();
    const silent = sleep(LOOK_MS, troubleOf(one.part, 'SILENT', 'TIMEOUT'), { signal: late.signal });
    silent.catch(() => undefined); // taken back when the probe came first
    tell(one, await Promise.race([found, silent]));
    late.abort();
    one.lookedAt = performance.now();
  }

  async function refresh(one: Watched): Promise<void> {
    if (one.looking === undefined && !one.hangs && performance.now() - one.lookedAt >= FRESH_MS) {
      one.looking = lookAt(one).finally(() => {
        one.looking = undefined;
      });
    }
    await one.looking;
  }

  async function look(): Promise<readonly Condition[]> {
    await Promise.all(watched.map(refresh));
    const found = current();
    onLook(found);
    return found;
  }

  let wake = Promise.withResolvers<void>();
  const loop = (async () => {
    while (!closing.signal.aborted) {
      await look();
      const pause = new AbortController();
      const rest = sleep(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([closing.signal, pause.signal]) });
      await Promise.race([rest, wake.promise.then(() => sleep(FRESH_MS))]).catch(() => undefined);
      pause.abort();
      await rest.catch(() => undefined);
      wake = Promise.withResolvers<void>();
    }
  })();

  return {
    watch: (part, probe) => {
      const begin = { condition: null, errors: new Map(), sample: undefined, lookedAt: Number.NEGATIVE_INFINITY };
      watched.push({ part, probe, ...begin, quietUntil: 0, looking: undefined, hangs: false });
      wake.resolve();
    },
    tell: (part, trouble) => {
      const one = find(part);
      if (one !== undefined) tell(one, trouble);
    },
    note: (part, error) => {
      const one = find(part);
      if (one === undefined) {
        log.warn({ part, err: error }, 'failed');
        return;
      }
      const code = codeOf(error);
      one.errors.set(code, (one.errors.get(code) ?? 0) + 1);
      one.sample = error;
      if (one.condition === null) wake.resolve();
    },
    look,
    current,
    close: async () => {
      closing.abort();
      wake.resolve();
      await loop;
    },
  };
}
