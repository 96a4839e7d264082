import { createMemoryArchive, createMemoryBlobs } from '@twofold/archive';
import { createJsEngine, readingFrom } from '@twofold/batch-engine';
import { ClassifiedReader, createMemoryLog, rowAt } from '@twofold/event-log';
import { liveRelease, entryOf, lanesOf, type ControlRow, type Entry } from '@twofold/releases';
import { createClassifier, createDecoder, decimal, instant, stream, text } from '@twofold/schemas';
import { ulidIds, type Clock } from '@twofold/service';
import { recordingLogger, seededRng } from '@twofold/service/testing';
import { createMemoryStore, type ViewStore } from '@twofold/view-store';
import { count, createFold, max, sum, tumbling, view, type View } from '@twofold/views';
import type { BatchPorts, BatchProject } from '../src/ports.ts';

export const TOPIC = 't';
export const SLICE = 16;
export const HORIZON = 24;
export const DAY_MS = 86_400_000;
export const START = Date.UTC(2026, 0, 1);
/** A signal that never comes. */
export const never: AbortSignal = new AbortController().signal;

export const readings = stream('readings', {
  fields: { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000) },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
  dedupeHorizon: HORIZON,
  sliceSize: SLICE,
});

export function sensorView(version = 1, measure: 'total' | 'most' = 'total'): View {
  return view('perSensor', {
    from: readings,
    version,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) =>
      measure === 'total' ? { readings: count(), total: sum(e.value) } : { readings: count(), most: max(e.value) },
    levels: { '1m': 'forever' },
    serve: [{ key: ['sensor'] }],
  });
}

export const perSensor = sensorView();

const encoder = new TextEncoder();

export function event(sensor: string, atMs: number, value: number): { key: Uint8Array; value: Uint8Array } {
  const at = new Date(atMs).toISOString();
  return { key: encoder.encode(sensor), value: encoder.encode(JSON.stringify({ sensor, at, value })) };
}

/** Events seven seconds apart, with copies near and beyond the horizon and with messages that are no events. */
export function events(many: number, seed: number, fromMs = START): { key: Uint8Array; value: Uint8Array }[] {
  const rng = seededRng(seed);
  const made: { key: Uint8Array; value: Uint8Array }[] = [];
  for (let i = 0; i < many; i++) {
    const back = made[made.length - 1 - Math.floor(rng.next() * 2 * HORIZON)];
    if (rng.next() < 0.15 && back !== undefined) made.push(back);
    else if (rng.next() < 0.05) made.push({ key: encoder.encode('x'), value: encoder.encode('{"sensor":') });
    else made.push(event(`s${Math.floor(rng.next() * 4)}`, fromMs + i * 7_000, Math.floor(rng.next() * 1000) / 100));
  }
  return made;
}

/** A clock on which every sleep is over at once, and time has passed. */
export function hastyClock(startMs = START): Clock & { pass(ms: number): void } {
  let elapsedMs = 0;
  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      elapsedMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (ms) => {
      elapsedMs += ms;
    },
  };
}

export function surroundings(seed = 1) {
  const clock = hastyClock();
  const ids = ulidIds(clock, seededRng(seed));
  const logger = recordingLogger();
  const log = createMemoryLog({ clock, ids });
  const stored = new Map<string, Uint8Array>();
  const archive = createMemoryArchive({ ids, blobs: createMemoryBlobs(stored) });
  const store = createMemoryStore({ ids });
  const engine = createJsEngine(readingFrom(archive));
  const ports: BatchPorts = { log, archive, engine, store, clock, ids, logger };
  return { ...ports, clock, log, store, stored, logger, ports };
}

export type World = ReturnType<typeof surroundings>;

export function project(views: readonly View[] = [perSensor]): BatchProject {
  return { id: 'p', streams: [{ stream: readings, topic: TOPIC }], views };
}

export async function control(store: ViewStore): Promise<ControlRow> {
  const row = await store.control.read();
  if (row === null) throw new RangeError('not registered');
  return row;
}

export async function liveEntry(store: ViewStore, name = perSensor.name): Promise<Entry> {
  const row = await control(store);
  const entry = entryOf(row, liveRelease(row), name);
  if (entry === null) throw new RangeError(`no entry of ${name}`);
  return entry;
}

/** Folds every lane that the control row names up to the log's end, as the speed layer does. */
export async function foldSpeed({ log, store }: World, of: View = perSensor): Promise<void> {
  const row = await control(store);
  const origins = row.streams[readings.name]?.origins ?? [];
  for (const { partition, end } of await log.partitions(TOPIC))
    for (const lane of lanesOf(row, readings.name, partition)) {
      if (lane.version !== of.version) continue;
      const until = Math.min(end, lane.end ?? end);
      for (let start = lane.start; start < until;) {
        const edge = Math.floor(start / SLICE) * SLICE + SLICE;
        const reader = new ClassifiedReader(
          {
            cursor: log.open(TOPIC, partition),
            decoder: createDecoder(readings),
            classifier: createClassifier(readings),
            origin: origins[partition] ?? 0,
            dedupeHorizon: HORIZON,
            historySize: 2,
            maxBytes: 1 << 20,
          },
          start,
        );
        const fold = createFold(of);
        const below = Math.min(edge, until);
        while (reader.position < below) {
          const read = await reader.read({ waitMs: 0, signal: never, below });
          if (read !== null) fold.apply(read.columns, rowAt(read.columns, start), read.columns.count);
        }
        const place = { view: of.name, version: of.version, partition, start, end: edge, appliedOffset: below };
        await store.speedRows.write(fold.takeDirty().map(({ bucket, bytes }) => ({ ...place, bucket, bytes })));
        start = below;
      }
      await store.progress.write(
        [{ view: of.name, version: of.version, partition, lane: lane.name, next: Math.max(until, lane.start) }].map(
          (record) => ({ ...record, maxEventTime: null, lastLogTime: null, caughtUpAt: null }),
        ),
      );
    }
}

/** Every chunk of a build, by level and pane range: what its content is, whatever its parts are called. */
export async function contentOf(store: ViewStore, build: string | null): Promise<string[]> {
  const index = build === null ? null : await store.parts.index(build);
  const lines: string[] = [];
  for (const part of index?.parts ?? [])
    for (let number = 0; number < part.chunks; number++) {
      const bytes = (await store.parts.chunk(part.part, number)) ?? new Uint8Array(0);
      lines.push(`${part.widthMs} ${part.from} ${number} ${Buffer.from(bytes).toString('hex')}`);
    }
  return lines.sort();
}
