import { virtualClock } from '@twofold/service/testing';
import { expect, it } from 'vitest';
import { runWanted, type Work } from '../src/run-wanted.ts';

/** Work that notes when it begins and ends, and drains for `drainMs`. */
function bench(drainMs: number) {
  const clock = virtualClock();
  const log: string[] = [];
  const wanted = new Set<string>();
  const stop = new AbortController();
  const piece = (name: string) => async (signal: AbortSignal) => {
    log.push(`${name} begins`);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await clock.sleep(drainMs);
    log.push(`${name} ends`);
  };
  const work = (): Work => new Map([...wanted].map((name) => [name, piece(name)]));
  const done = runWanted({ wanted: () => Promise.resolve(work()), everyMs: 10, clock }, stop.signal);
  return { clock, log, wanted, stop, done };
}

it('starts what is wanted, stops what is wanted no more, and starts again only after it has drained', async () => {
  const { clock, log, wanted, stop, done } = bench(25);
  wanted.add('a').add('b');
  await clock.advance(10);
  expect(log).toEqual(['a begins', 'b begins']);
  wanted.delete('a');
  await clock.advance(10);
  wanted.add('a');
  await clock.advance(20);
  expect(log).toEqual(['a begins', 'b begins']);
  await clock.advance(20);
  expect(log).toEqual(['a begins', 'b begins', 'a ends', 'a begins']);
  stop.abort();
  await clock.advance(30);
  await done;
  expect(log.slice(4).sort()).toEqual(['a ends', 'b ends']);
});

it('stops the others and rejects when one fails', async () => {
  const clock = virtualClock();
  const ended: string[] = [];
  const failure = new TypeError('the store is gone');
  const work: Work = new Map([
    [
      'good',
      (signal: AbortSignal) =>
        new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())).then(
          () => void ended.push('good'),
        ),
    ],
    ['bad', () => Promise.reject(failure)],
  ]);
  const done = runWanted({ wanted: () => Promise.resolve(work), everyMs: 10, clock }, new AbortController().signal);
  const rejected = expect(done).rejects.toBe(failure);
  await clock.advance(10);
  await rejected;
  expect(ended).toEqual(['good']);
});
