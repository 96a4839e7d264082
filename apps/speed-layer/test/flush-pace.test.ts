import { expect, test } from 'vitest';
import { FlushPace } from '../src/flush-pace.ts';

test('a flush that took long once, as when other processes have the processor, does not put off the next one', () => {
  const pace = new FlushPace(50);
  expect(pace.after(3)).toBe(50);
  pace.sawEnd();
  expect(pace.after(100)).toBe(50);
  pace.sawEnd();
  expect(pace.after(3)).toBe(50);
});

test('two that took long are followed by a multiple of that, a smaller one while the end of the log is seen', () => {
  const pace = new FlushPace(50);
  pace.after(30);
  expect(pace.after(40)).toBe(300);
  pace.sawEnd();
  expect(pace.after(40)).toBe(160);
  // Told of each flush anew.
  expect(pace.after(40)).toBe(400);
});

test('no flush is put off for longer than a bound', () => {
  const pace = new FlushPace(50);
  pace.after(5_000);
  expect(pace.after(5_000)).toBe(1_000);
  pace.sawEnd();
  expect(pace.after(5_000)).toBe(500);
});
