import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError, type SourceFile } from '@twofold/batch-engine';
import { SparkEngine, SparkHost, type SparkOptions } from '@twofold/batch-engine-spark';
import { sourceOf, type EngineUnderTest } from '@twofold/batch-engine/testing';
import { systemClock } from '@twofold/service';
import { spark } from './find-spark.ts';
import { writeParquet } from './write-parquet.ts';

export interface TestHost {
  readonly host: SparkHost;
  readonly folder: string;
  /** An engine on the host; files in folders that would be patterns, were they read as such. */
  makeEngine(): EngineUnderTest & { readonly engine: SparkEngine };
  close(): Promise<void>;
}

/** One Spark for many engines: it takes longer to start than a test. */
export function startTestHost(options: Partial<SparkOptions> = {}): TestHost {
  if (spark === null) throw new TypeError('there is no Spark here');
  const folder = mkdtempSync(path.join(tmpdir(), "twofold's [spark] {a,b} k=v "));
  const host = new SparkHost({
    master: null,
    ...spark,
    threads: 2,
    memoryLimitBytes: 1 << 30,
    // Some tests read less and others more, so that plans of both kinds are made.
    smallJobBytes: 4 << 10,
    workDirectory: path.join(folder, 'work'),
    clock: systemClock(),
    ...options,
  });
  let written = 0;
  return {
    host,
    folder,
    makeEngine: () => {
      const engine = new SparkEngine(host, () => Promise.resolve());
      return {
        engine,
        makeSource: (stream, files) =>
          Promise.resolve(
            files.map((file): SourceFile => {
              const name = path.join(folder, `file ${written++}%20#.parquet`);
              writeParquet(name, stream, file);
              return sourceOf(name, file);
            }),
          ),
        dispose: () => engine.close(),
      };
    },
    close: async () => {
      await host.close(new EngineError('ENGINE_CLOSED', 'the tests are over'));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
