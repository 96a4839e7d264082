import type { ChunkEncoder } from './chunk-encoder.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { Form, formOf } from './component-form.ts';
import { createState, hasPresence, type ComponentState, type PresenceState } from './component-state.ts';
import { storedZero } from './extreme-state.ts';
import { KeyTable } from './key-table.ts';
import { sessionJoinOf, type SessionJoin } from './session-join.ts';
import { SlotIndex } from './slot-index.ts';
import { SumState } from './sum-state.ts';
import type { View } from './view.ts';

/** Partials by (key, pane) in dense slots, no object a partial. What the fold of a slice and the merge of chunks have in common. */
export class PartialTable {
  readonly keys: KeyTable;
  readonly states: readonly ComponentState[];
  /** Null: the view has no sessions. */
  readonly sessions: SessionJoin | null;
  /** Components that have a presence bit, and the bytes of their bits. */
  private readonly extremes: number;
  private readonly presenceBytes: number;
  /** The same by component; null where a component always has a value. */
  private readonly presence: readonly (PresenceState | null)[];
  /** The numbers of all components, slot after slot. */
  private data = new Float64Array(0);
  private readonly stride: number;
  /** By component: how it is written, and where its number is. */
  private readonly forms: Uint8Array;
  private readonly sums: readonly (SumState | null)[];
  private readonly offsets: Int32Array;
  /** Where the partials are. Room in it is made by `reserve` of this. */
  readonly index = new SlotIndex();

  constructor(view: View) {
    this.keys = new KeyTable(view.buckets);
    this.sessions = sessionJoinOf(view);
    this.states = view.components.map(createState);
    this.forms = Uint8Array.from(this.states, (state) => formOf(state));
    this.sums = this.states.map((state) => (state instanceof SumState ? state : null));
    this.offsets = new Int32Array(this.states.length);
    this.stride = this.states.reduce((sum, { width }, i) => {
      this.offsets[i] = sum;
      return sum + width;
    }, 0);
    this.extremes = this.states.filter(hasPresence).length;
    this.presenceBytes = Math.ceil(this.extremes / 8);
    this.presence = this.states.map((state) => (hasPresence(state) ? state : null));
  }

  /** Slots used. */
  get rows(): number {
    return this.index.rows;
  }

  /** By slot; to be asked for again after `reserve`. */
  get panes(): Float64Array {
    return this.index.panes;
  }

  /** Makes room for so many slots more: `slotOf` does not check. */
  reserve(more: number): void {
    const { capacity } = this.index;
    this.index.reserve(more);
    if (this.index.capacity > capacity) this.grow(this.index.capacity);
  }

  /** The slot of a key's pane, a fresh one when there was none. */
  slotOf(key: number, pane: number): number {
    return this.index.slotOf(key, pane);
  }

  keyOf(slot: number): number {
    return this.index.keyOf(slot);
  }

  /** The slot of a key that was opened last; -1: it has none. */
  newestOf(key: number): number {
    return this.index.newestOf(key);
  }

  /** Adds the partial of slot `from` to that of slot `into`, and empties it. */
  absorb(into: number, from: number): void {
    for (const state of this.states) state.absorb(into, from);
  }

  /**
   * Of sessions, joins the intervals of a key in `slots[from, to)`, by rising pane, and gives the end of what is left;
   * other partials are left as they are.
   */
  joined(slots: Int32Array, from: number, to: number): number {
    return this.sessions === null ? to : this.sessions.join(this, slots, from, to);
  }

  /** Writes the slots of a key, by rising pane, from `at` on; gives one past the last. `into` has room for all rows. */
  slotsOf(key: number, into: Int32Array, at: number): number {
    const end = this.index.slotsOf(key, into, at);
    return this.joined(into, at, end);
  }

  /** All slots, those of a key together: those of key k are `into[starts[k], starts[k + 1])`, of sessions not `joined` yet. */
  slotsByKey(into: Int32Array): Int32Array {
    return this.index.slotsByKey(into, this.keys.size);
  }

  /**
   * One partial: a presence bit an extreme, then the components in the view's order. Goes around the states for what
   * is one number in the shared array, and around the writer for what is one byte: it is done for every partial at
   * every flush.
   */
  write(into: ChunkEncoder, slot: number): void {
    const { writer } = into;
    const { forms, offsets, data } = this;
    const base = slot * this.stride;
    // Texts and sketches make their own room, and leave none behind them.
    const room = forms.length * 20 + 8;
    writer.ensure(room);
    const presenceAt = writer.at;
    for (let i = 0; i < this.presenceBytes; i++) writer.byte(0);
    let extreme = 0;
    for (let i = 0; i < forms.length; i++) {
      const form = forms[i];
      const value = data[base + (offsets[i] ?? 0)] ?? 0;
      if (form === Form.count) {
        if (value < 128) writer.byte(value);
        else writer.varint(value);
      } else if (form === Form.sum) {
        if (this.sums[i]?.wide === false) writer.zigzag(value);
        else this.states[i]?.write(writer, slot);
      } else if (form === Form.sketch) {
        this.states[i]?.write(writer, slot);
        writer.ensure(room);
      } else {
        const bit = extreme++;
        if (form === Form.number ? value === 0 : this.presence[i]?.has(slot) !== true) continue;
        const place = presenceAt + (bit >>> 3);
        writer.bytes[place] = (writer.bytes[place] ?? 0) | (1 << (bit & 7));
        if (form === Form.number) writer.zigzag(value === storedZero ? 0 : value);
        else {
          this.states[i]?.write(writer, slot);
          writer.ensure(room);
        }
      }
    }
  }

  /** Adds a partial that `write` wrote to a slot; passes over it when the slot is -1. */
  read(from: ChunkReader, slot: number): void {
    const { states, extremes } = this;
    let presence = 0;
    for (let i = 0; i < extremes; i += 8) {
      const bits = from.byte();
      if (bits >>> Math.min(8, extremes - i) !== 0) throw from.damaged('has a presence bit of nothing');
      presence += bits * 2 ** i;
    }
    for (let i = 0; i < states.length; i++) {
      if (this.presence[i] !== null) {
        const present = presence % 2 === 1;
        presence = Math.floor(presence / 2);
        if (!present) continue;
      }
      if (slot < 0) states[i]?.skip(from);
      else states[i]?.read(from, slot);
    }
  }

  /**
   * Reads from the numbers of some slots, one right after the other, and does nothing with them: memory fetches many at
   * once, where writing the slots one by one would wait for each. Returns their sum, so that the reads are not left out.
   */
  fetch(slots: Int32Array, from: number, to: number): number {
    const { data, stride, panes } = this;
    let sum = 0;
    for (let i = from; i < to; i++) {
      const slot = slots[i] ?? 0;
      sum += (data[slot * stride] ?? 0) + (data[slot * stride + stride - 1] ?? 0) + (panes[slot] ?? 0);
    }
    return sum;
  }

  /** Forgets the partials and keeps the keys' ids. */
  clear(): void {
    this.data.fill(0, 0, this.rows * this.stride);
    for (const state of this.states) state.clear(this.rows);
    this.index.clear();
  }

  /** Forgets the keys too. */
  clearAll(): void {
    this.clear();
    this.keys.clear();
  }

  private grow(capacity: number): void {
    const data = new Float64Array(capacity * this.stride);
    data.set(this.data);
    this.data = data;
    this.states.forEach((state, i) => {
      state.bind({ data, stride: this.stride, offset: this.offsets[i] ?? 0, capacity });
    });
  }
}
