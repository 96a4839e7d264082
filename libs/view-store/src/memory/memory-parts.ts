import { equalBytes } from '../equal-bytes.ts';
import { frozenCopy } from '../frozen-copy.ts';
import { writeConflict } from '../refusals.ts';
import type { BuildIndex, PartChunk, Parts } from '../view-store.ts';
import type { Access } from './access.ts';

export interface PartState {
  readonly parts: Map<string, Map<number, PartChunk>>;
  readonly builds: Map<string, BuildIndex>;
  /** Ids whose writes stay invisible for ever, written before or not. */
  readonly removedParts: Set<string>;
  readonly removedBuilds: Set<string>;
  /** No new part or build with a smaller id is taken. */
  lowWater: string;
}

export const emptyPartState = (): PartState => ({
  parts: new Map(),
  builds: new Map(),
  removedParts: new Set(),
  removedBuilds: new Set(),
  lowWater: '',
});

export function memoryParts(state: PartState, access: Access): Parts {
  function writeChunk(part: string, chunk: PartChunk): void {
    const chunks = state.parts.get(part) ?? new Map<number, PartChunk>();
    state.parts.set(part, chunks);
    const old = chunks.get(chunk.number);
    if (old === undefined) chunks.set(chunk.number, copyOf(chunk));
    else if (!equalBytes(old.bytes, chunk.bytes))
      access.conflict(writeConflict('chunk', { part, number: chunk.number }));
  }
  return {
    writeChunks: async (part, chunks, signal) => {
      access.enter(signal);
      if (!state.parts.has(part) && (part < state.lowWater || state.removedParts.has(part))) return;
      for (const chunk of chunks) writeChunk(part, chunk);
    },
    directory: async (part) => {
      access.enter();
      return [...(state.parts.get(part)?.values() ?? [])]
        .sort((a, b) => a.number - b.number)
        .map(({ bytes: _, ...entry }) => ({ ...entry, firstKey: entry.firstKey.slice() }));
    },
    chunk: async (part, number) => {
      access.enter();
      return state.parts.get(part)?.get(number)?.bytes.slice() ?? null;
    },
    writeIndex: async (index) => {
      access.enter();
      const old = state.builds.get(index.build);
      if (old === undefined && (index.build < state.lowWater || state.removedBuilds.has(index.build))) return;
      if (old === undefined) state.builds.set(index.build, frozenCopy(index));
      else if (JSON.stringify(old) !== JSON.stringify(index))
        access.conflict(writeConflict('index', { build: index.build }));
    },
    index: async (build) => {
      access.enter();
      return state.builds.get(build) ?? null;
    },
    list: async () => {
      access.enter();
      return { parts: [...state.parts.keys()].sort(), builds: [...state.builds.keys()].sort() };
    },
    remove: async ({ parts, builds }) => {
      access.enter();
      for (const part of parts) {
        state.removedParts.add(part);
        state.parts.delete(part);
      }
      for (const build of builds) {
        state.removedBuilds.add(build);
        state.builds.delete(build);
      }
    },
    forgetRemoved: async (below) => {
      access.enter();
      if (below > state.lowWater) state.lowWater = below;
      let freed = 0;
      for (const ids of [state.removedParts, state.removedBuilds])
        for (const id of ids) if (id < below && ids.delete(id)) freed++;
      return freed;
    },
  };
}

function copyOf(chunk: PartChunk): PartChunk {
  const { number, rows, sha256, firstKey, firstPane, bytes } = chunk;
  return { number, rows, sha256, firstKey: firstKey.slice(), firstPane, bytes: bytes.slice() };
}
