import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTwofold, TwofoldProcess, until } from '@twofold/e2e';
import { afterAll, describe, expect, test } from 'vitest';

/** In the workspace, where its packages are found. */
const projects = path.join(fileURLToPath(new URL('../..', import.meta.url)), '.cache', `e2e-former-${process.pid}`);
const folder = mkdtempSync(path.join(tmpdir(), 'twofold-former-'));
afterAll(() => {
  rmSync(projects, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

const dataFolder = path.join(folder, 'data');

/** Version 2 of the view has another measure in the place of one of version 1, and reads a version 2 of the stream. */
function declare(version: 1 | 2): string {
  const at = path.join(projects, `version-${version}`);
  mkdirSync(path.join(at, 'views'), { recursive: true });
  writeFileSync(
    path.join(at, 'readings.ts'),
    `import { instant, int, record, stream, text } from '@twofold/schemas';

export const readings = stream('readings', {
  version: ${version},
  fields: {
    sensor: text().maxLength(16),
    at: instant('ms'),
    value: int().between(-1000, 1000),
    site: record({ hall: text().maxLength(8)${version === 2 ? ', floor: int().optional()' : ''} }).optional(),
  },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
  dedupeHorizon: 50,
  sliceSize: 64,
});
`,
  );
  writeFileSync(
    path.join(at, 'twofold.config.ts'),
    `import { project } from '@twofold/views';
import { readings } from './readings.ts';

export default project('former', { streams: [readings], views: [] });
`,
  );
  // The project does not name it: that its file is there is enough.
  writeFileSync(
    path.join(at, 'views', 'per-hall.ts'),
    `import { count, max, sum, tumbling, view } from '@twofold/views';
import { readings } from '../readings.ts';

export const perHall = view('perHall', {
  from: readings,
  version: ${version},
  dimensions: (e) => ({ hall: e.site.hall }),
  window: tumbling('1h'),
  measures: (e) => ({ readings: count(), ${version === 1 ? 'total: sum(e.value)' : 'largest: max(e.value)'} }),
  levels: { '1h': 'forever' },
  serve: [{ key: [] }],
});
`,
  );
  return at;
}

function messages(from: number, many: number): string {
  const lines = Array.from({ length: many }, (_, i) =>
    JSON.stringify({
      sensor: `s${(from + i) % 5}`,
      at: new Date(Date.UTC(2026, 0, 1) + (from + i) * 1_000).toISOString(),
      value: from + i,
      site: { hall: 'north' },
    }),
  );
  const file = path.join(folder, `readings-${from}.ndjson`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const before = declare(1);
const after = declare(2);
const of = (project: string, ...args: string[]): string[] => [
  ...args,
  '--project',
  project,
  '--data-folder',
  dataFolder,
];
const never = ['--schedule', '0 0 1 1 *'];
const DEV = ['dev', '--port', '0', '--archive-every', '200ms'];

interface Answer {
  readonly data?: { readonly perHall: { readonly nodes: readonly Readonly<Record<string, unknown>>[] } | null } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

async function ask(url: string, measures: string): Promise<Answer> {
  const query = `{ perHall(timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }, first: 5) {
    nodes { ${measures} } provenance { releaseNumber } } }`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

async function answers(url: string, measures: string, wanted: readonly unknown[]): Promise<void> {
  let last: Answer = {};
  await until(
    `the answer is ${JSON.stringify(wanted)}`,
    async () => {
      last = await ask(url, measures);
      const [row] = last.data?.perHall?.nodes ?? [];
      return JSON.stringify(Object.values(row ?? {}).map(Number)) === JSON.stringify(wanted);
    },
    { patienceMs: 90_000, state: () => JSON.stringify(last) },
  );
}

async function releaseOf(url: string): Promise<number> {
  const { data } = (await ask(url, 'readings')) as {
    data?: { perHall: { provenance: { releaseNumber: number } } | null } | null;
  };
  return data?.perHall?.provenance.releaseNumber ?? -1;
}

describe('twofold dev that was restarted with a new version of a view', () => {
  test(
    'E0, E17: answers by the version that is live until the new one is promoted, and again after a rollback',
    { timeout: 300_000 },
    async () => {
      // By no schedule: a run that is cut off with its process is due again, and the next one would build the new version.
      const range = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-02T00:00:00Z'];
      const first = new TwofoldProcess(of(before, ...DEV, ...never));
      const firstUrl = await first.ready();
      expect((await runTwofold(of(before, 'send', 'readings', messages(1, 300)))).code).toBe(0);
      expect(await runTwofold(of(before, 'backfill', 'perHall', ...range, ...never))).toMatchObject({ code: 0 });
      await until('a build is live', async () => (await releaseOf(firstUrl)) > 0);
      await answers(firstUrl, 'readings total', [300, 45_150]);
      const live = await releaseOf(firstUrl);
      expect((await first.kill('SIGTERM')).code).toBe(0);

      // Nothing is built by itself: what is live is version 1, and its events go on to count.
      const second = new TwofoldProcess(of(after, ...DEV, ...never));
      const url = await second.ready();
      await answers(url, 'readings total', [300, 45_150]);
      expect((await runTwofold(of(after, 'send', 'readings', messages(301, 100)))).code).toBe(0);
      await answers(url, 'readings total', [400, 80_200]);
      expect((await ask(url, 'largest')).errors).toBeDefined();

      expect(await runTwofold(of(after, 'backfill', 'perHall', ...range, ...never))).toMatchObject({ code: 0 });
      await answers(url, 'readings largest', [400, 400]);
      expect((await ask(url, 'total')).errors).toBeDefined();

      expect(await runTwofold(of(after, 'rollback', String(live)))).toMatchObject({ code: 0 });
      await answers(url, 'readings total', [400, 80_200]);
      expect((await second.kill('SIGTERM')).code).toBe(0);
    },
  );
});
