import { expect, test } from 'vitest';
import { SideFolds, type SideFold } from '../src/side-folds.ts';
import { baseNext, passes, startWorker } from './worker-world.ts';
import { events, registered, surroundings, TOPIC } from './sample.ts';

/** One whose writes end when they are told to. */
function sideFold(pendingBytes = 0) {
  const flushes: { readonly end: (error?: Error) => void }[] = [];
  const fold: SideFold = {
    finished: false,
    next: Infinity,
    pendingBytes,
    apply: () => undefined,
    flush: () =>
      new Promise((resolve, reject) => {
        flushes.push({ end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  };
  return { fold, flushes };
}

const { signal } = new AbortController();

test('one write at a time is asked of a fold', async () => {
  const { fold, flushes } = sideFold();
  const sides = new SideFolds([fold], 100);
  await sides.flush(signal);
  await sides.flush(signal);
  expect(flushes.length).toBe(1);
  flushes[0]?.end();
  await sides.settled();
  await sides.flush(signal);
  expect(flushes.length).toBe(2);
});

test('what ended a write is thrown at the next call', async () => {
  const { fold, flushes } = sideFold();
  const sides = new SideFolds([fold], 100);
  await sides.flush(signal);
  flushes[0]?.end(new Error('gone'));
  await expect(sides.settled()).rejects.toThrow('gone');
  await expect(sides.flush(signal)).rejects.toThrow('gone');
});

test('a fold with more than the bound waiting is waited for', async () => {
  const { fold, flushes } = sideFold(101);
  const sides = new SideFolds([fold], 100);
  await sides.flush(signal);
  let over = false;
  const next = sides.flush(signal).then(() => (over = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(over).toBe(false);
  flushes[0]?.end();
  await next;
  expect(flushes.length).toBe(2);
});

test('rows become durable while an alarm of the partition is still being written', async () => {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(100, 5));
  await registered(around.log, around.store);
  const { fold, flushes } = sideFold();
  const worker = startWorker(around, { sides: [fold] });
  await passes(around.clock, 1_000);
  expect(flushes.length).toBe(1);
  expect(await baseNext(around.store)).toBe(100);
  flushes[0]?.end();
  const stopped = worker.stop();
  await passes(around.clock, 100);
  for (const { end } of flushes) end();
  await stopped;
  expect(worker.ended.error).toBeNull();
});
