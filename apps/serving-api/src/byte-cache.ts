/** Least-recently-used bytes under a bound. Only what can never change is put in, so nothing in it can be stale. */
export class ByteCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<string, Uint8Array | null>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Undefined: not in the cache. Null: known not to be there. */
  get(key: string): Uint8Array | null | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  set(key: string, bytes: Uint8Array | null): void {
    this.#drop(key);
    this.#entries.set(key, bytes);
    this.#bytes += sizeOf(key, bytes);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const found = this.#entries.get(key);
    if (found === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(key, found);
  }
}

function sizeOf(key: string, bytes: Uint8Array | null): number {
  return 2 * key.length + (bytes?.byteLength ?? 0) + 64;
}
