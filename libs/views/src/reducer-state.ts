import { canonicalJson, type CanonicalValue } from '@twofold/schemas';
import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { FoldInput } from './component-state.ts';
import { stateFault, type Reducer } from './reducer.ts';
import { failureText, firstFailure, parsedFailure, type ReducerFailure } from './reducer-failure.ts';
import { SketchState, type Sketch } from './sketch-state.ts';

/**
 * A state of its author's own, as canonical JSON in chunks and columns. What an author's function makes no state of is no
 * reason to stop: the sum has failed then, for good and wherever it is merged into, and says why. So a partial stays a
 * function of its events, the same in both layers, and every other key, measure and view goes on.
 */
export class Reduced implements Sketch<Reduced> {
  state: CanonicalValue;
  failure: ReducerFailure | null = null;
  private readonly reducer: Reducer;

  constructor(reducer: Reducer) {
    this.reducer = reducer;
    this.state = reducer.zero;
  }

  add(state: CanonicalValue): void {
    if (this.failure !== null) return;
    const sum = attempt(() => this.reducer.plus(this.state, state));
    if (sum === undefined || stateFault(sum) !== null) this.fail({ of: 'plus' });
    else this.state = sum;
  }

  fail(failure: ReducerFailure): void {
    this.failure = firstFailure(this.failure, failure);
    this.state = this.reducer.zero;
  }

  merge(other: Reduced): void {
    if (other.failure === null) this.add(other.state);
    else this.fail(other.failure);
  }

  /** In a chunk: length and UTF-8 of `text()`. */
  write(into: ChunkWriter): void {
    const bytes = encoder.encode(this.text());
    into.ensure(bytes.length + 10);
    into.varint(bytes.length);
    into.raw(bytes, 0, bytes.length);
  }

  read(from: ChunkReader): void {
    const length = from.varint();
    const start = from.skip(length);
    if (!this.take(decoded(from.bytes.subarray(start, start + length))))
      throw from.damaged('has a state of a reducer that is not in its one form');
  }

  /** The canonical JSON, or why there is none. */
  text(): string {
    return this.failure === null ? canonicalJson(this.state) : failureText(this.failure);
  }

  addText(text: string): void {
    if (!this.take(text)) throw new ChunkError('COLUMNS_INVALID', `'${text.slice(0, 40)}' is no state of a reducer.`);
  }

  /** Adds what `text()` gave; false when it is nothing that it gives. */
  private take(text: string | undefined): boolean {
    if (text === undefined) return false;
    const failure = parsedFailure(text);
    if (failure !== undefined) {
      this.fail(failure);
      return true;
    }
    const state = parsed(text);
    if (state !== undefined) this.add(state);
    return state !== undefined;
  }
}

/** The states of one reducer. */
export class ReducerState extends SketchState<Reduced> {
  private readonly reducer: Reducer;

  constructor(reducer: Reducer) {
    super();
    this.reducer = reducer;
  }

  fold({ count, slots, columns, rows, lift }: FoldInput): void {
    if (lift === null) return;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      const state = attempt(() => lift(columns, row));
      const sum = this.sketch(slots[i] ?? 0);
      if (state !== undefined && stateFault(state) === null) sum.add(state);
      else
        sum.fail({
          of: 'lift',
          partition: columns.partition,
          offset: columns.offsets[row] ?? 0,
          how: state === undefined ? 'threw' : 'gave',
        });
    }
  }

  /** Passes over the bytes: nothing is added up. */
  override skip(from: ChunkReader): void {
    from.skip(from.varint());
  }

  protected create(): Reduced {
    return new Reduced(this.reducer);
  }

  protected another(): ReducerState {
    return new ReducerState(this.reducer);
  }
}

/** The state that canonical JSON stands for; undefined when it is not canonical. */
function parsed(text: string): CanonicalValue | undefined {
  const value: unknown = attempt(() => JSON.parse(text) as unknown);
  if (value === undefined || stateFault(value) !== null) return undefined;
  // What has no fault is of this type.
  const state = value as CanonicalValue;
  return canonicalJson(state) === text ? state : undefined;
}

function decoded(bytes: Uint8Array): string | undefined {
  return attempt(() => strictDecoder.decode(bytes));
}

/** What a function gives; undefined when it throws. No state is undefined. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
