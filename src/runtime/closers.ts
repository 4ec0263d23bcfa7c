import type { Logger } from 'pino';

type Stop = () => Promise<void>;

export type Closers = {
  /** Registers what has to be closed at the end; the last registered is closed first. */
  readonly onClose: (close: Stop) => void;
  /** The same of what takes work: it has to stop as well when the process can no longer work with the database. */
  readonly onStopWork: (stop: Stop) => void;
  readonly stopWork: Stop;
  readonly close: Stop;
};

/** Keeps what a process has to stop. Each is stopped once; one that fails does not prevent the others from stopping. */
export function openClosers(log: Logger): Closers {
  const closers: Stop[] = [];
  const workers: Stop[] = [];
  const inReverse = async (stops: Stop[]) => {
    for (const stop of stops.splice(0).reverse()) {
      await stop().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    }
  };
  return {
    onClose: (close) => closers.push(close),
    onStopWork: (stop) => {
      let stopped: Promise<void> | undefined;
      const once = () => {
        stopped ??= stop();
        return stopped;
      };
      closers.push(once);
      workers.push(once);
    },
    stopWork: () => inReverse(workers),
    close: () => inReverse(closers),
  };
}
