import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One GraphQL request over a kept connection. */
export function ask(port: number, agent: Agent, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export interface Load {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds, rising. */
  readonly latencies: Float64Array;
  readonly rows: number;
  readonly failed: number;
}

/** `connections` clients that ask again as soon as they are answered. Every answer's rows are counted. */
export async function load(
  port: number,
  of: { readonly connections: number; readonly seconds: number; readonly body: () => string },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: of.connections });
  const latencies: number[] = [];
  const start = performance.now();
  let rows = 0;
  let failed = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - start < of.seconds * 1_000) {
      const asked = performance.now();
      const { status, body } = await ask(port, agent, of.body());
      latencies.push(performance.now() - asked);
      if (status !== 200 || body.includes('"errors"')) failed++;
      rows += body.split('"windowEnd"').length - 1;
    }
  };
  await Promise.all(Array.from({ length: of.connections }, client));
  const seconds = (performance.now() - start) / 1_000;
  agent.destroy();
  return { answers: latencies.length, seconds, latencies: Float64Array.from(latencies).sort(), rows, failed };
}

export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
