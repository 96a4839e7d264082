import { avg, count, derivedEvaluator, max, tumbling, view, ViewError, type Expr } from '@twofold/views';
import { describe, expect, it } from 'vitest';
import { readings } from './sensor-streams.ts';

describe('derived values', () => {
  const declared = view('derivedValues', {
    from: readings,
    version: 1,
    window: tumbling('1m'),
    dimensions: () => ({}),
    measures: (e) => ({ n: count(), a: avg(e.starts), b: max(e.serial) }),
    derived: (m) => ({
      share: m.a.dividedBy(m.b),
      excess: m.a.minus(m.b).abs().times(2).plus(m.n),
      filled: m.a.orElse(m.b.negated()).orElse(-1),
      alarm: m.a
        .greaterThan(3)
        .and(m.b.atMost(5).or(m.n.equals(0)))
        .and(m.a.isNull().not()),
      differs: m.a.notEquals(m.b).or(m.a.lessThan(0)).or(m.b.atLeast(100)),
    }),
    levels: { '1m': 'forever' },
    serve: [{ key: [] }],
  });

  function derive(values: Readonly<Record<string, number | null>>): Record<string, number | null> {
    return Object.fromEntries(
      declared.derived.map(({ name, expr }) => [name, derivedEvaluator(expr)((measure) => values[measure] ?? null)]),
    );
  }

  it('are doubles over finished measures', () => {
    expect(derive({ n: 4, a: 4.5, b: 2 })).toEqual({ share: 2.25, excess: 9, filled: 4.5, alarm: 1, differs: 1 });
  });

  it('are null where a measure is, where they divide by zero and where they overflow', () => {
    expect(derive({ n: 4, a: null, b: 2 })).toEqual({ share: null, excess: null, filled: -2, alarm: 0, differs: null });
    expect(derive({ n: 4, a: 1, b: 0 })).toMatchObject({ share: null });
    expect(derive({ n: 4, a: 0, b: 0 })).toMatchObject({ share: null, excess: 4 });
    expect(derive({ n: 4, a: 1e308, b: -1e308 })).toMatchObject({ excess: null, share: -1 });
    expect(derive({ n: 4, a: null, b: null })).toMatchObject({ filled: -1, differs: null });
  });

  it('know no operator that is for integers only', () => {
    const share = declared.derived[0]?.expr;
    const remainder = { ...share, op: 'remainder' } as Expr;
    expect(() => derivedEvaluator(remainder)).toThrow(ViewError);
  });
});
