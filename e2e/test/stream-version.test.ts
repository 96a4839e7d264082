import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { derivedName } from '@twofold/archive';
import { caughtUp, compareView, loadProject, readWholeLog } from '@twofold/cli';
import { followData, runTwofold, TwofoldProcess, until } from '@twofold/e2e';
import { entryOf, liveRelease } from '@twofold/releases';
import { afterAll, describe, expect, test } from 'vitest';

/** In the workspace, where its packages are found. */
const projects = path.join(fileURLToPath(new URL('../..', import.meta.url)), '.cache', `e2e-versions-${process.pid}`);
const folder = mkdtempSync(path.join(tmpdir(), 'twofold-versions-'));
afterAll(() => {
  rmSync(projects, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

const dataFolder = path.join(folder, 'data');

/** A project of one stream; both versions are of one id, and of one data folder. */
function declare(name: string, streamVersion: number, viewVersion: number, more: string, value: string): string {
  const at = path.join(projects, name);
  mkdirSync(at, { recursive: true });
  writeFileSync(
    path.join(at, 'twofold.config.ts'),
    `import { decimal, instant, stream, text } from '@twofold/schemas';
import { count, countBy, first, project, reducer, sum, tumbling, view } from '@twofold/views';

const readings = stream('readings', {
  version: ${streamVersion},
  fields: { sensor: text().maxLength(16), at: instant('ms'), value: ${value}${more} },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
  dedupeHorizon: 50,
  sliceSize: 64,
});
const common = { from: readings, version: ${viewVersion}, window: tumbling('1m'), levels: { '1m': 'forever' } } as const;

export default project('versions', {
  streams: [readings],
  views: [
    view('perSensor', {
      ...common,
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ readings: count(), total: sum(e.value), opened: first(e.value) }),
      serve: [{ key: ['sensor'] }],
    }),
    view('all', {
      ...common,
      dimensions: () => ({}),
      measures: (e) => ({
        sensors: countBy(e.sensor, { atMost: 3 }),
        widest: reducer({
          of: { value: e.value },
          zero: { least: 0, most: 0 },
          lift: ({ value }) => ({ least: Math.min(0, value), most: Math.max(0, value) }),
          plus: (a, b) => ({ least: Math.min(a.least, b.least), most: Math.max(a.most, b.most) }),
          shows: 'number',
          present: ({ least, most }) => (most - least) / 100,
        }),
      }),
      serve: [{ key: [] }],
    }),
  ],
});
`,
  );
  return at;
}

/** Readings of five sensors a second apart; some are sent twice, some are beyond 50. */
function messages(from: number, many: number): string {
  const lines = Array.from({ length: many }, (_, i) => {
    const number = from + i - (i % 17 === 0 && i > 0 ? 3 : 0);
    const at = new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString();
    return JSON.stringify({
      sensor: `s${number % 5}`,
      at,
      value: ((number * 37) % 9_000) / 100,
      note: `n${number % 3}`,
    });
  });
  const file = path.join(folder, `readings-${from}.ndjson`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const wide = 'decimal(2).between(-100, 100)';
const before = declare('before', 1, 1, '', wide);
const unraised = declare('unraised', 1, 2, ', note: text().optional()', 'decimal(2).between(-100, 50)');
const after = declare('after', 2, 2, ', note: text().optional()', 'decimal(2).between(-100, 50)');

const of = (project: string, ...args: string[]): string[] => [
  ...[...args, '--project', project, '--data-folder', dataFolder],
];
const DEV = ['dev', '--port', '0', '--archive-every', '200ms', '--schedule', '*/2 * * * * *'];

/** Every answer of the project is that of the oracle, by its own declaration of the stream. */
async function provedAgainstOracle(project: string): Promise<{ applied: number; rejected: number; batchRows: number }> {
  const loaded = await loadProject(project);
  const platform = await followData(loaded.project, dataFolder);
  try {
    await caughtUp(loaded.project, platform, AbortSignal.timeout(90_000));
    const [topic] = platform.topics;
    if (topic === undefined) throw new TypeError('the project has a stream');
    const log = await readWholeLog(topic, platform.log);
    let batchRows = 0;
    for (const view of loaded.project.views) {
      const { difference, rows } = await compareView(view, log, platform);
      expect(difference).toBeNull();
      batchRows += rows.BATCH;
    }
    const many = (recordClass: string): number => log.filter((record) => record.class === recordClass).length;
    return { applied: many('applied'), rejected: many('rejected'), batchRows };
  } finally {
    await platform.close();
  }
}

/** What the control row says of streams and releases. */
async function controlOf(project: string) {
  const platform = await followData((await loadProject(project)).project, dataFolder);
  try {
    const row = await platform.store.control.read();
    return { streams: row?.streams, live: row?.live, entries: row?.entries, candidates: row?.candidates };
  } finally {
    await platform.close();
  }
}

/** Waits until the views of this project are live: those of its versions, with a build. */
async function live(project: string): Promise<void> {
  const loaded = await loadProject(project);
  const platform = await followData(loaded.project, dataFolder);
  try {
    for (const stop = AbortSignal.timeout(90_000); ;) {
      const row = await platform.store.control.read();
      const entries = loaded.project.views.map(({ name }) =>
        row === null ? null : entryOf(row, liveRelease(row), name),
      );
      const wanted = loaded.project.views.map(({ version }) => version);
      if (entries.every((entry, i) => entry?.version === wanted[i] && (entry?.build ?? null) !== null)) return;
      await platform.clock.sleep(100, stop);
    }
  } finally {
    await platform.close();
  }
}

describe('twofold dev under a new version of a stream', () => {
  test(
    'E9: reads history anew from its original bytes, answers as the oracle does, and says so before',
    { timeout: 400_000 },
    async () => {
      const first = new TwofoldProcess(of(before, ...DEV));
      await first.ready();
      expect((await runTwofold(of(before, 'send', 'readings', messages(0, 400)))).code).toBe(0);
      await live(before);
      const old = await provedAgainstOracle(before);
      expect(old.rejected).toBe(0);
      expect(old.batchRows).toBeGreaterThan(0);
      expect((await first.kill('SIGTERM')).code).toBe(0);

      // Under the same version number nothing is folded or built, and nothing is changed.
      const served = await controlOf(before);
      const started = new TwofoldProcess(of(unraised, ...DEV));
      let hasEnded = false;
      void started.ended.then(() => (hasEnded = true));
      const says = (): boolean => started.stderr.includes("Raise the stream's version to 2");
      await until('it says what to do', () => says() || hasEnded, { state: () => started.printed });
      expect((await started.kill('SIGTERM')).stderr).toContain("Raise the stream's version to 2");
      expect(await controlOf(before)).toEqual(served);

      // What it will do is shown before it is done.
      const shown = await runTwofold(of(after, 'check'));
      expect(shown.stdout).toMatch(/stream readings version 2: \d+ archived positions were read by another version/);
      expect(shown.stdout).toContain('view all: measure widest is a reducer');

      const second = new TwofoldProcess(of(after, ...DEV));
      await second.ready();
      expect((await runTwofold(of(after, 'send', 'readings', messages(400, 200)))).code).toBe(0);
      await live(after);
      const now = await provedAgainstOracle(after);
      expect(now.rejected).toBeGreaterThan(100);
      expect(now.batchRows).toBeGreaterThan(0);
      expect((await second.kill('SIGTERM')).code).toBe(0);
      expect((await runTwofold(of(after, 'verify'))).code).toBe(0);
      expect((await runTwofold(of(after, 'check'))).stdout).not.toContain('were read by another version');

      const { project } = await loadProject(after);
      const platform = await followData(project, dataFolder);
      const [stream] = project.streams;
      const derived = stream === undefined ? [] : (await platform.archive.head(derivedName(stream))).files;
      await platform.close();
      expect(derived.reduce((sum, file) => sum + file.to - file.from, 0)).toBeGreaterThanOrEqual(400);
      console.log(`stream version: ${old.applied} events applied by version 1, ${now.applied} of 600 by version 2`);
    },
  );
});
