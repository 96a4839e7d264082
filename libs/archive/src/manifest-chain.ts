import type { ArchiveFault, ArchiveState, Blobs } from './archive.ts';
import { emptyState } from './archive-change.ts';
import type { ArchiveChange } from './archive-change.ts';
import { auditChain } from './chain-audit.ts';
import { sha256 } from './content-hash.ts';
import { baseEvery, existsAfter, followManifest, missing, nextManifest } from './manifest-link.ts';
import { damaged, decodeManifest, encodeManifest, manifestName } from './manifest.ts';

/**
 * The manifests of one stream: numbered, hash-chained, created by put-if-absent (E12). Nothing lists a folder.
 * `head` on opening starts at the newest base and the link before it; `audit` walks the whole chain.
 */
export interface ManifestChain {
  /** The newest state. Reads and verifies the links that are new since the last call. */
  head(): Promise<ArchiveState>;
  /** What the chain said at a number; -1 is the state before the first. */
  stateAt(number: number): Promise<ArchiveState>;
  /** As Archive.commit. A repeat of a commit whose outcome was unknown finds its own bytes and succeeds. */
  commit(state: ArchiveState, change: ArchiveChange): Promise<ArchiveState | null>;
  /** Every fault of the chain, and the newest state that could still be read. */
  audit(signal?: AbortSignal): Promise<{ readonly faults: readonly ArchiveFault[]; readonly state: ArchiveState }>;
}

export function createManifestChain(blobs: Blobs, stream: string): ManifestChain {
  let known: ArchiveState | null = null;
  const get = (number: number): Promise<Uint8Array | null> => blobs.get(manifestName(stream, number));

  /** Follows links from a state while they exist, to `last` at most. A link that is absent while a later one exists is missing. */
  async function follow(from: ArchiveState, last: number, farthest: number): Promise<ArchiveState> {
    let state = from;
    while (state.number < last) {
      const number = state.number + 1;
      let bytes = await get(number);
      if (bytes === null && !(await existsAfter(number, farthest, get))) return state;
      // Both may have been written between the two reads, so ask again before calling it missing.
      bytes ??= await get(number);
      if (bytes === null) throw missing(stream, number);
      state = followManifest(state, decodeManifest(stream, number, bytes), bytes);
    }
    return state;
  }

  async function openAt(number: number): Promise<ArchiveState> {
    if (number < 0) return emptyState(stream);
    const bytes = await get(number);
    if (bytes === null) throw missing(stream, number);
    const manifest = decodeManifest(stream, number, bytes);
    const before = number === 0 ? null : await get(number - 1);
    if (number > 0 && before === null) throw missing(stream, number - 1);
    if ((before === null ? null : sha256(before)) !== manifest.previous) {
      throw damaged(stream, number, `its link does not match manifest ${number - 1}; one of the two was changed`);
    }
    return followManifest(null, manifest, bytes);
  }

  return {
    async head() {
      const start = known ?? (await openAt(await newestBase(get)));
      // On opening, look far ahead for links that were lost while nobody watched; later, one further suffices.
      const state = await follow(start, Number.MAX_SAFE_INTEGER, known === null ? baseEvery : 1);
      // Two callers may interleave; the newer state stays.
      if (known === null || state.number > known.number) known = state;
      return known;
    },

    async stateAt(number) {
      if (known?.number === number) return known;
      const state = await follow(await openAt(number < 0 ? -1 : number - (number % baseEvery)), number, 1);
      if (state.number !== number) throw missing(stream, number);
      return state;
    },

    async commit(state, change) {
      const { manifest, next } = nextManifest(state, change);
      const name = manifestName(stream, next.number);
      const bytes = encodeManifest(manifest);
      if (!(await blobs.putIfAbsent(name, bytes))) {
        const there = await blobs.get(name);
        if (there === null || sha256(there) !== sha256(bytes)) return null;
      }
      const committed: ArchiveState = { ...next, hash: sha256(bytes) };
      // Only a state that was itself verified may become what later links are checked against.
      if (known !== null && known.number === state.number && known.hash === state.hash) known = committed;
      return committed;
    },

    audit: (signal) => auditChain(stream, get, signal),
  };
}

/** The newest base: doubling, then halving, over multiples of `baseEvery`; -1 when there is none. */
async function newestBase(get: (number: number) => Promise<Uint8Array | null>): Promise<number> {
  const exists = async (index: number): Promise<boolean> => (await get(index * baseEvery)) !== null;
  if (!(await exists(0))) return -1;
  let low = 0;
  let high = 1;
  while (await exists(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle;
    else high = middle;
  }
  return low * baseEvery;
}
