import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAll, record, recordsOf } from '@twofold/event-log/testing';
import type { KafkaLog } from '@twofold/event-log-kafka';
import { freePort } from '@twofold/service/testing';
import { services, servicesBeside } from './kafka-service.ts';
import { brokers, makeKafkaLog } from './test-log.ts';

/** A broker of its own, since others share the usual one. */
describe.skipIf(brokers === null || process.env['TWOFOLD_KAFKA_BROKERS'] !== undefined)('a broker killed -9', () => {
  const data = mkdtempSync(path.join(tmpdir(), 'event-log-kafka-'));
  let port = 0;
  let log: KafkaLog;

  /** Starts the broker, or finds it running, and gives its pid. */
  async function up(): Promise<number> {
    const { code, printed, said } = await servicesBeside(
      'up',
      'kafka',
      '--json',
      '--data',
      data,
      '--kafka-port',
      String(port),
    );
    const pid = Number(/"pids":\[(\d+)\]/.exec(printed)?.[1]);
    if (code !== 0 || !Number.isInteger(pid)) throw new TypeError(`the broker was not started: ${said}`);
    return pid;
  }

  beforeAll(async () => {
    port = await freePort();
    await up();
    log = makeKafkaLog({ brokers: [`127.0.0.1:${port}`], topicPrefix: '', patienceMs: 60_000 });
  });
  afterAll(async () => {
    await log.close();
    services('down', 'kafka', '--wipe', '--data', data);
    rmSync(data, { recursive: true, force: true });
  });

  it('loses nothing that was acknowledged, and its readers and writers go on', { timeout: 300_000 }, async () => {
    await log.ensureTopic('a', { partitions: 2 });
    const identity = await log.identity('a');
    const stored = new Map<string, string>();
    const stop = new AbortController();
    let unknown = 0;
    const write = async (): Promise<void> => {
      for (let call = 0; !stop.signal.aborted; call++) {
        const sent = Array.from({ length: 20 }, (_, index) => record(`k${index}`, `${call}.${index}`));
        try {
          const { partitions, offsets } = await log.append('a', sent);
          offsets.forEach((offset, index) => stored.set(`${partitions[index] ?? -1}/${offset}`, `${call}.${index}`));
        } catch (error) {
          expect(error).toMatchObject({ code: 'APPEND_OUTCOME_UNKNOWN', retryable: true });
          unknown += 1;
        }
        await sleep(2);
      }
    };
    const seen: { at: string; value: string | null }[] = [];
    const follow = async (partition: number): Promise<void> => {
      const cursor = log.open('a', partition);
      for (let next = 0; ;) {
        const batch = await cursor.read(next, { waitMs: 200 });
        expect(batch.baseOffset).toBe(next);
        seen.push(...recordsOf(batch).map(({ offset, value }) => ({ at: `${partition}/${offset}`, value })));
        if (stop.signal.aborted && batch.nextOffset === next) return;
        next = batch.nextOffset;
      }
    };
    const working = Promise.all([write(), follow(0), follow(1)]);
    for (let kill = 0; kill < 2; kill++) {
      const before = stored.size;
      while (stored.size < before + 400) await sleep(10);
      process.kill(await up(), 'SIGKILL');
      await sleep(300);
      await up();
    }
    const after = stored.size;
    while (stored.size < after + 400) await sleep(10);
    stop.abort();
    await working;

    const all = await Promise.all([0, 1].map(async (partition) => readAll(log, 'a', partition, 0)));
    const found = all.flatMap((records, partition) =>
      records.map(({ offset, value }): [string, string | null] => [`${partition}/${offset}`, value]),
    );
    expect(all.map((records) => records.map(({ offset }) => offset))).toEqual(
      all.map((records) => [...records.keys()]),
    );
    const byPlace = new Map(found);
    for (const [at, value] of stored) expect([at, byPlace.get(at)]).toEqual([at, value]);
    expect(seen.length).toBe(found.length);
    for (const { at, value } of seen) expect(value).toBe(byPlace.get(at));
    const twice = found.length - new Set(found.map(([, value]) => value)).size;
    expect(twice).toBeLessThanOrEqual(unknown * 20);
    expect(await log.identity('a')).toBe(identity);
  });
});
