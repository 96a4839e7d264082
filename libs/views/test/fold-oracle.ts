import { RecordClass } from '@twofold/schemas';
import { expect } from 'vitest';
import { decodeChunk } from '../src/chunk.ts';
import { bucketOf, decodeKey, type KeyValue } from '../src/key.ts';
import type { BucketChunk, ComponentColumn } from '../src/partials.ts';
import { naiveBins } from '../src/testing/naive-bins.ts';
import { naiveDistinct } from '../src/testing/naive-distinct.ts';
import type { MemoryEvent } from '../src/testing/memory-columns.ts';
import type { Component, View } from '../src/view.ts';

export type Values = readonly (bigint | string | null)[];

/** Folds events as a person would: a map, big integers, one event at a time. Key and pane → components. */
export function oracle(of: View, events: readonly MemoryEvent[]): Map<string, Values> {
  const groups = new Map<string, MemoryEvent[]>();
  for (const event of events) {
    if (event.class !== undefined && event.class !== RecordClass.applied) continue;
    const key = of.dimensions.map(({ expr }): KeyValue => {
      const value = expr.op === 'field' ? (event.values[expr.field] ?? null) : null;
      return expr.type.kind === 'boolean' && value !== null ? value === 1 : value;
    });
    const width = BigInt(of.levels[0]?.widthMs ?? 1_000);
    const pane = BigInt(event.time) - (((BigInt(event.time) % width) + width) % width);
    const name = JSON.stringify([key, String(pane)]);
    groups.set(name, [...(groups.get(name) ?? []), event]);
  }
  return new Map([...groups].map(([name, list]) => [name, of.components.map((c) => component(c, list))]));
}

function component(of: Component, events: readonly MemoryEvent[]): bigint | string | null {
  if (of.kind === 'rows') return BigInt(events.length);
  if (of.kind === 'lastTime') return BigInt(Math.max(...events.map(({ time }) => time)));
  if (of.kind === 'reducer') throw new TypeError('reducers have a test of their own');
  const field = of.of.op === 'field' ? of.of.field : '';
  const values = events.flatMap(({ values: all }) => all[field] ?? []);
  if (of.kind === 'count') return BigInt(values.length);
  if (of.kind === 'sum') return values.reduce<bigint>((total, x) => total + BigInt(x), 0n);
  if (of.kind === 'sumSquares') return values.reduce<bigint>((total, x) => total + BigInt(x) ** 2n, 0n);
  if (of.kind === 'distinct') return naiveDistinct(values, of.precision);
  if (of.kind === 'bins') return naiveBins(values.map(Number), of.bits);
  const sorted = values.toSorted((a, b) =>
    typeof a === 'number' ? a - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(String(b))),
  );
  const extreme = (of.kind === 'min' ? sorted[0] : sorted.at(-1)) ?? null;
  return typeof extreme === 'number' ? BigInt(extreme) : extreme;
}

/** What chunks hold, in the oracle's form. */
export function contents(of: View, chunks: readonly BucketChunk[]): Map<string, Values> {
  const found = new Map<string, Values>();
  for (const { bytes, bucket, rows } of chunks) {
    const { columns, keys, keyOfRow } = decodeChunk(of, bytes);
    expect(columns.count).toBe(rows);
    for (let row = 0; row < columns.count; row++) {
      const key = keys[keyOfRow[row] ?? 0] ?? new Uint8Array(0);
      expect(bucketOf(of, key)).toBe(bucket);
      const name = JSON.stringify([decodeKey(of, key), String(columns.panes[row])]);
      found.set(
        name,
        columns.components.map((column) => cell(column, row)),
      );
    }
  }
  return found;
}

function cell(column: ComponentColumn, row: number): bigint | string | null {
  if (column.kind === 'text') return column.texts[row] ?? null;
  if (column.kind === 'sum') return ((column.high[row] ?? 0n) << 64n) + (column.low[row] ?? 0n);
  if (column.kind === 'number' && column.valid[row] === 0) return null;
  return BigInt(column.values[row] ?? 0);
}
