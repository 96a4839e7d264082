import fc from 'fast-check';
import { tumbling, count, view, type View } from '@twofold/views';
import type { PartEntry } from '@twofold/view-store';
import { describe, expect, test } from 'vitest';
import { partMs, planBuild, surveyMs } from '../src/plan-build.ts';
import { DAY_MS, perSensor, readings, START } from './sample.ts';

const PART = partMs(60_000);

function part(from: number, widthMs = 60_000): PartEntry {
  const to = from + partMs(widthMs);
  return { part: `p${widthMs}.${from}`, widthMs, from, to, rows: 1, sha256: '', chunks: 1 };
}

const levelled: View = view('levelled', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': '30d', '1h': 'forever' },
  serve: [{ key: ['sensor'] }],
});

const first = Math.floor(START / PART) * PART;

describe('E14: what a build is made of', () => {
  test('E14: a late event makes the part of its own event time dirty, however old, and the rest is shared', () => {
    const base = [0, 1, 2, 3].map((i) => part(first + i * PART));
    const plan = planBuild(perSensor, [first + PART, first + 9 * PART], base, null);
    expect(plan.fresh.map((p) => p.from)).toEqual([first + PART, first + 9 * PART]);
    expect(plan.shared.map((p) => p.from)).toEqual([first, first + 2 * PART, first + 3 * PART]);
  });

  test('E14: nothing dirty shares everything; no base builds everything', () => {
    const base = [part(first)];
    expect(planBuild(perSensor, [], base, null)).toMatchObject({ fresh: [], shared: base });
    const place = { from: first, to: first + PART };
    expect(planBuild(perSensor, [first], null, null)).toMatchObject({
      fresh: [{ widthMs: 60_000, ...place, sources: [{ kind: 'archive', ...place }] }],
      shared: [],
    });
  });

  test('E14: retention lets go of whole expired parts of its level only', () => {
    const hourPart = partMs(3_600_000);
    const hour = part(Math.floor(first / hourPart) * hourPart, 3_600_000);
    const plan = planBuild(levelled, [first], [part(first + PART), hour], first + 2 * PART + 30 * DAY_MS);
    expect(plan.fresh.map((p) => p.widthMs)).toEqual([3_600_000]);
    expect(plan.shared).toEqual([]);
    const kept = planBuild(levelled, [], [part(first + PART), hour], first + 2 * PART + 30 * DAY_MS - 1);
    expect(kept.shared.map((p) => p.widthMs)).toEqual([60_000, 3_600_000]);
  });

  test('E14: whatever is dirty, each pane of base or dirty time is in exactly one part of a level', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
        (dirty, built) => {
          const base = built.map((i) => part(first + i * PART));
          const plan = planBuild(
            perSensor,
            dirty.map((i) => first + i * surveyMs(perSensor)),
            base,
            null,
          );
          for (const { sources } of plan.fresh) expect(sources.map(({ kind }) => kind)).toEqual(['archive']);
          const starts = [...plan.fresh, ...plan.shared].map((p) => p.from);
          expect([...starts].sort((a, b) => a - b)).toEqual(
            [...new Set([...dirty, ...built])].map((i) => first + i * PART).sort((a, b) => a - b),
          );
          expect(plan.fresh.length).toBe(dirty.length);
        },
      ),
    );
  });
});
