import type { AppendRecord, MemoryLog } from '@twofold/event-log';
import {
  classify,
  expectedChanges,
  oraclePartials,
  type ClassifiedRecord,
  type OracleRecord,
  type Value,
} from '@twofold/oracle';
import type { Stream } from '@twofold/schemas';
import { bucketOf, encodeKey, type View } from '@twofold/views';
import type { CorrectedTruth } from './corrected-truth.ts';
import { addTo, closeSets, joinIntervals, type Panes } from './true-panes.ts';

/** What one applied event adds to one view, as the oracle has it. */
interface Share {
  readonly key: string;
  readonly keyBytes: Uint8Array;
  /** Key and pane of the finest level. */
  readonly id: string;
  readonly bucket: number;
  readonly pane: number;
  readonly components: readonly Value[];
}

interface Position {
  readonly class: ClassifiedRecord['class'];
  readonly shares: ReadonlyMap<View, Share>;
}

interface TruePartition {
  readonly origin: number;
  end: number;
  /** By offset; a position without a record is not in it. */
  readonly positions: Map<number, Position>;
  readonly classified: ClassifiedRecord[];
  /** The last records, which decide what is a duplicate. */
  recent: OracleRecord[];
}

/** What is in the log, and what the oracle makes of it. Knows nothing of slices, lanes, cuts or stores. */
export class Truth {
  readonly partitions = new Map<string, TruePartition[]>();
  /** By fingerprint of a later version of a stream: the same log, as that version reads it (E9). */
  readonly #later = new Map<string, { readonly stream: Stream; readonly partitions: TruePartition[] }>();
  readonly #views: readonly View[];
  readonly #keys = new Map<View, Map<string, Uint8Array>>();

  /** What corrections mean. */
  readonly corrected: CorrectedTruth;

  constructor(views: readonly View[], corrected: CorrectedTruth) {
    this.#views = views;
    this.corrected = corrected;
    const streams = views.map(({ stream }) => stream);
    for (const stream of streams)
      if (streams.some(({ name, version }) => name === stream.name && version < stream.version))
        this.#later.set(stream.fingerprint, { stream, partitions: [] });
  }

  partition(stream: string, partition: number): TruePartition {
    const found = this.partitions.get(stream)?.[partition];
    if (found === undefined) throw new RangeError(`${stream} has no partition ${partition}`);
    return found;
  }

  /** The partitions of a stream, read by this very version of it. */
  readBy({ name, fingerprint }: Stream): readonly TruePartition[] {
    return this.#later.get(fingerprint)?.partitions ?? this.partitions.get(name) ?? [];
  }

  addPartition(stream: string, origin: number): void {
    const all = this.partitions.get(stream) ?? [];
    this.partitions.set(stream, all);
    for (const partitions of [all, ...this.#laterOf(stream).map((later) => later.partitions)])
      partitions.push({ origin, end: origin, positions: new Map(), classified: [], recent: [] });
  }

  #laterOf(name: string): { readonly stream: Stream; readonly partitions: TruePartition[] }[] {
    return [...this.#later.values()].filter(({ stream }) => stream.name === name);
  }

  async append(
    log: MemoryLog,
    of: { readonly stream: Stream; readonly topic: string },
    records: readonly AppendRecord[],
    logTime: number,
  ): Promise<readonly ClassifiedRecord[]> {
    const { partitions, offsets } = await log.append(of.topic, records);
    const fresh = new Map<number, OracleRecord[]>();
    records.forEach(({ key, value }, i) => {
      const partition = partitions[i] ?? 0;
      const some = fresh.get(partition) ?? [];
      some.push({ partition, offset: offsets[i] ?? 0, key, value, logTime });
      fresh.set(partition, some);
    });
    return [...fresh].flatMap(([partition, some]) => {
      for (const { stream, partitions } of this.#laterOf(of.stream.name)) {
        const later = partitions[partition];
        if (later !== undefined) this.#take(stream, later, some);
      }
      return this.#take(of.stream, this.partition(of.stream.name, partition), some);
    });
  }

  /**
   * E26: what counts of a change stream's partition is exactly what its operator has to emit for the restatements that
   * are in the log, from the first on and in order. What is wrong with it, and how many changes are missing at its end.
   */
  changes(stream: Stream, partition: number): { readonly fault: string | null; readonly missing: number } {
    const { change } = stream;
    if (change === undefined) return { fault: null, missing: 0 };
    const expected = expectedChanges(stream, this.partition(change.of.name, partition).classified);
    const counted = this.partition(stream.name, partition).classified.filter((record) => record.class !== 'duplicate');
    for (const [i, record] of counted.entries()) {
      const wanted = expected[i];
      const found = record.class === 'applied' ? textOf(record.event.values) : record.class;
      const due = wanted === undefined ? 'nothing' : textOf(wanted.values);
      if (found !== due)
        return { fault: `change ${i} at offset ${record.offset} is ${found}, and should be ${due}`, missing: 0 };
    }
    return { fault: null, missing: expected.length - counted.length };
  }

  /** Keys that a view's events have had so far. */
  keysOf(view: View): readonly Uint8Array[] {
    return [...(this.#keys.get(view)?.values() ?? [])];
  }

  addControl(log: MemoryLog, of: { stream: Stream; topic: string }, partition: number, count: number): void {
    log.addControl(of.topic, partition, count);
    for (const partitions of [
      this.readBy(of.stream),
      ...this.#laterOf(of.stream.name).map((later) => later.partitions),
    ]) {
      const found = partitions[partition];
      if (found !== undefined) found.end += count;
    }
  }

  #take(stream: Stream, partition: TruePartition, fresh: readonly OracleRecord[]): ClassifiedRecord[] {
    const taken: ClassifiedRecord[] = [];
    const first = fresh[0]?.offset ?? 0;
    const before = partition.recent.filter((record) => record.offset >= first - stream.dedupeHorizon);
    for (const record of classify(stream, [...before, ...fresh], [])) {
      if (record.offset < first) continue;
      const shares = new Map<View, Share>();
      for (const view of this.#views) {
        const share = view.stream.fingerprint === stream.fingerprint ? shareOf(view, record) : null;
        if (share === null) continue;
        shares.set(view, share);
        const keys = this.#keys.get(view) ?? new Map<string, Uint8Array>();
        this.#keys.set(view, keys.set(share.key, share.keyBytes));
      }
      partition.positions.set(record.offset, { class: record.class, shares });
      partition.classified.push(record);
      partition.end = record.offset + 1;
      taken.push(record);
    }
    partition.recent = [...before, ...fresh];
    return taken;
  }

  /** The panes of a view over `[from, to)` of each partition, at a width, with a release's corrections in force. */
  panes(
    view: View,
    widthMs: number,
    ranges: readonly { readonly from: number; readonly to: number }[],
    corrections: readonly string[] = [],
  ): Panes {
    const panes: Panes = new Map();
    const { dropped, added } = this.corrected.effectOf(view.stream, corrections);
    const finest = view.window.kind === 'session' ? widthMs : view.levels[0]?.widthMs;
    const partitions = this.readBy(view.stream);
    ranges.forEach(({ from, to }, number) => {
      const partition = partitions[number];
      if (partition === undefined) throw new RangeError(`${view.stream.name} has no partition ${number}`);
      for (let offset = Math.max(from, partition.origin); offset < Math.min(to, partition.end); offset++) {
        const share = partition.positions.get(offset)?.shares.get(view);
        if (share !== undefined && !dropped.has(`${number} ${offset}`)) addShare(view, widthMs, finest, panes, share);
      }
    });
    for (const record of added) {
      const share = shareOf(view, record);
      if (share !== null) addShare(view, widthMs, finest, panes, share);
    }
    if (view.window.kind === 'session') joinIntervals(view, view.window.gapMs, panes);
    for (const { components } of panes.values()) closeSets(view, components);
    return panes;
  }
}

function addShare(view: View, widthMs: number, finest: number | undefined, panes: Panes, share: Share): void {
  const id = finest === widthMs ? share.id : `${share.key} ${Math.floor(share.pane / widthMs) * widthMs}`;
  const there = panes.get(id);
  if (there === undefined) panes.set(id, { bucket: share.bucket, components: [...share.components] });
  else addTo(view, there.components, share.components);
}

function textOf(values: ReadonlyMap<string, Value>): string {
  return [...values]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');
}

function shareOf(view: View, record: ClassifiedRecord): Share | null {
  const [partial] = oraclePartials(view, [record]);
  if (partial === undefined) return null;
  const { key, pane, components } = partial;
  const name = JSON.stringify(key);
  const keyBytes = encodeKey(view, key);
  return { key: name, keyBytes, id: `${name} ${pane}`, bucket: bucketOf(view, keyBytes), pane, components };
}
