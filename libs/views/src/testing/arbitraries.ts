import { canonicalJson, listText, RecordClass, type Field } from '@twofold/schemas';
import fc from 'fast-check';
import { encodeChunk } from '../chunk.ts';
import { DistinctSet } from '../distinct-set.ts';
import type { ComponentColumn, DimensionColumn, PartialColumns } from '../partials.ts';
import type { ReducerValue } from '../reducer.ts';
import { ValueCounts } from '../value-counts.ts';
import type { Component, Dimension, ReducerInput, View } from '../view.ts';
import { paneOf } from '../pane-of.ts';
import { paneWidth } from '../window-of.ts';
import type { MemoryEvent } from './memory-columns.ts';
import { naiveBins } from './naive-bins.ts';

const limit = 2 ** 53;

/** Integers of a range: often its ends, zero, powers of two and their neighbours. */
export function integers(min: number, max: number): fc.Arbitrary<number> {
  const powers = fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -1, max: 1 }), fc.constantFrom(1, -1))
    .map(([power, by, sign]) => sign * (2 ** power + by) + 0);
  return fc
    .oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(min, max),
      powers,
      fc.maxSafeInteger(),
      fc.double({ min, max, noNaN: true }).map((value) => Math.trunc(value) + 0),
    )
    .map((value) => Math.min(max, Math.max(min, value)) + 0);
}

/** Text of any code points: NUL, astral and combining ones too. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'aa', '\u0000', '￿', '\u{10000}', 'é', 'é'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

/** Instants that share panes now and then, negative ones too. */
export const instants: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -5_000, max: 5_000 }),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_120_000 }),
  fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
);

/** Events of a view's stream, some of them duplicate or rejected. Fields that the view does not read are null. */
export function viewEvents(view: View, maxLength = 24): fc.Arbitrary<MemoryEvent[]> {
  const read = JSON.stringify([view.where, view.dimensions, view.components]);
  const fields = view.stream.fields.filter(({ name }) => read.includes(`"field":"${name}"`));
  const values = fc.record(Object.fromEntries(fields.map((field) => [field.name, fieldValues(field)])));
  const classes = fc.oneof(
    { weight: 6, arbitrary: fc.constant(RecordClass.applied) },
    { weight: 1, arbitrary: fc.constantFrom(RecordClass.duplicate, RecordClass.rejected) },
  );
  return fc.array(fc.record({ time: instants, values, class: classes }), { maxLength });
}

function fieldValues(field: Field): fc.Arbitrary<number | string | null> {
  const present = presentValues(field);
  return field.optional ? fc.option(present, { freq: 4 }) : present;
}

function presentValues(field: Field): fc.Arbitrary<number | string> {
  switch (field.type.kind) {
    case 'enumeration':
      return fc.constantFrom(...field.type.values);
    case 'uuid':
      return fc.uuid();
    case 'bytes':
      return fc.constantFrom('', 'AA==', 'AAA=', 'AAAA', '+/+/AQI=');
    case 'list':
      return fc.array(fc.oneof(fc.integer({ min: -2, max: 2 }), texts), { maxLength: 4 }).map(listText);
    case 'text':
      return texts;
    case 'boolean':
      return fc.constantFrom(0, 1);
    default:
      return integers(field.min ?? -limit, field.max ?? limit);
  }
}

/** Partials of a view, of any values that its columns can hold; sums stay within 124 bits, so that a few can be added. */
export function partialColumns(view: View, widthMs: number, maxLength = 20): fc.Arbitrary<PartialColumns> {
  const row = fc.record({
    pane: instants.map((time) => paneOf(time, paneWidth(view, widthMs))),
    dimensions: fc.tuple(...view.dimensions.map(dimensionValues)),
    components: fc.tuple(...view.components.map(componentValues)),
  });
  const bucketMs = view.levels[0]?.widthMs ?? 1;
  return fc.array(row, { maxLength }).map((rows) => ({
    count: rows.length,
    dimensions: view.dimensions.map(({ expr }, i): DimensionColumn => {
      const values = rows.map(({ dimensions }) => dimensions[i] ?? null);
      return expr.type.kind === 'text' ? textColumn(values) : numberColumn(values);
    }),
    panes: Float64Array.from(rows, ({ pane }) => pane),
    partitions: null,
    slices: null,
    components: view.components.map((component, i) =>
      componentColumn(
        component,
        rows.map(({ pane, components }) => {
          const value = components[i] ?? null;
          if (component.kind !== 'lastTime') return value;
          // An interval ends in the bucket in which it begins.
          return Math.min(pane + Number(value), paneOf(pane, bucketMs) + bucketMs - 1);
        }),
      ),
    ),
  }));
}

/** Chunks of a view. */
export function chunks(view: View, widthMs: number, maxLength = 20): fc.Arbitrary<Uint8Array> {
  return partialColumns(view, widthMs, maxLength).map((columns) => encodeChunk(view, columns, widthMs).bytes);
}

type Value = number | bigint | string | null;

function dimensionValues({ expr }: Dimension): fc.Arbitrary<Value> {
  if (expr.type.kind === 'text') return fc.option(texts);
  return fc.option(expr.type.kind === 'boolean' ? fc.integer({ min: 0, max: 1 }) : integers(-limit, limit));
}

function componentValues(component: Component): fc.Arbitrary<Value> {
  switch (component.kind) {
    case 'rows':
      return fc.integer({ min: 1, max: 2 ** 40 });
    case 'lastTime':
      return fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 }));
    case 'count':
      return fc.integer({ min: 0, max: 2 ** 40 });
    case 'sum':
      return fc.oneof(fc.bigInt({ min: -(2n ** 124n), max: 2n ** 124n }), integers(-limit, limit).map(BigInt));
    case 'sumSquares':
      return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 124n }), integers(0, limit).map(BigInt));
    case 'distinct':
      return distinctTexts(component.precision);
    case 'bins':
      return fc.array(integers(-limit, limit), { maxLength: 40 }).map((values) => naiveBins(values, component.bits));
    case 'histogram':
      return binnedTexts(component.edges.length);
    case 'countBy':
      return countedTexts(component.atMost);
    case 'first':
    case 'last':
      return placedTexts(component.of.type.kind === 'text');
    case 'reducer':
      return reducedTexts(component);
    default:
      return component.of.type.kind === 'text' ? fc.option(texts) : fc.option(integers(-limit, limit));
  }
}

/** Counts of some of the bins between so many edges. */
function binnedTexts(edges: number): fc.Arbitrary<string> {
  const bins = fc.subarray(Array.from({ length: edges + 1 }, (_, bin) => bin));
  return bins.chain((some) =>
    fc
      .tuple(...some.map((bin) => fc.integer({ min: 1, max: 2 ** 40 }).map((count) => `${bin}:${count}`)))
      .map((all) => all.join()),
  );
}

/** Counts of few values, and of too many. */
function countedTexts(atMost: number): fc.Arbitrary<string> {
  const times = fc.integer({ min: 1, max: 2 ** 30 });
  return fc.array(fc.tuple(texts, times), { maxLength: Math.min(atMost + 2, 30) }).map((all) => {
    const counts = new ValueCounts(atMost);
    for (const [value, count] of all) counts.add(value, count);
    return counts.text();
  });
}

/** At one place there is one value: a place is an event. */
function placedTexts(isText: boolean): fc.Arbitrary<string> {
  const place = fc.tuple(instants, fc.nat(2), fc.nat(3));
  return fc.option(place, { nil: null }).map((at) => {
    if (at === null) return '';
    const [time, partition, offset] = at;
    const number = (time % 1_000) * 7 + partition * 3 + offset;
    return `${time} ${partition} ${offset} ${isText ? ['', ' a b', '\u{10000}', 'é'][Math.abs(number) % 4] : number + 0}`;
  });
}

/** States as events make them. */
function reducedTexts({ inputs, reducer }: Extract<Component, { kind: 'reducer' }>): fc.Arbitrary<string> {
  const values = fc.record(Object.fromEntries(inputs.map((input) => [input.name, reducerValues(input)])));
  return fc
    .array(values, { maxLength: 4 })
    .map((events) => canonicalJson(events.map(reducer.lift).reduce(reducer.plus, reducer.zero)));
}

function reducerValues({ expr: { type } }: ReducerInput): fc.Arbitrary<ReducerValue> {
  const present: fc.Arbitrary<ReducerValue> =
    type.kind === 'text' ? texts : type.kind === 'boolean' ? fc.boolean() : fc.integer({ min: -1_000, max: 1_000 });
  return type.nullable ? fc.option(present) : present;
}

/** Sets of few hashes and of many; often the same ones, and such as differ in their last bits only. */
function distinctTexts(precision: number): fc.Arbitrary<string> {
  const half = fc.oneof(fc.constantFrom(0, 1, 2 ** 29, 2 ** 30 - 1), fc.integer({ min: 0, max: 2 ** 30 - 1 }));
  const most = Math.min(2 ** precision, 300);
  return fc.array(fc.tuple(half, half), { maxLength: most }).map((hashes) => {
    const set = new DistinctSet(precision);
    for (const [high, low] of hashes) set.add(high, low);
    return set.text();
  });
}

function componentColumn(component: Component, values: readonly Value[]): ComponentColumn {
  switch (component.kind) {
    case 'rows':
    case 'count':
      return { kind: 'count', values: Float64Array.from(values, Number) };
    case 'sum':
    case 'sumSquares':
      return {
        kind: 'sum',
        low: BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(value ?? 0))),
        high: BigInt64Array.from(values, (value) => BigInt(value ?? 0) >> 64n),
      };
    case 'distinct':
    case 'bins':
    case 'histogram':
    case 'countBy':
    case 'first':
    case 'last':
    case 'reducer':
      return textColumn(values);
    case 'lastTime':
      return numberColumn(values);
    default:
      return component.of.type.kind === 'text' ? textColumn(values) : numberColumn(values);
  }
}

function textColumn(values: readonly Value[]): {
  readonly kind: 'text';
  readonly texts: readonly (string | null)[];
} {
  return { kind: 'text', texts: values.map((value) => (typeof value === 'string' ? value : null)) };
}

function numberColumn(values: readonly Value[]): {
  readonly kind: 'number';
  readonly values: Float64Array;
  readonly valid: Uint8Array;
} {
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) => Number(value ?? 99)),
    valid: Uint8Array.from(values, (value) => (value === null ? 0 : 1)),
  };
}
