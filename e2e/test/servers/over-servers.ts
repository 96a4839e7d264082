import type { Proof, Servers } from '@twofold/e2e';
import { describe, expect, inject, test } from 'vitest';

const servers = inject('servers');

/** Tests over a real Kafka and Cassandra; skipped, with the reason, where they are not asked for. */
export function overServers(name: string, tests: (servers: Servers) => void): void {
  if (servers === null) {
    console.log(`SKIPPED: ${name}: real servers are used only when TWOFOLD_TEST_SERVICES=1 is set`);
    test.skip(name, () => undefined);
  } else describe(name, () => tests(servers));
}

/** Every view of the stream is the oracle's, and every layer had something to say. */
export function expectEqual({ views }: Proof, layers: readonly ('MERGED' | 'BATCH' | 'SPEED')[] = ['MERGED']): void {
  expect(views.length).toBeGreaterThan(0);
  for (const { view, difference, rows } of views) {
    expect([view, difference]).toEqual([view, null]);
    for (const layer of layers) expect([view, layer, rows[layer] > 0]).toEqual([view, layer, true]);
  }
}

export function rowsOf({ views }: Proof): string {
  return views.map(({ view, rows }) => `${view} ${rows.MERGED}/${rows.BATCH}/${rows.SPEED}`).join(', ');
}
