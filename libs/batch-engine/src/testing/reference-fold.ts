import { RecordClass } from '@twofold/schemas';
import type { Component, Expr, View } from '@twofold/views';
import { naiveBins, naiveDistinct } from '@twofold/views/testing';
import type { EventFile, SourceEvent } from './source-events.ts';

/** A partial in words that can be compared and read: key and place, and the components in the view's order. */
export type PartialText = string;

export interface ReferenceOptions {
  readonly widthMs: number;
  readonly sliceSize?: number;
  /** Which of the view's events count; all, unless told. */
  readonly where?: (event: SourceEvent) => boolean;
}

interface PlacedEvent extends SourceEvent {
  readonly partition: number;
}

/** The partials of all applied events, by the plainest program there is: lists of events, exact integers, no columns. */
export function referenceFold(view: View, files: readonly EventFile[], options: ReferenceOptions): PartialText[] {
  const groups = new Map<string, PlacedEvent[]>();
  for (const { partition, events } of files)
    for (const plain of events) {
      const event: PlacedEvent = { ...plain, partition };
      if ((event.class ?? RecordClass.applied) !== RecordClass.applied || options.where?.(event) === false) continue;
      const { widthMs, sliceSize } = options;
      const key = view.dimensions.map(({ expr }) => valueOf(expr, event));
      const pane = Math.floor(event.time / widthMs) * widthMs + 0;
      const slice = sliceSize === undefined ? [] : [partition, event.offset - (event.offset % sliceSize)];
      const place = JSON.stringify([key, pane, ...slice]);
      const group = groups.get(place);
      if (group === undefined) groups.set(place, [event]);
      else group.push(event);
    }
  return [...groups]
    .flatMap(([place, events]) => intervalsOf(view, place, events))
    .map(([place, events]) =>
      partialText(
        place,
        view.components.map((component) => componentText(component, events)),
      ),
    )
    .sort();
}

/** The events of a place; of a session view, parted where the gap is passed, with their first times in place of panes. */
function intervalsOf(view: View, place: string, events: PlacedEvent[]): [place: string, events: PlacedEvent[]][] {
  if (view.window.kind !== 'session') return [[place, events]];
  const intervals: PlacedEvent[][] = [];
  let last = -Infinity;
  for (const event of events.toSorted((a, b) => a.time - b.time)) {
    if (event.time - last <= view.window.gapMs) intervals.at(-1)?.push(event);
    else intervals.push([event]);
    last = event.time;
  }
  const [key, , ...slice] = JSON.parse(place) as unknown[];
  return intervals.map((some) => [JSON.stringify([key, some[0]?.time, ...slice]), some]);
}

export function partialText(place: string, components: readonly string[]): PartialText {
  return `${place}: ${components.join(' ')}`;
}

function componentText(component: Component, events: readonly PlacedEvent[]): string {
  if (component.kind === 'rows') return String(events.length);
  if (component.kind === 'lastTime') return String(Math.max(...events.map(({ time }) => time)));
  if (component.kind === 'reducer') throw new TypeError('engine views have no reducer');
  const { of } = component;
  const values = events.map((event) => valueOf(of, event)).filter((value) => value !== null);
  const integers = (): bigint[] => values.map((value) => BigInt(value));
  switch (component.kind) {
    case 'count':
      return String(values.length);
    case 'sum':
      return String(integers().reduce((sum, value) => sum + value, 0n));
    case 'sumSquares':
      return String(integers().reduce((sum, value) => sum + value * value, 0n));
    case 'min':
      return JSON.stringify(values.sort(compareValues)[0] ?? null);
    case 'max':
      return JSON.stringify(values.sort(compareValues).at(-1) ?? null);
    case 'distinct':
      return JSON.stringify(naiveDistinct(values, component.precision));
    case 'bins':
      return JSON.stringify(naiveBins(values.map(Number), component.bits));
    case 'histogram':
      return JSON.stringify(histogramText(values.map(Number), component.edges));
    case 'countBy':
      return JSON.stringify(countedText(values.map(String), component.atMost));
    case 'first':
    case 'last':
      return JSON.stringify(placedText(component.kind, of, events));
  }
}

function histogramText(values: readonly number[], edges: readonly number[]): string {
  const all = [-Infinity, ...edges, Infinity];
  const counts = all.slice(1).map((edge, i) => values.filter((v) => v < edge && v >= (all[i] ?? 0)).length);
  return counts.flatMap((count, bin) => (count === 0 ? [] : [`${bin}:${count}`])).join();
}

function countedText(values: readonly string[], atMost: number): string {
  const different = [...new Set(values)].sort(compareValues);
  if (different.length > atMost) return `+${values.length}`;
  const entries = different.map((value) => [value, values.filter((each) => each === value).length] as const);
  return `=${entries.map(([value, times]) => `${times}:${[...value].length}:${value}`).join('')}`;
}

function placedText(kind: 'first' | 'last', of: Expr, events: readonly PlacedEvent[]): string {
  const placed = events
    .filter((event) => valueOf(of, event) !== null)
    .sort((a, b) => a.time - b.time || a.partition - b.partition || a.offset - b.offset);
  const event = kind === 'first' ? placed[0] : placed.at(-1);
  if (event === undefined) return '';
  return `${event.time} ${event.partition} ${event.offset} ${String(valueOf(of, event))}`;
}

/** Numbers by size, texts by code points: the order of their UTF-8 bytes. */
function compareValues(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function valueOf(expr: Expr, event: SourceEvent): number | string | null {
  return expr.op === 'field' ? (event.values[expr.field] ?? null) : null;
}
