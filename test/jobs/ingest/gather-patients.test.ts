import { beforeEach, describe, expect, it, vi } from 'vitest';
import { gatherPatients } from '../../../src/jobs/ingest/gather-patients.ts';

describe('patients to judge', () => {
  beforeEach(() => void vi.useFakeTimers());
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  const open = (
    gatherMs: number,
    enqueue: (ids: readonly string[]) => Promise<void> = async () => undefined,
    isFlood = () => false,
  ) => {
    const asked: (readonly string[])[] = [];
    const errors: unknown[] = [];
    const patients = gatherPatients(
      async (ids) => {
        asked.push(ids);
        await enqueue(ids);
      },
      { gatherMs, floodGatherMs: 3 * gatherMs, isFlood },
      (error) => errors.push(error),
    );
    return { ...patients, asked, errors };
  };

  it('are requested once for all files received together, and again for later ones', async () => {
    const { add, asked, close } = open(20);
    for (const id of ['1', '2', '1']) add(id);
    await pass(19);
    expect(asked).toEqual([]);
    await pass(1);
    expect(asked).toEqual([['1', '2']]);
    add('1');
    await pass(20);
    expect(asked).toEqual([['1', '2'], ['1']]);
    await close();
    expect(asked).toHaveLength(2);
  });

  it('are asked for at the end of the process, which waits for the answer', async () => {
    const answer = Promise.withResolvers<void>();
    const { add, asked, close } = open(60_000, () => answer.promise);
    add('7');
    let closed = false;
    const closing = close().then(() => {
      closed = true;
    });
    await pass(60_000);
    expect([asked, closed]).toEqual([[['7']], false]);
    answer.resolve();
    await closing;
  });

  it('are gathered for longer in a flood', async () => {
    const { add, asked, close } = open(60, undefined, () => true);
    add('1');
    await pass(179);
    expect(asked).toEqual([]);
    add('2');
    await pass(1);
    expect(asked).toEqual([['1', '2']]);
    await close();
  });

  it('are left to the sweep when the queue refuses, which is told', async () => {
    const { add, errors, close } = open(1, async () => {
      throw new Error('queue away');
    });
    add('7');
    await close();
    expect(errors).toEqual([new Error('queue away')]);
  });
});
