import { closeSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { FoldJob, SourceFile } from '@twofold/batch-engine';
import { engineView, foldAll, partialTexts, referenceFold, sampleFiles, states } from '@twofold/batch-engine/testing';
import { DuckDBInstance } from '@duckdb/node-api';
import { fieldColumn, physical } from '@twofold/views';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sqlName, sqlText } from '../src/sql-text.ts';
import { makeTestEngine, type TestEngine } from './test-engine.ts';

vi.setConfig({ testTimeout: 120_000 });

const view = engineView({ dimensions: ['machine'] });
let made: TestEngine;

afterEach(async () => {
  await made.dispose();
});

function jobOf(files: readonly SourceFile[]): FoldJob {
  return { view, widthMs: 1_000, files, panes: null, sliceSize: null };
}

async function expectWorks(): Promise<void> {
  const events = sampleFiles(view, 41);
  const files = await made.makeSource(states, events);
  expect(partialTexts(await foldAll(made.engine, jobOf(files)))).toEqual(
    referenceFold(view, events, { widthMs: 1_000 }),
  );
}

/** A file of `rows` events, as many keys, written by DuckDB from a generator. */
async function largeFile(rows: number): Promise<SourceFile> {
  const file = path.join(made.folder, 'large.parquet');
  const numbers = {
    [physical.partition]: '0',
    [physical.offset]: 'i',
    [physical.logTime]: 'i',
    [physical.eventTime]: 'i',
  };
  const columns = [
    ...Object.entries(numbers).map(([name, sql]) => `(${sql})::bigint as ${sqlName(name)}`),
    `0::integer as ${sqlName(physical.class)}`,
    ...states.fields.map(({ name, type }) => {
      const isText = type.kind === 'text' || type.kind === 'enumeration';
      return `${isText ? "'a machine with the name ' || hash(i)" : 'i::bigint'} as ${sqlName(fieldColumn(name))}`;
    }),
  ];
  const connection = await (await DuckDBInstance.fromCache(':memory:')).connect();
  await connection.run(
    `copy (select ${columns.join(', ')} from range(${rows}) r(i)) to ${sqlText(file)} (format parquet, compression zstd)`,
  );
  connection.closeSync();
  return { path: file, partition: 0, from: 0, to: rows };
}

describe('an engine whose child dies', () => {
  it('reports ENGINE_CRASHED for the job that runs, and does the next one in a new process', async () => {
    made = makeTestEngine();
    const large = await largeFile(1_000_000);
    await expectWorks();
    const before = made.engine.childPid;
    const running = foldAll(made.engine, jobOf([large]));
    const outcome = running.then(
      () => null,
      (error: unknown) => error,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.kill(before ?? 0, 'SIGKILL');
    expect(await outcome).toMatchObject({ code: 'ENGINE_CRASHED', retryable: true });
    expect(made.engine.childPid).toBe(null);
    await expectWorks();
    expect(made.engine.childPid).not.toBe(before);
    expect(readdirSync(path.join(made.folder, 'spill')).length).toBeLessThanOrEqual(1);
  });
});

describe('an engine with little memory', () => {
  it('spills, and gives the partials of a fold that does not fit', async () => {
    made = makeTestEngine({ memoryLimitBytes: 150_000_000 });
    const large = await largeFile(400_000);
    let rows = 0;
    for await (const { count } of made.engine.fold(jobOf([large]))) rows += count;
    expect(rows).toBe(400_000);
  });

  it('refuses cleanly when it can neither hold nor spill, and works afterwards', async () => {
    made = makeTestEngine({ memoryLimitBytes: 60_000_000, spillLimitBytes: 1_000_000 });
    const large = await largeFile(400_000);
    await expect(foldAll(made.engine, jobOf([large]))).rejects.toMatchObject({
      code: expect.stringMatching(/^ENGINE_(DISK_FULL|OUT_OF_MEMORY)$/) as unknown,
      retryable: true,
    });
    await expectWorks();
  });
});

describe('a file that is damaged', () => {
  it.each([
    ['cut short', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['no Parquet', (file: string) => overwrite(file, 0, statSync(file).size)],
    ['torn in its pages', (file: string) => overwrite(file, 4, statSync(file).size - 2_000)],
  ])('is ENGINE_FAILED with its name: %s', async (_, damage) => {
    made = makeTestEngine();
    const events = sampleFiles(view, 42);
    const files = await made.makeSource(states, events);
    const file = files[1]?.path ?? '';
    damage(file);
    await expect(foldAll(made.engine, jobOf(files))).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining(file) as unknown,
    });
    await expectWorks();
  });
});

function overwrite(file: string, from: number, to: number): void {
  const open = openSync(file, 'r+');
  writeSync(open, Buffer.alloc(Math.max(0, to - from), 0xa5), 0, Math.max(0, to - from), from);
  closeSync(open);
}
