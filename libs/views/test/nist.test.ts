import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decimal, instant, stream, text } from '@twofold/schemas';
import {
  avg,
  createAccumulator,
  createFold,
  mergeChunks,
  presentTotal,
  quantile,
  stddev,
  tumbling,
  view,
  type View,
} from '@twofold/views';
import { memoryColumns } from '@twofold/views/testing';
import { describe, expect, it } from 'vitest';

/** A data set of NIST StRD: values as whole numbers of 10^-scale, and what is certified of them. */
interface Certified {
  readonly name: string;
  readonly scale: number;
  readonly mean: string;
  readonly deviation: string;
  readonly values: readonly number[];
}

const sets = JSON.parse(readFileSync(path.join(import.meta.dirname, 'data/nist-strd.json'), 'utf8')) as Certified[];

function viewOf(scale: number): View {
  const numbers = stream('certified', {
    fields: { id: text(), at: instant('ms'), value: decimal(scale).between(-20_000_000, 20_000_000) },
    id: ['id'],
    eventTime: 'at',
  });
  return view('certified', {
    from: numbers,
    version: 1,
    dimensions: () => ({}),
    window: tumbling('1h'),
    measures: (e) => ({ mean: avg(e.value), deviation: stddev(e.value), middle: quantile(e.value, 0.5) }),
    levels: { '1h': 'forever' },
    serve: [{ key: [] }],
  });
}

/** Decimal digits in which two numbers agree; a double has at most 16. */
function digits(found: unknown, certified: string): number {
  const off = Math.abs(Number(found) - Number(certified)) / Math.abs(Number(certified));
  return off === 0 ? 16 : -Math.log10(off);
}

describe('means and standard deviations certified by NIST', () => {
  it('are all here', () => {
    expect(sets.map(({ name, values }) => `${name} ${values.length}`)).toEqual([
      'Lew 200',
      'Lottery 218',
      'Mavro 50',
      'NumAcc1 3',
      'NumAcc2 1001',
      'NumAcc3 1001',
    ]);
  });

  it.each(sets)('are met to the digits they are given in, in whatever parts: $name', (set) => {
    const of = viewOf(set.scale);
    for (const parts of [1, 2, 3, 7]) {
      const chunks = Array.from({ length: parts }, (_, part) => {
        const events = set.values.flatMap((value, at) =>
          at % parts === part ? [{ time: at, values: { id: String(at), at, value } }] : [],
        );
        const fold = createFold(of);
        fold.apply(memoryColumns(of.stream, events), 0, events.length);
        return fold.takeDirty().map(({ bytes }) => bytes);
      });
      const accumulator = createAccumulator(of, { widthMs: 3_600_000 });
      accumulator.addChunk(mergeChunks(of, chunks.flat()).bytes);
      const { measures } = presentTotal(of, accumulator);
      // What is certified has 15 digits.
      expect(digits(measures['mean']?.[0], set.mean)).toBeGreaterThanOrEqual(14.9);
      expect(digits(measures['deviation']?.[0], set.deviation)).toBeGreaterThanOrEqual(14.9);
      const middle = set.values.toSorted((a, b) => a - b)[Math.ceil(set.values.length / 2) - 1] ?? NaN;
      const found = Number(measures['middle']?.[0]) * 10 ** set.scale;
      expect(Math.abs(found - middle)).toBeLessThanOrEqual(Math.abs(middle) * 2 ** -7 + 1e-6);
    }
  });
});
