import type { BuildIndex, PartChunk, PartEntry, ViewStore } from '@twofold/view-store';
import { compareKeys } from '@twofold/views';
import type { ByteCache } from './byte-cache.ts';
import { ReadError } from './errors.ts';
import type { WindowPlan } from './read-request.ts';

type Directory = readonly Omit<PartChunk, 'bytes'>[];

/** The chunks of a build that can hold the asked keys and panes. Builds and parts never change, so both are remembered. */
export class BatchReader {
  readonly #store: Pick<ViewStore, 'parts'>;
  readonly #cache: ByteCache;
  readonly #indexes = new Map<string, BuildIndex>();
  readonly #directories = new Map<string, Directory>();

  constructor(store: Pick<ViewStore, 'parts'>, cache: ByteCache) {
    this.#store = store;
    this.#cache = cache;
  }

  async read(
    build: string,
    keys: readonly Uint8Array[] | null,
    plan: WindowPlan,
    signal?: AbortSignal,
  ): Promise<Uint8Array[]> {
    const index = await this.#index(build);
    const chunks: Uint8Array[] = [];
    for (const part of index.parts) {
      if (part.widthMs !== plan.widthMs || part.to <= plan.paneFrom || part.from >= plan.paneBelow || part.chunks === 0)
        continue;
      signal?.throwIfAborted();
      const directory = await this.#directory(part);
      for (const number of chunksFor(directory, keys)) chunks.push(await this.#chunk(part, number));
    }
    return chunks;
  }

  async #index(build: string): Promise<BuildIndex> {
    const known = this.#indexes.get(build);
    if (known !== undefined) return known;
    const index = await this.#store.parts.index(build);
    if (index === null) throw missing(`the index of build ${build}`);
    remember(this.#indexes, build, index, MAX_INDEXES);
    return index;
  }

  async #directory(part: PartEntry): Promise<Directory> {
    const known = this.#directories.get(part.part);
    if (known !== undefined) return known;
    const directory = await this.#store.parts.directory(part.part);
    if (directory.length !== part.chunks) throw missing(`part ${part.part}`);
    remember(this.#directories, part.part, directory, MAX_DIRECTORIES);
    return directory;
  }

  async #chunk(part: PartEntry, number: number): Promise<Uint8Array> {
    const key = `part|${part.part}|${number}`;
    const known = this.#cache.get(key);
    if (known !== undefined && known !== null) return known;
    const bytes = await this.#store.parts.chunk(part.part, number);
    if (bytes === null) throw missing(`chunk ${number} of part ${part.part}`);
    this.#cache.set(key, bytes);
    return bytes;
  }
}

const MAX_INDEXES = 64;
const MAX_DIRECTORIES = 4_096;

function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > limit && oldest.done !== true) map.delete(oldest.value);
}

/** What the release names and the store does not hold: the release was dropped meanwhile, or the store is damaged. */
function missing(what: string): ReadError {
  return new ReadError('PART_MISSING', `${what} is not in the store; 'twofold verify' says what else is missing`);
}

/** Chunks follow one another by (key, pane); those that can hold one of the keys, each once, rising. */
function chunksFor(directory: Directory, keys: readonly Uint8Array[] | null): readonly number[] {
  if (keys === null) return directory.map((chunk) => chunk.number);
  const wanted = new Set<number>();
  for (const key of keys) {
    let at = lastBefore(directory, key);
    for (; at < directory.length; at++) {
      const chunk = directory[at];
      if (chunk === undefined || compareKeys(chunk.firstKey, key) > 0) break;
      wanted.add(chunk.number);
    }
  }
  return [...wanted].sort((a, b) => a - b);
}

/** The last chunk that begins with a smaller key: the key's panes may begin in it. */
function lastBefore(directory: Directory, key: Uint8Array): number {
  let low = 0;
  let high = directory.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const chunk = directory[middle];
    if (chunk !== undefined && compareKeys(chunk.firstKey, key) < 0) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
