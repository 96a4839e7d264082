import type { Blobs } from './archive.ts';

/** Blobs in a map that the caller may hold on to: what survives a crash, and what a test damages. */
export function createMemoryBlobs(stored: Map<string, Uint8Array> = new Map()): Blobs {
  return {
    async putIfAbsent(name, bytes) {
      if (stored.has(name)) return false;
      stored.set(name, bytes.slice());
      return true;
    },
    async get(name) {
      return stored.get(name)?.slice() ?? null;
    },
  };
}
