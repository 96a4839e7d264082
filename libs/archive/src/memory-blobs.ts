import type { RemovableBlobs } from './archive.ts';

/** Blobs in a map that the caller may hold on to: what survives a crash, and what a test damages. */
export function createMemoryBlobs(stored: Map<string, Uint8Array> = new Map()): RemovableBlobs {
  return {
    async putIfAbsent(name, bytes) {
      if (stored.has(name)) return false;
      stored.set(name, bytes.slice());
      return true;
    },
    async get(name) {
      return stored.get(name)?.slice() ?? null;
    },
    async list(folder) {
      return [...stored.keys()].filter((name) => name.slice(0, name.lastIndexOf('/')) === folder);
    },
    async remove(name) {
      stored.delete(name);
    },
  };
}
