import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '@twofold/batch-engine';
import type { ResultColumns } from '../src/decode-block.ts';
import { EngineChild, type Statement } from '../src/engine-child.ts';
import { selectItems, type ResultKind } from '../src/result-kind.ts';
import { systemClock, type Clock } from '@twofold/service';

// A process has to start, on machines with other work to do.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let children: EngineChild[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-engine-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.close(new EngineError('ENGINE_CLOSED', 'the test is over'));
  rmSync(folder, { recursive: true, force: true });
});

function start(settings: { memoryLimitBytes?: number; spillLimitBytes?: number; clock?: Clock } = {}): EngineChild {
  const child = new EngineChild(
    {
      threads: 1,
      memoryLimitBytes: settings.memoryLimitBytes ?? 500_000_000,
      spillFolder: path.join(folder, 'spill'),
      spillLimitBytes: settings.spillLimitBytes ?? null,
    },
    settings.clock ?? systemClock(),
  );
  children.push(child);
  return child;
}

function statement(sql: string, ...kinds: ResultKind[]): Statement {
  return { sql, kinds, what: 'the test', files: ['some-file'] };
}

function items(...columns: readonly (readonly [ResultKind, string])[]): string {
  return columns.flatMap(([kind, sql]) => selectItems(kind, sql)).join(', ');
}

async function collect(blocks: AsyncIterable<ResultColumns>): Promise<ResultColumns[]> {
  const all: ResultColumns[] = [];
  for await (const block of blocks) all.push(block);
  return all;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs for minutes unless something ends it. */
const endless = statement('select count(*)::double from range(1000000000000) r(i) where i % 7 = 3', 'number');

/** Two million groups of long keys: some 200 MB of state. */
const spilling = statement(
  `select count(distinct key)::double from (
     select 'a key of some length ' || hash(i) || hash(i + 1) as key, count(*) as n from range(2000000) r(i) group by key)`,
  'number',
);

describe('a statement in a child process', () => {
  it('gives numbers, 128-bit integers and texts with their nulls', async () => {
    const sql = `select ${items(['number', 'n'], ['int128', 'h'], ['text', 't'])} from (values
      (1, -1, 'plain'), (null, 170141183460469231731687303715884105727::hugeint, null),
      (-9007199254740991, (-170141183460469231731687303715884105727)::hugeint - 1, '\ufefflonger than twelve bytes'),
      (0, 18446744073709551616::hugeint, ''), (5, 0, '\ufeff'), (6, 1, 'twelve bytes'), (7, 2, 'crane 🏗 and more'),
      (8, 3, 'ä' || repeat('x', 38)), (9, 4, 'ä' || repeat('x', 39)), (10, 5, 'ä' || repeat('x', 38) || 'y')) r(n, h, t)`;
    const [block] = await collect(start().run(statement(sql, 'number', 'int128', 'text')));
    expect(block?.count).toBe(10);
    expect(block?.columns[0]).toEqual({
      kind: 'number',
      values: expect.any(Float64Array) as unknown,
      valid: Uint8Array.from([1, 0, 1, 1, 1, 1, 1, 1, 1, 1]),
    });
    const numbers = block?.columns[0];
    expect(numbers?.kind === 'number' ? [numbers.values[2], numbers.values[6]] : null).toEqual([-9007199254740991, 7]);
    expect(block?.columns[1]).toEqual({
      kind: 'int128',
      low: BigUint64Array.from([2n ** 64n - 1n, 2n ** 64n - 1n, 0n, 0n, 0n, 1n, 2n, 3n, 4n, 5n]),
      high: BigInt64Array.from([-1n, 2n ** 63n - 1n, -(2n ** 63n), 1n, 0n, 0n, 0n, 0n, 0n, 0n]),
    });
    expect(block?.columns[2]).toEqual({
      kind: 'text',
      texts: [
        'plain',
        null,
        '\ufefflonger than twelve bytes',
        '',
        '\ufeff',
        'twelve bytes',
        'crane 🏗 and more',
        `ä${'x'.repeat(38)}`,
        `ä${'x'.repeat(39)}`,
        `ä${'x'.repeat(38)}y`,
      ],
    });
  });

  it('gives a large result in blocks of bounded size, each row once', async () => {
    const sql = `select ${items(['number', 'i'], ['int128', 'i * i'], ['text', 't'])} from
      (select i, case when i % 3 = 0 then null else repeat('key ', i % 13) || (i % 70000) end as t from range(200000) r(i))`;
    const blocks = await collect(start().run(statement(sql, 'number', 'int128', 'text')));
    expect(blocks.length).toBeGreaterThan(5);
    const seen = new Set<number>();
    for (const { count, columns } of blocks) {
      const [numbers, squares, texts] = columns;
      if (numbers?.kind !== 'number' || squares?.kind !== 'int128' || texts?.kind !== 'text')
        return expect.fail('other kinds of columns');
      expect(count).toBeLessThanOrEqual(32768);
      for (let row = 0; row < count; row++) {
        const i: number = numbers.values[row] ?? -1;
        seen.add(i);
        const text = i % 3 === 0 ? null : `${'key '.repeat(i % 13)}${i % 70000}`;
        if (squares.low[row] !== BigInt(i) * BigInt(i) || texts.texts[row] !== text) expect.fail(`row ${i} differs`);
      }
    }
    expect(seen.size).toBe(200000);
  });

  it('never runs more than its window ahead of the reader', async () => {
    const blocks = start().run(statement('select i::double from range(100000000) r(i)', 'number'));
    const first = await blocks.next();
    await delay(300);
    const before = process.memoryUsage().arrayBuffers;
    await delay(300);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3_000_000);
    expect(first.done).toBe(false);
    await blocks.return(undefined);
  });

  it('runs two statements at once, also when one of them is not read on', async () => {
    const child = start();
    const slow = child.run(statement('select i::double from range(1000000) r(i)', 'number'));
    await slow.next();
    const [block] = await collect(child.run(statement('select 42::double', 'number')));
    expect(block?.columns[0]?.kind === 'number' ? block.columns[0].values[0] : null).toBe(42);
    await slow.return(undefined);
  });

  it('stops a cancelled statement at once and goes on with the next in the same process', async () => {
    const child = start();
    await collect(child.run(statement('select 1::double', 'number')));
    const { pid } = child;
    const controller = new AbortController();
    const running = collect(child.run(endless, controller.signal));
    setTimeout(() => {
      controller.abort(new Error('enough'));
    }, 200);
    await expect(running).rejects.toThrow('enough');
    const [block] = await collect(child.run(statement('select 2::double', 'number')));
    expect(block?.count).toBe(1);
    expect(child.pid).toBe(pid);
    expect(child.alive).toBe(true);
  });

  it('refuses a statement whose signal is aborted already', async () => {
    const running = collect(start().run(endless, AbortSignal.abort(new Error('before'))));
    await expect(running).rejects.toThrow('before');
  });

  it('ends the process when a cancelled statement does not end in time', async () => {
    const impatient: Clock = { ...systemClock(), sleep: () => Promise.resolve() };
    const child = start({ clock: impatient });
    const controller = new AbortController();
    const running = collect(child.run(endless, controller.signal));
    setTimeout(() => {
      controller.abort(new Error('enough'));
    }, 400);
    await expect(running).rejects.toThrow('enough');
    await child.exited;
    expect(child.alive).toBe(false);
  });
});

describe('a fault in the child', () => {
  it('is ENGINE_CRASHED for every statement when the process is killed, and the spill folder is removed', async () => {
    const child = start();
    const both = [collect(child.run(endless)), collect(child.run(endless))];
    const outcomes = Promise.allSettled(both);
    await delay(400);
    process.kill(child.pid ?? 0, 'SIGKILL');
    for (const outcome of await outcomes) {
      expect(outcome.status).toBe('rejected');
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ENGINE_CRASHED', retryable: true });
    }
    expect(child.alive).toBe(false);
    expect(existsSync(path.join(folder, 'spill'))).toBe(false);
  });

  it('spills beyond its memory limit and still answers', async () => {
    const [block] = await collect(start({ memoryLimitBytes: 60_000_000 }).run(spilling));
    expect(block?.columns[0]?.kind === 'number' ? block.columns[0].values[0] : null).toBe(2_000_000);
  });

  it('is ENGINE_DISK_FULL when spilling finds no room, and the process goes on', async () => {
    const child = start({ memoryLimitBytes: 60_000_000, spillLimitBytes: 1_000_000 });
    await expect(collect(child.run(spilling))).rejects.toMatchObject({ code: 'ENGINE_DISK_FULL' });
    const [block] = await collect(child.run(statement('select 1::double', 'number')));
    expect(block?.count).toBe(1);
  });

  it('is ENGINE_OUT_OF_MEMORY when a state can not be spilled', async () => {
    const sql = "select length(string_agg(i::varchar, ','))::double from range(30000000) r(i)";
    const running = collect(start({ memoryLimitBytes: 40_000_000 }).run(statement(sql, 'number')));
    await expect(running).rejects.toMatchObject({ code: 'ENGINE_OUT_OF_MEMORY' });
  });

  it('is ENGINE_OVERFLOW when a sum leaves 128 bits: never wrapped', async () => {
    const sql = 'select sum(9223372036854775807::hugeint * 9223372036854775807::hugeint) from range(3) r(i)';
    await expect(collect(start().run(statement(sql, 'int128')))).rejects.toMatchObject({
      code: 'ENGINE_OVERFLOW',
      retryable: false,
    });
  });

  it('is ENGINE_FAILED when the statement has other columns than were asked for', async () => {
    await expect(collect(start().run(statement('select 1::bigint', 'number')))).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
  });

  it('ends with its parent, also in the middle of a statement', async () => {
    const script = path.join(import.meta.dirname, 'parent-that-dies.ts');
    const flags = ['--conditions=@twofold/source', script, path.join(folder, 'spill')];
    const parent = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 45_000 }).toBe(false);
    expect(existsSync(path.join(folder, 'spill'))).toBe(false);
  });

  it('never reaches for a network or an extension', async () => {
    const sql = "select count(*)::double from read_parquet(['https://example.invalid/x.parquet'])";
    await expect(collect(start().run(statement(sql, 'number')))).rejects.toThrow('Missing Extension');
    for (const text of ['install httpfs', 'set threads = 8'])
      await expect(collect(start().run(statement(text, 'number')))).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  });
});
