import { expect, test } from 'vitest';
import type { Correction } from '../src/correction.ts';
import { isOvertaken } from '../src/overtaken.ts';

const correction = (number: number, redactions?: number): Correction => ({
  ...{ format: 1, number, id: `c${number}`, stream: 'readings', kind: 'add', reverts: null, plannedAt: 5, asked: 'x' },
  ...{ reason: 'r', ticket: null, author: 'a', approver: null, idempotencyKey: `k${number}`, cut: [10], targets: null },
  ...{ added: null, touched: [], fingerprint: 'f' },
  ...(redactions === undefined ? {} : { redactions }),
});

test('E21: overtaken is what was planned before a redaction took effect and stands behind it', () => {
  // Two redactions in effect: the third and the sixth correction of the chain.
  const redactions = [2, 5];
  expect(isOvertaken(correction(3, 0), redactions)).toBe(true);
  expect(isOvertaken(correction(3, 1), redactions)).toBe(false);
  expect(isOvertaken(correction(6, 1), redactions)).toBe(true);
  expect(isOvertaken(correction(6, 2), redactions)).toBe(false);
});

test('what stands before every redaction was looked through, and what says nothing of it is from before', () => {
  expect(isOvertaken(correction(1, 0), [2, 5])).toBe(false);
  expect(isOvertaken(correction(6), [2, 5])).toBe(false);
  expect(isOvertaken(correction(6, 0), [])).toBe(false);
});
