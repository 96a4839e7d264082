/** Least-recently-used values under a bound of bytes. Keys name all that a value depends on, so nothing in it can be stale. */
export class BoundedCache<T> {
  readonly #limitBytes: number;
  readonly #sizeOf: (value: T) => number;
  readonly #entries = new Map<string, T>();
  #bytes = 0;

  /** @param sizeOf bytes of a value, the same each time */
  constructor(limitBytes: number, sizeOf: (value: T) => number) {
    this.#limitBytes = limitBytes;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Undefined: not in the cache. */
  get(key: string): T | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  set(key: string, value: T): void {
    this.#drop(key);
    this.#entries.set(key, value);
    this.#bytes += this.#costOf(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const found = this.#entries.get(key);
    if (found === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= this.#costOf(key, found);
  }

  #costOf(key: string, value: T): number {
    return 2 * key.length + this.#sizeOf(value) + 64;
  }
}
