import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gatherPatients } from '../../../src/jobs/ingest/gather-patients.ts';

describe('patients to judge', () => {
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

  it('are asked for once for all files that come in together, and again for later ones', async () => {
    const { add, asked, close } = open(20);
    for (const id of ['1', '2', '1']) add(id);
    expect(asked).toEqual([]);
    await sleep(60);
    expect(asked).toEqual([['1', '2']]);
    add('1');
    await sleep(60);
    expect(asked).toEqual([['1', '2'], ['1']]);
    await close();
    expect(asked).toHaveLength(2);
  });

  it('are asked for at the end of the process, which waits for the answer', async () => {
    let answered = false;
    const { add, asked, close } = open(60_000, async () => {
      await sleep(20);
      answered = true;
    });
    add('7');
    await close();
    expect([asked, answered]).toEqual([[['7']], true]);
  });

  it('are gathered for longer in a flood', async () => {
    const { add, asked, close } = open(60, undefined, () => true);
    add('1');
    await sleep(100);
    expect(asked).toEqual([]);
    add('2');
    await sleep(160);
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
