import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChunk } from '../src/chunk.ts';
import { createFold } from '../src/fold-columns.ts';
import { createInputs } from '../src/fold-inputs.ts';
import type { ComponentColumn } from '../src/partials.ts';
import { memoryColumns, MemoryDictionary, type MemoryEvent } from '../src/testing/memory-columns.ts';
import type { View } from '../src/view.ts';
import { plainView, readings } from './sample-views.ts';

const wide = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 52, 2 ** 52 - 1, -(2 ** 52), 2 ** 53 - 1),
);
const event: fc.Arbitrary<MemoryEvent> = fc.record({
  time: fc.nat(3_000),
  values: fc.record({
    sensorId: fc.constantFrom('a', 'b'),
    whole: wide,
    pressure: fc.option(fc.integer({ min: -2, max: 2 }), { freq: 3 }),
    wide: fc.option(fc.constantFrom(0, 2 ** 43, -(2 ** 43), 5), { freq: 3 }),
  }),
});

/** Each of these reads a field that no other component reads. */
const alone = plainView(
  ['sensorId'],
  [
    ['total', 'sum', 'whole'],
    ['least', 'min', 'pressure'],
    ['most', 'max', 'wide'],
  ],
);
/** The same, and others that read the same fields, so that their numbers are copied. */
const together = plainView(
  ['sensorId'],
  [
    ['total', 'sum', 'whole'],
    ['least', 'min', 'pressure'],
    ['most', 'max', 'wide'],
    ['again', 'max', 'whole'],
    ['highest', 'max', 'pressure'],
    ['lowest', 'min', 'wide'],
  ],
);

/** By kind and field: what the fold says of every partial. */
function folded(of: View, events: readonly MemoryEvent[]): Map<string, ComponentColumn[]> {
  const fold = createFold(of);
  fold.apply(memoryColumns(readings, events, new MemoryDictionary()), 0, events.length);
  const chunks = fold.takeDirty().map(({ bytes }) => decodeChunk(of, bytes).columns.components);
  return new Map(
    of.components.map((component, i) => {
      const field = 'of' in component && component.of.op === 'field' ? component.of.field : '';
      return [`${component.kind} ${field}`, chunks.flatMap((columns) => columns[i] ?? [])];
    }),
  );
}

describe('a field that only one component reads', () => {
  it('is taken from its column, and gives what a copy of it gives, nulls and sums beyond 2^53 included', () => {
    expect(createInputs(alone).fieldOf.filter((field) => field >= 0)).toHaveLength(3);
    expect(createInputs(together).fieldOf.filter((field) => field >= 0)).toHaveLength(0);
    const property = fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const [taken, copied] = [folded(alone, events), folded(together, events)];
      for (const [component, columns] of taken) expect(columns).toEqual(copied.get(component));
    });
    fc.assert(property);
  });
});
