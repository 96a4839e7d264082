import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSparkEngine } from '@twofold/batch-engine-spark';
import { batchEngineContract, engineView, foldAll, sampleFiles } from '@twofold/batch-engine/testing';
import { systemClock } from '@twofold/service';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { driverCases, isGroupAlive } from './driver-cases.ts';
import { spark } from './find-spark.ts';
import { parityCases } from './parity-cases.ts';
import { startTestHost, type TestHost } from './test-engine.ts';

// A Spark has to start, on machines with other work to do, and each job takes it half a second or more. All tests are
// in one file, so that there is never more than one.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

describe.skipIf(spark === null)('on a real Spark', () => {
  let host: TestHost;
  beforeAll(() => {
    host = startTestHost();
  });
  afterAll(() => host.close());
  batchEngineContract('Spark behind its driver', () => Promise.resolve(host.makeEngine()));
  describe('what Spark folds', () => {
    parityCases(() => host.makeEngine());
  });
  describe('a driver', () => {
    driverCases(() => host);
  });
});

describe.skipIf(spark === null)('a driver of its own', () => {
  it('ends with its parent, and so does the Java process, in the middle of a job; it wrote nothing beside its folder', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'twofold-spark-'));
    const [where, work] = [path.join(folder, 'where'), path.join(folder, "a,b c's,d")];
    for (const made of [where, work]) mkdirSync(made);
    const script = path.join(import.meta.dirname, 'parent-that-dies.ts');
    const parent = spawn(process.execPath, ['--conditions=@twofold/source', script, work], {
      cwd: where,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')])) as [Buffer | number];
    if (typeof line === 'number') return expect.fail(`the parent ended with code ${line}`);
    const pid = Number(line.toString());
    expect(isGroupAlive(pid)).toBe(true);
    const spilled = path.join(work, `spark-${String(parent.pid)}-1`, 'spilled');
    expect(readdirSync(spilled)).toContainEqual(expect.stringMatching(/^blockmgr-/));
    expect([readdirSync(where), readdirSync(folder).sort()]).toEqual([[], [path.basename(work), 'where']]);
    parent.kill('SIGKILL');
    await expect.poll(() => isGroupAlive(pid), { timeout: 45_000 }).toBe(false);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('where there is no Spark', () => {
  it.each([
    ['no such Python', 'twofold-no-such-python', { sparkHome: null, pythonPath: [] }],
    ['a Python without Spark', process.execPath, { sparkHome: null, pythonPath: [] }],
  ])('says what it needs: %s', async (_, python, install) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'twofold-spark-'));
    const common = { master: null, threads: 1, memoryLimitBytes: 1 << 30, clock: systemClock() };
    const engine = createSparkEngine({ ...common, python, install, workDirectory: folder });
    const view = engineView();
    const files = sampleFiles(view, 1).map(({ partition, from, to }) => ({ path: 'none', partition, from, to }));
    const fold = foldAll(engine, { view, widthMs: 1_000, files, panes: null, sliceSize: null });
    await expect(fold).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      message: expect.stringContaining('Java 17') as unknown,
    });
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
