export type PatientsToJudge = {
  readonly add: (patientId: string) => void;
  /** Asks for what is still waiting; after that nothing is taken. */
  readonly close: () => Promise<void>;
};

export type Gathering = {
  readonly gatherMs: number;
  /** In a flood, where files of one visit may be further apart and no one is waiting for the first: this long. */
  readonly floodGatherMs: number;
  readonly isFlood: () => boolean;
};

/**
 * Collects patients whose files came in and asks for their judgement `gatherMs` after the first: the reports of one visit
 * come within moments of each other, and the patient is judged once for all of them. What a crash loses here, the sweep
 * finds by the revision; `onError` gets the error of a queue that refused.
 */
export function gatherPatients(
  enqueue: (patientIds: readonly string[]) => Promise<void>,
  { gatherMs, floodGatherMs, isFlood }: Gathering,
  onError: (error: unknown) => void,
): PatientsToJudge {
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const gathered = () => {
    if (isFlood()) timer = setTimeout(ask, floodGatherMs - gatherMs);
    else ask();
  };
  const asking = new Set<Promise<void>>();
  const ask = () => {
    timer = undefined;
    const patients = [...waiting];
    waiting = new Set();
    const asked = enqueue(patients)
      .catch(onError)
      .finally(() => asking.delete(asked));
    asking.add(asked);
  };
  return {
    add: (patientId) => {
      waiting.add(patientId);
      timer ??= setTimeout(gathered, gatherMs);
    },
    close: async () => {
      clearTimeout(timer);
      if (waiting.size > 0) ask();
      await Promise.all(asking);
    },
  };
}
