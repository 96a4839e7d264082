import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartialTable } from '../src/partial-table.ts';
import { plainView } from './sample-views.ts';

const view = plainView(['sensorId'], [['total', 'sum', 'whole']]);

/** Panes of keys as events bring them: mostly the same or the next, at times one that was long before. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(fc.nat(12), fc.integer({ min: -40, max: 40 })) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
);

describe('slots of partials', () => {
  it('are one for each key and pane, in the order of first sight, and those of a key are given by rising pane', () => {
    const property = fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new PartialTable(view);
      for (let key = 0; key <= 12; key++) table.keys.intern(Uint8Array.of(key), 0, 1);
      const slots = new Map<string, number>();
      const panesOf = new Map<number, Set<number>>();
      for (const drawn of steps) {
        if (drawn === 'clear') {
          table.clear();
          slots.clear();
          panesOf.clear();
          continue;
        }
        const [key, pane] = drawn;
        const expected = slots.get(`${key} ${pane}`) ?? slots.size;
        slots.set(`${key} ${pane}`, expected);
        panesOf.set(key, (panesOf.get(key) ?? new Set()).add(pane));
        table.reserve(1);
        expect(table.slotOf(key, pane)).toBe(expected);
      }
      expect(table.rows).toBe(slots.size);
      const byKey = new Int32Array(table.rows);
      const starts = table.slotsByKey(byKey);
      const one = new Int32Array(table.rows);
      for (let key = 0; key <= 12; key++) {
        const expected = [...(panesOf.get(key) ?? [])].sort((a, b) => a - b);
        const panes = (some: Int32Array): number[] => [...some].map((slot) => table.panes[slot] ?? NaN);
        expect(panes(byKey.subarray(starts[key], starts[key + 1]))).toEqual(expected);
        expect(panes(one.subarray(0, table.slotsOf(key, one, 0)))).toEqual(expected);
      }
    });
    fc.assert(property);
  });
});
