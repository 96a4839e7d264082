import { archivedEnd, derivedName, foreignEnds } from '@twofold/archive';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import { KafkaLog } from '@twofold/event-log-kafka';
import type { ControlRow } from '@twofold/releases';
import { openToLook, type Look } from '../look.ts';
import { topicsOf, type StreamTopic } from '../platform.ts';
import type { CliSettings } from '../settings.ts';

/** What running services have shown of one stream. */
export interface Observed {
  /** Records a second on average, from the first counted one that the log still has to the last. Null: too few to say. */
  readonly rate: number | null;
  readonly partitions: number;
  /** Who sets log times; null: not known. */
  readonly logTime: 'log' | 'producer' | null;
  /** Archived positions that another version of the stream has read, and this one has not yet (E9). */
  readonly unread: number;
}

/** A shorter stretch of time says nothing about a rate. */
const LEAST_MS = 1_000;

/** By stream; empty, with the reason in words, when there is nothing to observe. */
export async function observeStreams(
  projectFolder: string,
  values: CliSettings,
): Promise<{ readonly observed: ReadonlyMap<string, Observed>; readonly reason: string | null }> {
  const observed = new Map<string, Observed>();
  try {
    const look = await openToLook(projectFolder, values);
    try {
      const row = await look.store.control.read();
      if (row === null) return { observed, reason: 'the project is not registered yet' };
      for (const topic of topicsOf(look.project)) observed.set(topic.stream.name, await observeOne(topic, look, row));
    } finally {
      await look.close();
    }
    return { observed, reason: null };
  } catch (error) {
    if (!isTwofoldError(error)) throw error;
    return { observed, reason: error.message };
  }
}

async function observeOne({ stream, topic }: StreamTopic, look: Look, row: ControlRow): Promise<Observed> {
  const origins = row.streams[stream.name]?.origins ?? [];
  const log = await look.openLog();
  try {
    const ranges = await log.partitions(topic);
    let [records, firstMs, lastMs] = [0, Infinity, -Infinity];
    for (const { partition, next } of await look.store.ledger.totals(stream.name)) {
      const start = Math.max(
        origins[partition] ?? 0,
        ranges.find((range) => range.partition === partition)?.start ?? 0,
      );
      if (next <= start) continue;
      const cursor = log.open(topic, partition);
      try {
        // A batch is valid until the next read: its time is taken first.
        const first = await cursor.read(start, { maxBytes: 1, to: next });
        firstMs = Math.min(firstMs, first.times[0] ?? Infinity);
        const last = await cursor.read(next - 1, { maxBytes: 1, to: next });
        lastMs = Math.max(lastMs, last.times[0] ?? -Infinity);
        records += next - start;
      } finally {
        await cursor.close();
      }
    }
    const rate = lastMs - firstMs >= LEAST_MS ? (records / (lastMs - firstMs)) * 1_000 : null;
    const logTime =
      log instanceof KafkaLog ? ((await log.report(topic)).logTime === 'broker' ? 'log' : 'producer') : 'log';
    return { rate, partitions: origins.length, logTime, unread: await unreadOf(stream, look) };
  } finally {
    await log.close();
  }
}

async function unreadOf(stream: Stream, { archive }: Look): Promise<number> {
  const state = await archive.head(stream.name);
  const derived = await archive.head(derivedName(stream));
  const ends = await foreignEnds(stream, state, archive);
  return ends.reduce((sum, end, partition) => {
    const from = Math.max(state.origins[partition] ?? 0, archivedEnd(derived, partition));
    return sum + Math.max(0, end - from);
  }, 0);
}
