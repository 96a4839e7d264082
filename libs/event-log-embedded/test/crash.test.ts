import { readAll, record } from '@twofold/event-log/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultyFs } from './faulty-fs.ts';
import { openTestLog } from './make-log.ts';

const directory = '/data/log';
const settings = { segmentBytes: 600, directory };

/** Numbers in [0, 1) that depend on the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** One partition's records as they were sent, and how many of them were acknowledged. */
interface Sent {
  readonly values: string[];
  acknowledged: number;
}

describe('a crash of the embedded log', () => {
  it('loses no acknowledged record, keeps their order and invents none, wherever it happens (random crashes)', async () => {
    const round = fc.record({
      operationsLeft: fc.integer({ min: 0, max: 200 }),
      appends: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 5, maxLength: 40 }),
      concurrent: fc.boolean(),
      powerLost: fc.boolean(),
    });
    let crashes = 0;
    let tornTails = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 2, maxLength: 4 }), fc.integer(), async (rounds, seed) => {
        const random = randomFrom(seed);
        const fs = new FaultyFs();
        let sent: Sent = { values: [], acknowledged: 0 };
        let created = false;
        for (const { operationsLeft, appends, concurrent, powerLost } of rounds) {
          fs.operationsLeft = operationsLeft;
          const work = (async () => {
            const log = await openTestLog(directory, { ...settings, fs, onTornTail: () => (tornTails += 1) });
            await log.ensureTopic('a', { partitions: 1 });
            created = true;
            // What is there after a crash is a beginning of what was sent; from here on that is what was sent.
            const found = await readAll(log, 'a', 0, 0);
            expect(found.map(({ value }) => value)).toEqual(sent.values.slice(0, found.length));
            expect(found.length).toBeGreaterThanOrEqual(sent.acknowledged);
            sent = { values: sent.values.slice(0, found.length), acknowledged: found.length };
            const appendSome = async (count: number): Promise<void> => {
              const first = sent.values.length;
              const values = Array.from({ length: count }, (_, i) => `${first + i}:${'x'.repeat(random() * 60)}`);
              sent.values.push(...values);
              await log.append(
                'a',
                values.map((value) => record('k', value)),
              );
              sent.acknowledged += count;
            };
            if (concurrent) {
              const outcomes = await Promise.allSettled(appends.map(appendSome));
              for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
            } else for (const count of appends) await appendSome(count);
            await log.close();
          })();
          const failure: unknown = await work.then(
            () => null,
            (error: unknown) => error,
          );
          if (failure !== null) {
            crashes += 1;
            expect(failure, `seed ${seed}`).toMatchObject({ code: 'LOG_IO' });
          }
          if (powerLost) fs.losePower(random);
          else fs.kill();
        }
        const log = await openTestLog(directory, { ...settings, fs });
        await log.ensureTopic('a', { partitions: 1 });
        const found = await readAll(log, 'a', 0, 0);
        expect(found.map(({ value }) => value)).toEqual(sent.values.slice(0, found.length));
        expect(found.length).toBeGreaterThanOrEqual(sent.acknowledged);
        expect(found.map(({ offset }) => offset)).toEqual(found.map((_, i) => i));
        await log.close();
        expect(created || sent.acknowledged === 0).toBe(true);
      }),
      { numRuns: 250 },
    );
    // A run in which nothing went wrong would prove nothing.
    expect(crashes).toBeGreaterThan(50);
    expect(tornTails).toBeGreaterThan(3);
  }, 120_000);

  it('acknowledges nothing more after a failed sync, and says that the log has to be opened again', async () => {
    const fs = new FaultyFs();
    const log = await openTestLog(directory, { ...settings, fs });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', [record('k', 'safe')]);
    fs.failingSyncs = 1;
    const failing = [log.append('a', [record('k', 'unknown')]), log.append('a', [record('k', 'in the same group')])];
    for (const each of failing) await expect(each).rejects.toMatchObject({ code: 'LOG_IO', facts: { poisoned: true } });
    await expect(log.append('a', [record('k', 'later')])).rejects.toMatchObject({
      code: 'LOG_IO',
      facts: { poisoned: true },
    });
    expect((await readAll(log, 'a', 0, 0)).map(({ value }) => value)).toEqual(['safe']);
    await log.close();
  });

  it('writes again what a failed sync left in doubt before it calls it durable', async () => {
    const fs = new FaultyFs();
    const log = await openTestLog(directory, { ...settings, fs });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', [record('k', 'safe')]);
    fs.failingSyncs = 1;
    await expect(log.append('a', [record('k', 'in doubt')])).rejects.toMatchObject({ code: 'LOG_IO' });
    await log.close();
    const again = await openTestLog(directory, { ...settings, fs });
    const seen = await readAll(again, 'a', 0, 0);
    expect(seen.map(({ value }) => value)).toEqual(['safe', 'in doubt']);
    // Everybody could read it now: from here on it must stay, whatever was not synced being lost.
    fs.losePower(null);
    const last = await openTestLog(directory, { ...settings, fs });
    expect(await readAll(last, 'a', 0, 0)).toEqual(seen);
    await last.close();
  });

  it('makes durable what a killed process left before anything is built on it, wherever it was killed', async () => {
    let completed = false;
    for (let operationsLeft = 0; !completed; operationsLeft++) {
      const fs = new FaultyFs();
      const acknowledged: string[] = [];
      const appendSome = async (): Promise<void> => {
        const log = await openTestLog(directory, { fs, segmentBytes: 300 });
        await log.ensureTopic('a', { partitions: 1 });
        for (let i = 0; i < 6; i++) {
          const value = `${acknowledged.length}:${'x'.repeat(80)}`;
          const { offsets } = await log.append('a', [record('k', value)]);
          acknowledged[offsets[0] ?? 0] = value;
        }
        await log.close();
      };
      fs.operationsLeft = operationsLeft;
      completed = await appendSome().then(
        () => true,
        () => false,
      );
      fs.kill();
      // The one after it finds everything in the system's memory, and its own appends must hold on their own.
      const second = await openTestLog(directory, { fs, segmentBytes: 300 });
      await second.ensureTopic('a', { partitions: 1 });
      await second.append('a', [record('k', 'last')]);
      const before = await readAll(second, 'a', 0, 0);
      await second.close();
      fs.losePower(null);
      const third = await openTestLog(directory, { fs, segmentBytes: 300 });
      expect(await readAll(third, 'a', 0, 0), `killed after ${operationsLeft} operations`).toEqual(before);
      await third.close();
      acknowledged.forEach((value, offset) => {
        expect(before[offset]?.value).toBe(value);
      });
    }
  }, 60_000);

  it('gathers appends that come together into one sync a partition', async () => {
    const fs = new FaultyFs();
    const log = await openTestLog(directory, { fs });
    await log.ensureTopic('a', { partitions: 2 });
    await log.ensureTopic('b', { partitions: 1 });
    const before = fs.syncs;
    const sent = Array.from({ length: 100 }, (_, i) => log.append(i % 3 === 0 ? 'b' : 'a', [record(`key-${i}`, 'v')]));
    await Promise.all(sent);
    expect(fs.syncs - before).toBe(3);
    await log.close();
  });
});
