import { canonicalJson, type CanonicalValue } from '@twofold/schemas';
import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { FoldInput } from './component-state.ts';
import { stateFault, type Reducer } from './reducer.ts';
import { SketchState, type Sketch } from './sketch-state.ts';

/** A state of its author's own, as canonical JSON in chunks and columns. */
export class Reduced implements Sketch<Reduced> {
  state: CanonicalValue;
  private readonly reducer: Reducer;

  constructor(reducer: Reducer) {
    this.reducer = reducer;
    this.state = reducer.zero;
  }

  add(state: CanonicalValue): void {
    const { plus } = this.reducer;
    this.state = guarded('plus', () => plus(this.state, state));
  }

  merge(other: Reduced): void {
    this.add(other.state);
  }

  /** In a chunk: length and UTF-8 of the canonical JSON. */
  write(into: ChunkWriter): void {
    const bytes = encoder.encode(this.text());
    into.ensure(bytes.length + 10);
    into.varint(bytes.length);
    into.raw(bytes, 0, bytes.length);
  }

  read(from: ChunkReader): void {
    const length = from.varint();
    const start = from.skip(length);
    const state = parsed(from.bytes.subarray(start, start + length));
    if (state === undefined) throw from.damaged('has a state of a reducer that is not in its one form');
    this.add(state);
  }

  text(): string {
    const fault = stateFault(this.state);
    if (fault !== null) throw failed('plus', `gave ${fault}`);
    return canonicalJson(this.state);
  }

  addText(text: string): void {
    const state = parsed(encoder.encode(text));
    if (state === undefined)
      throw new ChunkError('COLUMNS_INVALID', `'${text.slice(0, 40)}' is no state of a reducer.`);
    this.add(state);
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
      const state = guarded('lift', () => lift(columns, rows[i] ?? 0));
      const fault = stateFault(state);
      if (fault !== null) throw failed('lift', `gave ${fault}`);
      this.sketch(slots[i] ?? 0).add(state);
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

/** The state that canonical bytes stand for; undefined when they are not canonical. */
function parsed(bytes: Uint8Array): CanonicalValue | undefined {
  try {
    const text = strictDecoder.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (stateFault(value) !== null) return undefined;
    // What has no fault is of this type.
    const state = value as CanonicalValue;
    return canonicalJson(state) === text ? state : undefined;
  } catch {
    return undefined;
  }
}

/** What an author's function throws stops the fold under a name of ours: the same event would throw again. */
export function guarded<T>(what: 'lift' | 'plus' | 'present', call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw failed(what, `threw ${String(error)}`, error);
  }
}

function failed(what: string, how: string, cause?: unknown): ChunkError {
  return new ChunkError(
    'REDUCER_FAILED',
    `The ${what} of a reducer ${how}. Mend it in a new version of the view: what it has folded stays as it is.`,
    cause === undefined ? {} : { cause },
  );
}

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
