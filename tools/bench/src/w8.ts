import { Agent } from 'node:http';
import { ask, load, quantile } from './http-load.ts';
import type { Measurement } from './measure.ts';
import { cpuSecondsOf, peakMbOf } from './process-cost.ts';
import { startServer } from './start-server.ts';
import { straddlingStore } from './straddling-store.ts';

const SENSORS = 10_000;
const CONNECTIONS = 50;
const SECONDS = 8;
const WARM_SECONDS = 3;
const ROWS = 60;

/** Merged answers of 60 rows over HTTP, half of them from batch rows; one core for the server, the load from another process. */
export async function w8(): Promise<Measurement[]> {
  const made = await straddlingStore();
  await made.store.close();
  try {
    const from = new Date(made.hourEnd - ROWS * 60_000).toISOString();
    const to = new Date(made.hourEnd).toISOString();
    const bodyOf = (sensor: number): string => bodyFor(`s-${String(sensor).padStart(5, '0')}`, from, to);
    const sample = await rowsOf(made.directory, bodyOf(0));
    return [
      await serve(['--limit', JSON.stringify(sample)], 'limit: node:http + JSON.stringify of the rows', () =>
        bodyOf(0),
      ),
      await serve([made.directory], 'serving API, keys Zipf 1.0', zipfBodies(bodyOf)),
      await serve([made.directory], 'serving API, keys uniform: most answers are merged anew', uniformBodies(bodyOf)),
    ];
  } finally {
    await made.bench.close();
  }
}

const QUERY = `query Hour($sensor: String!, $from: DateTime!, $to: DateTime!) {
  byMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 100) {
    nodes { windowEnd readings temperature pressure vibration worst }
  }
}`;

function bodyFor(sensor: string, from: string, to: string): string {
  return JSON.stringify({ query: QUERY, variables: { sensor, from, to } });
}

/** A few of 10,000 sensors are asked for most of the time: the n-th as often as 1/n says. */
function zipfBodies(bodyOf: (sensor: number) => string): () => string {
  const sums = new Float64Array(SENSORS);
  for (let n = 0; n < SENSORS; n++) sums[n] = (sums[n - 1] ?? 0) + 1 / (n + 1);
  const bodies = Array.from({ length: SENSORS }, (_, n) => bodyOf((n * 7919) % SENSORS));
  let seed = 1;
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const wanted = (seed / 2 ** 32) * (sums[SENSORS - 1] ?? 1);
    let low = 0;
    for (let high = SENSORS - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return bodies[low] ?? '';
  };
}

/** Each of 10,000 sensors is asked for as often as any other. */
function uniformBodies(bodyOf: (sensor: number) => string): () => string {
  const bodies = Array.from({ length: SENSORS }, (_, n) => bodyOf(n));
  let seed = 1;
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return bodies[Math.floor((seed / 2 ** 32) * SENSORS)] ?? '';
  };
}

async function serve(args: readonly string[], program: string, body: () => string): Promise<Measurement> {
  const { child, port } = await startServer(args);
  const pid = child.pid ?? 0;
  try {
    await load(port, { connections: CONNECTIONS, seconds: WARM_SECONDS, body });
    const before = cpuSecondsOf(pid);
    const { answers, seconds, latencies, rows, failed } = await load(port, {
      connections: CONNECTIONS,
      seconds: SECONDS,
      body,
    });
    const shown = [`${(rows / answers).toFixed(2)} rows each`, `${failed} failed`];
    for (const share of [0.5, 0.99]) shown.push(`p${share * 100} ${quantile(latencies, share).toFixed(1)} ms`);
    return {
      workload: 'W8 serving, 60-row answers',
      program,
      unit: 'answers',
      units: answers,
      wallSeconds: seconds,
      cpuSeconds: cpuSecondsOf(pid) - before,
      peakMemoryMb: peakMbOf(pid),
      checksum: shown.join(', '),
    };
  } finally {
    child.kill();
  }
}

/** One real answer, for the limit program to repeat. */
async function rowsOf(directory: string, body: string): Promise<unknown> {
  const { child, port } = await startServer([directory]);
  const agent = new Agent();
  try {
    const { status, body: text } = await ask(port, agent, body);
    const answer = JSON.parse(text) as { data?: { byMinute?: { nodes?: unknown[] } } };
    const nodes = answer.data?.byMinute?.nodes;
    if (status !== 200 || nodes?.length !== ROWS) throw new Error(`expected ${ROWS} rows, got ${text.slice(0, 500)}`);
    return nodes;
  } finally {
    agent.destroy();
    child.kill();
  }
}
