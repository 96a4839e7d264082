import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator } from '../accumulator.ts';
import { mergeChunks } from '../chunk-merge.ts';
import { decodeChunk, encodeChunk } from '../chunk.ts';
import { createFold } from '../fold-columns.ts';
import type { BucketChunk, ComponentColumn, DimensionColumn, PartialColumns } from '../partials.ts';
import { componentKey } from '../components.ts';
import type { Expr } from '../expression.ts';
import { projectionOf } from '../view-projection.ts';
import type { Component, View } from '../view.ts';
import { chunks, instants, partialColumns, viewEvents } from './arbitraries.ts';
import { fieldExpr } from './field-expr.ts';
import { memoryColumns, type MemoryEvent } from './memory-columns.ts';

/** The laws that the partials of a view have to keep (views.md, Measures); fold and merge are what production runs. */
export function measureLaws(name: string, view: View): void {
  const widthMs = view.levels[0]?.widthMs ?? 1_000;
  const merge = (...list: Uint8Array[]): Uint8Array => mergeChunks(view, list).bytes;
  const same = (a: Uint8Array, b: Uint8Array): void => expect(plain(a)).toBe(plain(b));
  const some = chunks(view, widthMs, 8);

  describe(`partials of ${name}`, { timeout: 30_000 }, () => {
    it('are associative', () => {
      fc.assert(
        fc.property(some, some, some, (a, b, c) => {
          const together = merge(a, b, c);
          same(merge(merge(a, b), c), together);
          same(merge(a, merge(b, c)), together);
        }),
      );
    });

    it('are commutative', () => {
      fc.assert(
        fc.property(some, some, (a, b) => {
          same(merge(b, a), merge(a, b));
        }),
      );
    });

    it('have an identity', () => {
      const zero = merge();
      fc.assert(
        fc.property(some, (a) => {
          for (const sum of [merge(a, zero), merge(zero, a)]) same(sum, a);
        }),
      );
    });

    it('are normalised: equal values have one encoding, in whatever order they came', () => {
      const shuffled = partialColumns(view, widthMs).chain((columns) =>
        fc.tuple(
          fc.constant(columns),
          fc.shuffledSubarray(
            Array.from({ length: columns.count }, (_, row) => row),
            { minLength: columns.count },
          ),
        ),
      );
      fc.assert(
        fc.property(shuffled, ([columns, order]) => {
          const again = encodeChunk(view, reordered(columns, order), widthMs);
          same(again.bytes, encodeChunk(view, columns, widthMs).bytes);
        }),
      );
    });

    it('survive encoding: decode(encode(x)) = x', () => {
      fc.assert(
        fc.property(some, (bytes) => {
          const { columns } = decodeChunk(view, bytes);
          const again = decodeChunk(view, encodeChunk(view, columns, widthMs).bytes);
          expect(again.columns).toEqual(columns);
          same(encodeChunk(view, columns, widthMs).bytes, bytes);
        }),
      );
    });

    foldLaws(view, widthMs);
    projectionLaws(view);
  });
}

function foldLaws(view: View, widthMs: number): void {
  // Each event keeps its place, however the list is cut or turned: what is first or last depends on it.
  const events = viewEvents(view).map((list) => list.map((event, offset): MemoryEvent => ({ ...event, offset })));

  it('folded in one go = folded one by one', () => {
    fc.assert(
      fc.property(events, (list) => {
        const columns = memoryColumns(view.stream, list);
        const fold = createFold(view);
        const latest = new Map<number, BucketChunk>();
        for (let row = 0; row < list.length; row++) {
          fold.apply(columns, row, row + 1);
          for (const chunk of fold.takeDirty()) latest.set(chunk.bucket, chunk);
        }
        const byBucket = [...latest.values()].sort((a, b) => a.bucket - b.bucket);
        expect(byBucket.map(described)).toEqual(foldOf(view, list));
      }),
    );
  });

  it('folded in parts and merged = folded whole', () => {
    fc.assert(
      fc.property(events, fc.nat(24), (list, at) => {
        const accumulator = createAccumulator(view, { widthMs });
        for (const part of [list.slice(at), list.slice(0, at)]) {
          for (const { bytes } of chunksOf(view, part)) accumulator.addChunk(bytes);
        }
        expect(accumulator.toBucketChunks().map(described)).toEqual(foldOf(view, list));
      }),
    );
  });

  it('folded in another order of events = folded as they came', () => {
    fc.assert(
      fc.property(events, (list) => {
        expect(foldOf(view, list.toReversed())).toEqual(foldOf(view, list));
      }),
    );
  });

  it('do not depend on what was folded before `clear`', () => {
    fc.assert(
      fc.property(events, events, (before, list) => {
        const fold = createFold(view);
        fold.apply(memoryColumns(view.stream, before), 0, before.length);
        fold.clear();
        expect(fold.rows).toBe(0);
        fold.apply(memoryColumns(view.stream, list), 0, list.length);
        expect(fold.takeDirty().map(described)).toEqual(foldOf(view, list));
        expect(fold.takeDirty()).toEqual([]);
      }),
    );
  });
}

function projectionLaws(view: View): void {
  const wider = widerThan(view);
  if (view.window.kind === 'session') {
    it('are not summed from those of another view', () => {
      expect(projectionOf(wider, view)).toBeNull();
    });
    return;
  }
  it('summed from those of a view with more dimensions and components = folded, in panes as wide or wider', () => {
    const finest = view.levels[0]?.widthMs ?? 1_000;
    const range = fc.record({ from: instants, to: instants });
    const narrower = fc.constantFrom(
      view,
      ...conditionsOn(wider).map((where) => ({ ...view, where: both(view.where, where) })),
    );
    fc.assert(
      fc.property(
        viewEvents(wider),
        narrower,
        fc.constantFrom(finest, finest * 60),
        range,
        (list, of, widthMs, { from, to }) => {
          const projection = projectionOf(wider, of);
          if (projection === null) throw new TypeError('the wider view determines the view');
          const [ours, folded] = [createAccumulator(of, { widthMs }), createAccumulator(of, { widthMs })];
          for (const { bytes } of chunksOf(wider, list)) ours.addChunkOf(projection, bytes);
          for (const { bytes } of chunksOf(of, list)) folded.addChunk(bytes);
          expect(plain(ours.toChunk().bytes)).toBe(plain(folded.toChunk().bytes));
          const [some, same] = [createAccumulator(of, { widthMs }), createAccumulator(of, { widthMs })];
          for (const { bytes } of chunksOf(wider, list)) some.addChunkOf(projection, bytes, { from, to });
          for (const { bytes } of chunksOf(of, list)) same.addChunk(bytes, { paneFrom: from, paneBelow: to });
          expect(plain(some.toChunk().bytes)).toBe(plain(same.toChunk().bytes));
        },
      ),
    );
  });
}

/** Conditions over dimensions of a view, of each kind that asks something else of a key. */
function conditionsOn({ dimensions }: View): Expr[] {
  const type = { kind: 'boolean', nullable: true } as const;
  return dimensions.flatMap(({ expr }): Expr[] => {
    if (expr.op !== 'field') return [];
    const isNull: Expr = { type, op: 'isNull', of: expr };
    const literal: Expr = { type: expr.type, op: 'literal', value: expr.type.kind === 'text' ? 'a' : 0 };
    if (expr.type.kind === 'boolean') return [isNull, expr];
    return [
      isNull,
      { type, op: 'not', of: isNull },
      { type, op: 'gte', left: expr, right: literal },
      { type, op: 'eq', left: expr, right: literal },
    ];
  });
}

function both(where: Expr | null, more: Expr): Expr {
  return where === null ? more : { type: more.type, op: 'and', args: [where, more] };
}

/** Kinds of fields that are a number each. */
const NUMBERS: ReadonlySet<string> = new Set(['int', 'decimal', 'instant', 'boolean', 'date', 'float']);

/** A view of the same events that holds more, in another order. */
function widerThan(view: View): View {
  const { stream } = view;
  const ofKind = (isText: boolean) =>
    stream.fields
      .filter(({ type }) => (type.kind === 'text') === isText && (isText || NUMBERS.has(type.kind)))
      .slice(0, 2);
  const more = [...ofKind(true), ...ofKind(false)].map(({ name }) => ({
    name: `by ${name}`,
    expr: fieldExpr(stream, name),
  }));
  const [text, number] = [more[0], more.at(-1)];
  const extra: Component[] = [text, number].flatMap((each) =>
    each === undefined
      ? []
      : [{ kind: 'max', of: each.expr } as const, { kind: 'distinct', of: each.expr, precision: 4 } as const],
  );
  const [rows, ...others] = view.components;
  return {
    ...view,
    name: 'wider',
    dimensions: [...more, ...view.dimensions.toReversed()],
    components: [...(rows === undefined ? [] : [rows]), ...extra, ...others.toReversed()].filter(isFirstOfItsKey),
  };
}

function isFirstOfItsKey(component: Component, place: number, all: readonly Component[]): boolean {
  return all.findIndex((each) => componentKey(each) === componentKey(component)) === place;
}

function chunksOf(view: View, events: readonly MemoryEvent[]): BucketChunk[] {
  const fold = createFold(view);
  fold.apply(memoryColumns(view.stream, events), 0, events.length);
  return fold.takeDirty();
}

function foldOf(view: View, events: readonly MemoryEvent[]): string[] {
  return chunksOf(view, events).map(described);
}

/** Text is compared many times faster than arrays are. */
function plain(bytes: Uint8Array): string {
  return bytes.join(' ');
}

function described({ bucket, rows, bytes }: BucketChunk): string {
  return `bucket ${bucket}, ${rows} partials: ${plain(bytes)}`;
}

function reordered(columns: PartialColumns, order: readonly number[]): PartialColumns {
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(order, (row) => values[row] ?? 0);
  const bits = (values: Uint8Array): Uint8Array => Uint8Array.from(order, (row) => values[row] ?? 0);
  const column = <C extends ComponentColumn | DimensionColumn>(of: C): C => {
    if (of.kind === 'text') return { ...of, texts: order.map((row) => of.texts[row] ?? null) };
    if (of.kind === 'number') return { ...of, values: numbers(of.values), valid: bits(of.valid) };
    if (of.kind === 'count') return { ...of, values: numbers(of.values) };
    return {
      ...of,
      low: BigUint64Array.from(order, (row) => of.low[row] ?? 0n),
      high: BigInt64Array.from(order, (row) => of.high[row] ?? 0n),
    };
  };
  return {
    ...columns,
    panes: numbers(columns.panes),
    dimensions: columns.dimensions.map(column),
    components: columns.components.map(column),
  };
}
