import type { Archive, ArchiveFault, ArchiveFile, Blobs } from './archive.ts';
import type { ColumnArchive } from './archived-columns.ts';
import { createManifestChain } from './manifest-chain.ts';
import type { ManifestChain } from './manifest-chain.ts';

/** The half of an archive that is manifests only; the same for every kind of file. */
export type ManifestPart = Pick<ColumnArchive, 'head' | 'stateAt' | 'commit' | 'verify' | 'checkFile'>;

export interface ManifestChains {
  of(stream: string): ManifestChain;
  /** `check` compares one file's bytes with its entry. */
  archivePart(check: ColumnArchive['checkFile']): ManifestPart;
}

/** One chain a stream, kept open so that `head` reads only what is new. */
export function createManifestChains(blobs: Blobs): ManifestChains {
  const chains = new Map<string, ManifestChain>();

  function of(stream: string): ManifestChain {
    let chain = chains.get(stream);
    if (chain === undefined) {
      chain = createManifestChain(blobs, stream);
      chains.set(stream, chain);
    }
    return chain;
  }

  async function* verify(
    check: ColumnArchive['checkFile'],
    stream: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ArchiveFault> {
    // A fresh chain: what this process believed before is no evidence.
    const { faults, state } = await createManifestChain(blobs, stream).audit(signal);
    yield* faults;
    for (const file of state.files) {
      signal?.throwIfAborted();
      const fault = await check(stream, file);
      if (fault !== null) yield fault;
    }
  }

  return {
    of,
    archivePart: (check) => ({
      head: (stream) => of(stream).head(),
      stateAt: (stream, number) => of(stream).stateAt(number),
      commit: (state, change) => of(state.stream).commit(state, change),
      checkFile: (stream: string, file: ArchiveFile) => check(stream, file),
      verify: (stream: string, options?: Parameters<Archive['verify']>[1]) => verify(check, stream, options?.signal),
    }),
  };
}
