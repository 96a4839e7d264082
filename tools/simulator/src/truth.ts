import type { AppendRecord, MemoryLog } from '@twofold/event-log';
import {
  classify,
  countedText,
  expectedChanges,
  hashesText,
  oraclePartials,
  type ClassifiedRecord,
  type OracleRecord,
  type Value,
} from '@twofold/oracle';
import { canonicalJson, type CanonicalValue, type Stream } from '@twofold/schemas';
import { bucketOf, encodeKey, type Reducer, type View } from '@twofold/views';
import type { CorrectedTruth } from './corrected-truth.ts';

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

export type Panes = Map<string, { readonly bucket: number; readonly components: Value[] }>;

/** What is in the log, and what the oracle makes of it. Knows nothing of slices, lanes, cuts or stores. */
export class Truth {
  readonly partitions = new Map<string, TruePartition[]>();
  readonly #views: readonly View[];
  readonly #keys = new Map<View, Map<string, Uint8Array>>();

  /** What corrections mean. */
  readonly corrected: CorrectedTruth;

  constructor(views: readonly View[], corrected: CorrectedTruth) {
    this.#views = views;
    this.corrected = corrected;
  }

  partition(stream: string, partition: number): TruePartition {
    const found = this.partitions.get(stream)?.[partition];
    if (found === undefined) throw new RangeError(`${stream} has no partition ${partition}`);
    return found;
  }

  addPartition(stream: string, origin: number): void {
    const all = this.partitions.get(stream) ?? [];
    all.push({ origin, end: origin, positions: new Map(), classified: [], recent: [] });
    this.partitions.set(stream, all);
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
    return [...fresh].flatMap(([partition, some]) =>
      this.#take(of.stream, this.partition(of.stream.name, partition), some),
    );
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
    this.partition(of.stream.name, partition).end += count;
  }

  #take(stream: Stream, partition: TruePartition, fresh: readonly OracleRecord[]): ClassifiedRecord[] {
    const taken: ClassifiedRecord[] = [];
    const first = fresh[0]?.offset ?? 0;
    const before = partition.recent.filter((record) => record.offset >= first - stream.dedupeHorizon);
    for (const record of classify(stream, [...before, ...fresh], [])) {
      if (record.offset < first) continue;
      const shares = new Map<View, Share>();
      for (const view of this.#views) {
        const share = view.stream.name === stream.name ? shareOf(view, record) : null;
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
    ranges.forEach(({ from, to }, number) => {
      const partition = this.partition(view.stream.name, number);
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

/** Of sessions: what one event brings is an interval of one instant; those of a key and bucket are joined by the gap. */
function joinIntervals(view: View, gapMs: number, panes: Panes): void {
  const bucketMs = view.levels[0]?.widthMs ?? 1;
  const byPlace = new Map<string, { readonly id: string; readonly first: number }[]>();
  for (const id of panes.keys()) {
    const { key, pane } = placeOf(id);
    const place = `${key} ${Math.floor(pane / bucketMs)}`;
    const some = byPlace.get(place) ?? [];
    byPlace.set(place, some);
    some.push({ id, first: pane });
  }
  for (const some of byPlace.values()) {
    let open: Value[] | null = null;
    for (const { id, first } of some.sort((a, b) => a.first - b.first)) {
      const components = panes.get(id)?.components ?? [];
      if (open === null || first - Number(open[1]) > gapMs) open = components;
      else {
        addTo(view, open, components);
        panes.delete(id);
      }
    }
  }
}

/** Key and pane of a pane's name. */
export function placeOf(id: string): { readonly key: string; readonly pane: number } {
  const at = id.lastIndexOf(' ');
  return { key: id.slice(0, at), pane: Number(id.slice(at + 1)) };
}

function addTo(view: View, sum: Value[], more: readonly Value[]): void {
  view.components.forEach((component, i) => {
    const { kind } = component;
    const [a, b] = [sum[i] ?? null, more[i] ?? null];
    if (b === null) return;
    if (a === null) sum[i] = b;
    else if (kind === 'min') sum[i] = b < a ? b : a;
    else if (kind === 'max' || kind === 'lastTime') sum[i] = b > a ? b : a;
    else if (kind === 'distinct') sum[i] = `e${[...new Set([...hashesOf(a), ...hashesOf(b)])].sort().join('')}`;
    else if (kind === 'countBy') sum[i] = `${String(a)}${String(b)}`;
    else if (kind === 'first' || kind === 'last') sum[i] = outermostOf(kind, String(a), String(b));
    else if (kind === 'reducer') sum[i] = statesTogether(component.reducer, String(a), String(b));
    else if (kind === 'bins' || kind === 'histogram') sum[i] = binsTogether(String(a), String(b));
    else if (typeof a === 'bigint' && typeof b === 'bigint') sum[i] = a + b;
  });
}

/** `bin:count` of each bin of either, by rising bin. */
function binsTogether(a: string, b: string): string {
  const counts = new Map<number, number>();
  for (const entry of [a, b].filter((text) => text !== '').flatMap((text) => text.split(','))) {
    const [bin = 0, count = 0] = entry.split(':').map(Number);
    counts.set(bin, (counts.get(bin) ?? 0) + count);
  }
  const rising = [...counts].sort(([first], [second]) => first - second);
  return rising.map(([bin, count]) => `${bin}:${count}`).join(',');
}

/** The hashes of a set that is kept as such, 15 hex digits each: what one event brings always is. */
function hashesOf(set: Value): string[] {
  return String(set).slice(1).match(/.{15}/g) ?? [];
}

/** What stands before or behind the other; an empty text is no value. */
function outermostOf(kind: 'first' | 'last', a: string, b: string): string {
  if (a === '' || b === '') return a === '' ? b : a;
  const [left, right] = [a, b].map((text) => text.split(' ', 3).map(Number));
  const at = left?.findIndex((part, i) => part !== right?.[i]) ?? -1;
  const isBefore = (left?.[at] ?? 0) < (right?.[at] ?? 0);
  return isBefore === (kind === 'first') ? a : b;
}

function statesTogether({ plus }: Reducer, a: string, b: string): string {
  const stateOf = (text: string): CanonicalValue => JSON.parse(text) as CanonicalValue;
  return canonicalJson(plus(stateOf(a), stateOf(b)));
}

/** Counted values are put one behind the other, and take their form when all is added: what one event brings has one. */
function valuesOf(texts: Value): string[] {
  const values: string[] = [];
  const head = /=(?:1:(\d+):)?/y;
  const text = String(texts);
  for (let at = 0; at < text.length; at = head.lastIndex) {
    head.lastIndex = at;
    const found = head.exec(text);
    if (found === null) throw new TypeError(`'${text}' is no list of counted values`);
    if (found[1] === undefined) continue;
    const value = [...text.slice(head.lastIndex)].slice(0, Number(found[1])).join('');
    values.push(value);
    head.lastIndex += value.length;
  }
  return values;
}

/** Sets are added up hash by hash, and take their form when all is added. */
function closeSets(view: View, components: Value[]): void {
  view.components.forEach((component, i) => {
    if (component.kind === 'countBy') components[i] = countedText(valuesOf(components[i] ?? null), component.atMost);
    if (component.kind !== 'distinct') return;
    const hashes = hashesOf(components[i] ?? null).map((hash) => BigInt(`0x${hash}`));
    components[i] = hashesText(hashes, component.precision);
  });
}
