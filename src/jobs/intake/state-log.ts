import type { Logger } from 'pino';
import { codeOf } from '../../errors/errors.ts';

export type StateLog = {
  /** Something is wrong: one line when it begins and one when its code changes, however often it is found again. */
  readonly begins: (key: string, error: unknown, phrase: string) => void;
  /** It is wrong no more: one line if it was. */
  readonly ends: (key: string, phrase: string) => void;
};

/** Errors without a code are no state: they are logged once, with their place in the program. */
const details = (error: unknown) => (codeOf(error) === 'UNKNOWN' ? { err: error } : { code: codeOf(error) });

/** What lasts is logged when it changes, not as often as it is looked at. Keys never reach the log: they may be names. */
export function openStateLog(log: Logger): StateLog {
  const states = new Map<string, string>();
  return {
    begins: (key, error, phrase) => {
      if (states.get(key) === codeOf(error)) return;
      states.set(key, codeOf(error));
      log.warn(details(error), phrase);
    },
    ends: (key, phrase) => {
      const code = states.get(key);
      if (!states.delete(key)) return;
      log.info({ code }, phrase);
    },
  };
}
