import { afterEach, describe } from 'vitest';
import { collectionContract } from './collection-contract.ts';
import { compactionContract } from './compaction-contract.ts';
import { correctionContract } from './correction-contract.ts';
import { damageContract } from './damage-contract.ts';
import { erasureContract } from './erasure-contract.ts';
import { fileContract } from './file-contract.ts';
import { manifestContract } from './manifest-contract.ts';
import type { ArchiveHarness, MakeArchive } from './archive-harness.ts';

/** What every archive must do (E7, E12, E13, E0's origins). `make` gives an empty one each time. */
export function archiveContract(name: string, make: MakeArchive): void {
  describe(`archive: ${name}`, () => {
    const open: ArchiveHarness[] = [];
    const tracked: MakeArchive = async (options) => {
      const harness = await make(options);
      open.push(harness);
      return harness;
    };
    afterEach(async () => {
      for (const harness of open.splice(0)) await harness.close();
    });
    describe('files', () => fileContract(tracked));
    describe('manifests', () => manifestContract(tracked));
    describe('damage', () => damageContract(tracked));
    describe('compaction', () => compactionContract(tracked));
    describe('collection', () => collectionContract(tracked));
    describe('corrections', () => correctionContract(tracked));
    describe('erasure', () => erasureContract(tracked));
  });
}
