import { boolean, date, decimal, instant, int, stream, text } from '@twofold/schemas';
import { addedSourceOf, type Correction } from '../src/index.ts';

export const readings = stream('readings', {
  fields: {
    sensor: text().maxLength(16),
    at: instant('ms'),
    value: decimal(2).between(-1000, 1000),
    count: int().optional(),
    wet: boolean().optional(),
    day: date().optional(),
  },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
});

/** A correction of some kind, with what a test says of it. */
export function correction(number: number, more: Partial<Correction<string>> = {}): Correction<string> {
  return {
    format: 1,
    number,
    id: `c${number}`,
    stream: readings.name,
    kind: 'retract',
    reverts: null,
    reason: 'r',
    ticket: null,
    author: 'a',
    approver: null,
    idempotencyKey: `k${number}`,
    plannedAt: 0,
    asked: '',
    cut: [100],
    targets: null,
    added: null,
    touched: [],
    fingerprint: '',
    ...more,
  };
}

export const addedOf = addedSourceOf;
