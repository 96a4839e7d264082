import path from 'node:path';
import { ArchiveError } from '@twofold/archive';
import { createJsEngine, type BatchEngine } from '@twofold/batch-engine';
import { createDuckDbEngine } from '@twofold/batch-engine-duckdb';
import { batchEngineContract, type EngineUnderTest } from '@twofold/batch-engine/testing';
import { systemClock } from '@twofold/service';
import { vi } from 'vitest';
import { createArchivedEvents, type ArchivedEvents } from './archived-events.ts';

// A process has to start, on machines with other work to do.
vi.setConfig({ testTimeout: 60_000 });

function over(make: (events: ArchivedEvents, threads: number) => BatchEngine) {
  return ({ threads }: { readonly threads: number }): Promise<EngineUnderTest> => {
    const events = createArchivedEvents();
    const engine = make(events, threads);
    const dispose = async (): Promise<void> => {
      await engine.close();
      events.remove();
    };
    return Promise.resolve({ engine, makeSource: (stream, files) => events.makeSource(stream, files), dispose });
  };
}

batchEngineContract(
  'DuckDB over the Parquet archive',
  over(({ folder }, threads) =>
    createDuckDbEngine({
      threads,
      memoryLimitBytes: 500_000_000,
      spillDirectory: path.join(folder, 'spill'),
      clock: systemClock(),
    }),
  ),
);

batchEngineContract(
  'the JS engine over the Parquet archive',
  over(({ archive, fileAt }) =>
    createJsEngine(async (source, stream) => {
      const file = fileAt(source.path);
      if (file === undefined) throw new ArchiveError('FILE_MISSING', `there is no ${source.path}`);
      return archive.readColumns(stream, file);
    }),
  ),
);
