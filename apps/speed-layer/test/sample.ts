import { ClassifiedReader, createMemoryLog, type EventLog, type MemoryLog } from '@twofold/event-log';
import { registerProject, type ControlRow, type Lane } from '@twofold/releases';
import { createClassifier, createDecoder, decimal, instant, stream, text, type Columns } from '@twofold/schemas';
import { ulidIds, type Ids } from '@twofold/service';
import { recordingLogger, seededRng, virtualClock } from '@twofold/service/testing';
import { createMemoryStore, type SpeedRow, type ViewStore } from '@twofold/view-store';
import { count, max, sum, tumbling, view, type View } from '@twofold/views';

export const TOPIC = 't';
/** S and W of the sample stream: small, so that few events make many slices. */
export const SLICE = 16;
export const HORIZON = 24;

export const readings = stream('readings', {
  fields: { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000) },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
  dedupeHorizon: HORIZON,
  sliceSize: SLICE,
});

export const perSensor = view('perSensor', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({ readings: count(), total: sum(e.value), most: max(e.value) }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
});

const encoder = new TextEncoder();
const START = Date.UTC(2026, 0, 1);

export function event(sensor: string, second: number, value: number): { key: Uint8Array; value: Uint8Array } {
  const at = new Date(START + second * 1000).toISOString();
  return { key: encoder.encode(sensor), value: encoder.encode(JSON.stringify({ sensor, at, value })) };
}

/** Events with copies of earlier ones (near and beyond the horizon) and with messages that are no events. */
export function events(count: number, seed: number): { key: Uint8Array; value: Uint8Array }[] {
  const rng = seededRng(seed);
  const made: { key: Uint8Array; value: Uint8Array }[] = [];
  for (let i = 0; i < count; i++) {
    const back = made[made.length - 1 - Math.floor(rng.next() * 2 * HORIZON)];
    if (rng.next() < 0.2 && back !== undefined) made.push(back);
    else if (rng.next() < 0.05) made.push({ key: encoder.encode('x'), value: encoder.encode('{"sensor":') });
    else made.push(event(`s${Math.floor(rng.next() * 4)}`, i * 7, Math.floor(rng.next() * 1000) / 100));
  }
  return made;
}

export function surroundings(seed = 1) {
  const clock = virtualClock();
  const ids: Ids = ulidIds(clock, seededRng(seed));
  const logger = recordingLogger();
  const log: MemoryLog = createMemoryLog({ clock, ids });
  const store = createMemoryStore({ ids });
  return { clock, ids, logger, log, store };
}

/** A control row that names views, one unless told, from the origins on. */
export async function registered(
  log: Pick<EventLog, 'identity'>,
  store: ViewStore,
  origins: readonly number[] = [0],
  views: readonly View[] = [perSensor],
): Promise<ControlRow> {
  const { name, version, fingerprint } = readings;
  const row = registerProject({
    project: 'p',
    incarnation: store.incarnation,
    streams: { [name]: { version, fingerprint, sliceSize: SLICE, logIdentity: await log.identity(TOPIC), origins } },
    views: views.map((of) => ({ view: of.name, version: of.version, fingerprint: of.fingerprint, stream: name })),
  });
  await store.control.create(row);
  return row;
}

export function lane(start: number, end: number | null = null): Lane {
  const name = end === null ? ('base' as const) : (`remainder:${start}` as const);
  return { view: perSensor.name, version: 1, stream: readings.name, partition: 0, name, start, end };
}

export function classifiedReader(log: Pick<EventLog, 'open'>, position: number, origin = 0, historySize = 2) {
  return new ClassifiedReader(
    {
      cursor: log.open(TOPIC, 0),
      decoder: createDecoder(readings),
      classifier: createClassifier(readings),
      origin,
      dedupeHorizon: HORIZON,
      historySize,
      maxBytes: 1 << 20,
    },
    position,
  );
}

/** Gives the classified columns of `[from, end)` in reads that stop at the given positions. */
export async function eachColumns(
  log: EventLog,
  from: number,
  stops: readonly number[],
  take: (columns: Columns) => void,
  origin = 0,
): Promise<void> {
  const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
  const reader = classifiedReader(log, from, origin);
  const signal = new AbortController().signal;
  const edges = [...new Set([...stops.filter((stop) => stop > from && stop < end), end])].sort((a, b) => a - b);
  for (const below of edges)
    while (reader.position < below) {
      const read = await reader.read({ waitMs: 0, signal, below });
      if (read !== null) take(read.columns);
    }
}

export async function rowsOf(store: ViewStore, partition = 0): Promise<SpeedRow[]> {
  const query = { view: perSensor.name, version: 1, partition, buckets: null };
  return [...(await store.speedRows.read({ ...query, startFrom: 0, startBelow: Number.MAX_SAFE_INTEGER }))];
}

/** Comparable form of rows. A bucket in which nothing changed any more keeps the offset at which it last did. */
export function shown(rows: readonly SpeedRow[]): string[] {
  return rows.map((r) => `${r.start}-${r.end} b${r.bucket} ${Buffer.from(r.bytes).toString('hex')}`).sort();
}
