import { expect, it } from 'vitest';
import { createLimiter } from '../src/limiter.ts';

it('never has more calls under way than it is allowed, and serves them in order', async () => {
  const limit = createLimiter(3);
  const begun: number[] = [];
  const open = new Map<number, () => void>();
  const calls = Array.from({ length: 10 }, (_, i) =>
    limit(
      () =>
        new Promise<number>((resolve) => {
          begun.push(i);
          open.set(i, () => resolve(i));
        }),
    ),
  );
  let most = 0;
  for (let turn = 0; open.size > 0 || begun.length < 10; turn++) {
    most = Math.max(most, open.size);
    const [first] = open;
    if (first !== undefined) {
      open.delete(first[0]);
      first[1]();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
});

it('goes on after a call that failed', async () => {
  const limit = createLimiter(1);
  const failing = limit(() => Promise.reject(new TypeError('refused')));
  const next = limit(() => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('refused');
  expect(await next).toBe('done');
});
