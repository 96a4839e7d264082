import { describe, expect, it } from 'vitest';
import { type Clock, Semaphore, systemClock, withDeadline } from '@twofold/service';
import { virtualClock } from '@twofold/service/testing';

describe.each<[string, () => Clock]>([
  ['the system clock', systemClock],
  ['the virtual clock', virtualClock],
])('%s', (_name, make) => {
  it('rejects a sleep with the reason of its signal, before and during it', async () => {
    const clock = make();
    const stop = new AbortController();
    const sleeping = clock.sleep(60_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough');
  });
});

describe('the system clock', () => {
  it('sleeps at least as long as asked', async () => {
    const clock = systemClock();
    const before = clock.monotonic();
    await clock.sleep(20);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(19);
  });
});

describe('the virtual clock', () => {
  it('wakes sleepers in the order they are due, and settles each before the next', async () => {
    const clock = virtualClock(1_000);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.monotonic()}`);
    };
    void sleeper('late', 30);
    void sleeper('early', 10).then(() => sleeper('again', 10));
    await clock.advance(25);
    expect(woken).toEqual(['early@10', 'again@20']);
    expect([clock.now(), clock.monotonic(), clock.sleepers]).toEqual([1_025, 25, 1]);
  });

  it('keeps its monotonic time when the wall clock is set back', () => {
    const clock = virtualClock(1_000);
    clock.setWall(10);
    expect([clock.now(), clock.monotonic()]).toEqual([10, 0]);
  });
});

describe('withDeadline', () => {
  it('gives what the work gives, and leaves no timer behind', async () => {
    const clock = virtualClock();
    expect(await withDeadline(clock, 100, undefined, async () => 7)).toBe(7);
    expect(clock.sleepers).toBe(0);
  });

  it('rejects at the deadline even if the work takes no notice, and aborts its signal', async () => {
    const clock = virtualClock();
    let seen: AbortSignal | undefined;
    const result = withDeadline(clock, 100, undefined, (signal) => {
      seen = signal;
      return new Promise<void>(() => undefined);
    });
    const rejected = expect(result).rejects.toMatchObject({ code: 'DEADLINE_PASSED', retryable: true });
    await clock.advance(100);
    await rejected;
    expect(seen?.aborted).toBe(true);
  });

  it('passes the caller’s abort on to the work', async () => {
    const caller = new AbortController();
    const result = withDeadline(virtualClock(), 100, caller.signal, async (signal) => {
      caller.abort(new Error('gone'));
      signal.throwIfAborted();
    });
    await expect(result).rejects.toThrow('gone');
  });
});

describe('the semaphore', () => {
  it('never lets more run than it has permits, and lets everybody run in order', async () => {
    const clock = virtualClock();
    const semaphore = new Semaphore(2);
    let running = 0;
    let runningMax = 0;
    const started: number[] = [];
    const all = Promise.all(
      Array.from({ length: 7 }, (_, index) =>
        semaphore.run(async () => {
          started.push(index);
          runningMax = Math.max(runningMax, ++running);
          await clock.sleep(10);
          running -= 1;
        }),
      ),
    );
    await clock.advance(100);
    await all;
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([runningMax, running]).toEqual([2, 0]);
  });

  it('gives the permit back when the work fails', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await semaphore.run(async () => 'next')).toBe('next');
  });

  it('lets a waiter leave when its signal is aborted, without losing a permit', async () => {
    const semaphore = new Semaphore(1);
    let release = () => undefined as void;
    const first = semaphore.run(() => new Promise<void>((resolve) => (release = resolve)));
    const leaver = new AbortController();
    const second = semaphore.run(async () => 'second', leaver.signal);
    const third = semaphore.run(async () => 'third');
    leaver.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    release();
    await first;
    expect(await third).toBe('third');
  });
});
