import type { Columns, NumberColumn } from '@twofold/schemas';
import { BinsState } from './bins-state.ts';
import { CountByState } from './count-by-state.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { CountState } from './count-state.ts';
import { DistinctState } from './distinct-state.ts';
import { ExtremeState } from './extreme-state.ts';
import type { Hashes } from './hash-inputs.ts';
import type { ComponentColumn } from './partials.ts';
import { PlacedState } from './placed-state.ts';
import { ReducerState } from './reducer-state.ts';
import { SumState } from './sum-state.ts';
import { TextExtremeState } from './text-extreme-state.ts';
import type { LiftSource, ValueSource } from './value-inputs.ts';
import type { Component } from './view.ts';

/** Some events on their way into slots: event i goes into slot `slots[i]`. */
export interface FoldInput {
  readonly count: number;
  readonly slots: Int32Array;
  /** The component's number of each event, NaN = null; not read by `rows` and by texts. */
  readonly values: Float64Array;
  /** The column that holds them in place of `values`, at `rows[i]`, where a component may take a plain field as it is; else null. */
  readonly field: NumberColumn | null;
  /** Where texts are read from: event i is row `rows[i]` of the columns. */
  readonly columns: Columns;
  readonly rows: Int32Array;
  readonly text: TextSource | null;
  /** Of each event, for `distinct`; else null. */
  readonly hashes: Hashes | null;
  /** Where values are read as texts, for `countBy`; else null. */
  readonly value: ValueSource | null;
  /** What a reducer makes of an event; else null. */
  readonly lift: LiftSource | null;
}

export interface StatePlace {
  readonly data: Float64Array;
  readonly stride: number;
  readonly offset: number;
  readonly capacity: number;
}

/** The UTF-8 bytes of a text of a row (valid until the next call), or null. */
export type TextSource = (columns: Columns, row: number) => Uint8Array | null;

/** Rows of an answer as ranges of `order`, an order of slots; starts and ends never fall. */
export interface SlotRanges {
  readonly order: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly rows: number;
}

/**
 * One component of many partials. The numbers of a slot stand side by side for all components, so that a partial is
 * one or two cache lines; what is rarely needed is in arrays of the component's own.
 * A slot not used yet holds the monoid's zero.
 */
export interface ComponentState {
  /** Numbers a slot in the shared array. */
  readonly width: number;
  /**
   * The shared array from now on, with room for slots below `capacity`: number `slot · stride + offset` and the
   * `width - 1` after it are the component's. They are 0 in slots not used.
   */
  bind(place: StatePlace): void;
  /** Forgets what is not in the shared array of the slots below `rows`, after that was filled with 0. */
  clear(rows: number): void;
  fold(input: FoldInput): void;
  write(into: ChunkWriter, slot: number): void;
  /** Adds what `write` wrote to a slot. */
  read(from: ChunkReader, slot: number): void;
  /** Passes over what `write` wrote. */
  skip(from: ChunkReader): void;
  /** Adds `column[rows[i]]` to slot `slots[i]`, for i below `count`. */
  addColumn(column: ComponentColumn, rows: Int32Array, slots: Int32Array, count: number): void;
  /** Adds slot `from` to slot `into`, and empties it. */
  absorb(into: number, from: number): void;
  /** The slots as a column, in the order given. */
  column(order: Int32Array): ComponentColumn;
  /** A state of its own that has the sum of each range in its slot. */
  slide(ranges: SlotRanges): ComponentState;
}

/** Extremes of nothing have no value: a presence bit says so, and nothing is written. */
export interface PresenceState extends ComponentState {
  has(slot: number): boolean;
}

export function createState(component: Component): ComponentState {
  switch (component.kind) {
    case 'rows':
      return new CountState(true);
    case 'count':
      return new CountState(false);
    case 'sum':
      return new SumState(false);
    case 'sumSquares':
      return new SumState(true);
    case 'distinct':
      return new DistinctState(component.precision);
    case 'bins':
      return new BinsState(component.bits);
    case 'histogram':
      return new BinsState(0, Float64Array.from(component.edges));
    case 'countBy':
      return new CountByState(component.atMost);
    case 'first':
    case 'last':
      return new PlacedState(component.kind === 'last', component.of.type.kind === 'text');
    case 'reducer':
      return new ReducerState(component.reducer);
    case 'lastTime':
      return new ExtremeState(true);
    default:
      return component.of.type.kind === 'text'
        ? new TextExtremeState(component.kind === 'max')
        : new ExtremeState(component.kind === 'max');
  }
}

export function hasPresence(state: ComponentState): state is PresenceState {
  return 'has' in state;
}
