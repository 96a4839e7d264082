import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SourceFile } from '@twofold/batch-engine';
import { createDuckDbEngine, type DuckDbEngine, type DuckDbEngineOptions } from '@twofold/batch-engine-duckdb';
import { sourceOf, type EventFile } from '@twofold/batch-engine/testing';
import type { Stream } from '@twofold/schemas';
import { systemClock } from '@twofold/service';
import { writeParquet } from './write-parquet.ts';

/** An engine with a folder of its own for its files; a folder that would be a pattern, were it read as one. */
export interface TestEngine {
  readonly engine: DuckDbEngine;
  readonly folder: string;
  makeSource(stream: Stream, files: readonly EventFile[]): Promise<readonly SourceFile[]>;
  dispose(): Promise<void>;
}

export function makeTestEngine(options: Partial<DuckDbEngineOptions> = {}): TestEngine {
  const folder = mkdtempSync(path.join(tmpdir(), "twofold's [engine] "));
  const engine = createDuckDbEngine({
    threads: 1,
    memoryLimitBytes: 500_000_000,
    spillDirectory: path.join(folder, 'spill'),
    clock: systemClock(),
    ...options,
  });
  let written = 0;
  return {
    engine,
    folder,
    makeSource: async (stream, files) => {
      const sources: SourceFile[] = [];
      for (const file of files) {
        const name = path.join(folder, `file-${written++}.parquet`);
        await writeParquet(name, stream, file);
        sources.push(sourceOf(name, file));
      }
      return sources;
    },
    dispose: async () => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
