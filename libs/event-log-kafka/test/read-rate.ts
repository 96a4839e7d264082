// What reading costs this process, fast and plain, from a real broker: CPU microseconds a record and records a second.
// node --conditions=@twofold/source libs/event-log-kafka/test/read-rate.ts BROKERS [records] [codec] [rounds]
import type { EventLog } from '@twofold/event-log';
import { type KafkaCompression, KafkaLog } from '@twofold/event-log-kafka';
import { systemClock } from '@twofold/service';

const [brokers = '127.0.0.1:9092', records = '500000', codec = 'lz4', rounds = '3'] = process.argv.slice(2);
const count = Number(records);
const compressions: readonly KafkaCompression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const compression = compressions.find((each) => each === codec) ?? 'lz4';
const topicPrefix = `rate-${process.pid}-`;
const common = { brokers: brokers.split(','), clock: systemClock(), topicPrefix, compression };
const writer = new KafkaLog(common);
const topic = 'w1';

function event(index: number): { key: Uint8Array; value: Uint8Array } {
  const key = `sensor-${(index * 7919) % 10_000}`;
  const temperature = (200 + ((index * 31) % 997) / 10).toFixed(2);
  const value = `{"sensor":"${key}","at":${1_700_000_000_000 + index},"temperature":${temperature},"pressure":${(index % 1000) / 10},"id":"e${index}"}`;
  return { key: Buffer.from(key), value: Buffer.from(value) };
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function report(what: string, cpu: number, started: number, seen: number, bytes: number): void {
  const seconds = (performance.now() - started) / 1_000;
  const each = ((cpuMicroseconds() - cpu) / seen).toFixed(3);
  const rate = Math.round(seen / seconds / 1_000);
  console.log(
    `${compression}, ${what}: ${each} µs CPU a record, ${rate} k records/s, ${Math.round(bytes / seen)} B each`,
  );
}

async function readAll(log: EventLog): Promise<void> {
  const started = performance.now();
  const cpu = cpuMicroseconds();
  let seen = 0;
  let bytes = 0;
  await Promise.all(
    (await log.partitions(topic)).map(async ({ partition, start, end }) => {
      const cursor = log.open(topic, partition);
      for (let next = start; next < end;) {
        const batch = await cursor.read(next);
        seen += batch.count;
        for (let row = 0; row < batch.count; row++)
          bytes += (batch.valueEnds[row] ?? 0) - (batch.valueStarts[row] ?? 0);
        next = batch.nextOffset;
      }
    }),
  );
  return seen === count
    ? report(log === fast ? 'fast reader' : 'plain reader', cpu, started, seen, bytes)
    : Promise.reject(new TypeError(`${seen} of ${count} records were read`));
}

await writer.ensureTopic(topic, { partitions: 2 });
const started = performance.now();
const cpu = cpuMicroseconds();
let written = 0;
const sending = new Set<Promise<unknown>>();
for (; written < count; written += 1_000) {
  const batch = Array.from({ length: 1_000 }, (_, index) => event(written + index));
  const sent = writer.append(topic, batch).finally(() => sending.delete(sent));
  sending.add(sent);
  if (sending.size >= 4) await Promise.race(sending);
}
await Promise.all(sending);
report('appending', cpu, started, count, 0);
await writer.close();

const fast = new KafkaLog({ ...common, reader: 'fast' });
const plain = new KafkaLog({ ...common, reader: 'plain' });
for (let round = 0; round < Number(rounds); round++) {
  await readAll(fast);
  await readAll(plain);
}
await Promise.all([fast.close(), plain.close()]);
