import { createHash } from 'node:crypto';
import {
  promote,
  registerCandidate,
  registerProject,
  trim,
  viewVersionKey,
  WIDE_FAN_IN,
  type ControlRow,
  type Transition,
} from '@twofold/releases';
import { createDecoder, float, instant, int, stream, text } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import { createMemoryStore, type LaneName, type MemoryStore } from '@twofold/view-store';
import {
  avg,
  count,
  createAccumulator,
  createFold,
  max,
  mergeChunks,
  sliding,
  sum,
  tumbling,
  view,
  type View,
} from '@twofold/views';

/** A stream with tiny slices, so that a few events reach every kind of row. */
export const readings = stream('readings', {
  fields: {
    sensor: text(),
    site: text().optional(),
    n: int().between(0, 1_000_000),
    at: instant('ms'),
    value: int().between(-1_000_000, 1_000_000).unit('kPa'),
    heat: float({ quantum: 2 ** -10 }).between(0, 1000),
  },
  id: ['sensor', 'n'],
  eventTime: 'at',
  partitionKey: 'sensor',
  lateness: '10s',
  skew: null,
  sliceSize: 4,
});

/** By sensor: a minute that slides by ten seconds. */
export const bySensor = view('bySensor', {
  from: readings,
  version: 1,
  description: 'Readings of a sensor',
  dimensions: (e) => ({ sensor: e.sensor }),
  window: sliding('1m', { every: '10s' }),
  measures: (e) => ({ events: count(), total: sum(e.value), mean: avg(e.value), hottest: max(e.heat) }),
  levels: { '10s': 'forever', '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
  freshness: { warnAfter: '2s', errorAfter: '30s' },
});

/** Everything by sensor and site, read without a key, by site or by both; in minutes. */
export const plantMinute = view('plantMinute', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor, site: e.site }),
  window: tumbling('1m'),
  measures: (e) => ({ events: count(), total: sum(e.value) }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }, { key: ['site'] }, { key: ['sensor', 'site'] }],
});

export const views: readonly View[] = [bySensor, plantMinute];

export interface Event {
  readonly sensor: string;
  readonly site?: string;
  readonly n: number;
  readonly atMs: number;
  readonly value: number;
}

/** All events of a test's log, by partition, and the store that is filled from them by folding. */
export class Plant {
  readonly views: readonly View[];
  readonly store: MemoryStore;
  readonly log: Event[][] = [[], []];
  #ids = 0;

  /** The views of the project: those above unless told. */
  constructor(of: readonly View[] = views) {
    this.views = of;
    this.store = createMemoryStore({ ids: { next: () => `id-${this.#ids++}` } });
  }

  async register(): Promise<void> {
    const streams = {
      readings: { version: 1, fingerprint: 'f', sliceSize: 4, logIdentity: 'log', origins: this.log.map(() => 0) },
    };
    const named = this.views.map(({ name, version, fingerprint }) => ({
      view: name,
      version,
      fingerprint,
      stream: 'readings',
    }));
    await this.store.control.create(
      registerProject({ project: 'plant', incarnation: this.store.incarnation, streams, views: named }),
    );
  }

  async row(): Promise<ControlRow> {
    const row = await this.store.control.read();
    if (row === null) throw new TypeError('not registered');
    return row;
  }

  async apply(transition: Transition | null): Promise<void> {
    if (transition === null || !transition.ok) throw new TypeError(JSON.stringify(transition));
    if (!(await this.store.control.compareAndSet(transition.row))) throw new TypeError('sequence moved');
  }

  /** Folds `[start, to)` of a lane's slice `[start, end)` into rows. */
  async #fold(of: View, partition: number, start: number, end: number, to: number): Promise<void> {
    const fold = createFold(of);
    fold.apply(this.#columns(partition, start, to), 0, to - start);
    const row = { view: of.name, version: of.version, partition, start, end, appliedOffset: to };
    await this.store.speedRows.write(fold.takeDirty().map(({ bucket, bytes }) => ({ ...row, bucket, bytes })));
  }

  #columns(partition: number, from: number, to: number) {
    const records = (this.log[partition] ?? []).slice(from, to).map((event) => ({
      value: {
        sensor: event.sensor,
        site: event.site,
        n: event.n,
        at: event.atMs,
        value: event.value,
        heat: Math.abs(event.value) % 1000,
      },
      time: event.atMs,
    }));
    return createDecoder(readings).decode(memoryBatch(partition, from, records));
  }

  /** Folds base slices from `from` (a slice's start) to a position, then says so. */
  async foldBase(
    partition: number,
    to: number,
    options: { from?: number; times?: { lastLogTime: number | null; caughtUpAt: number | null } } = {},
  ): Promise<void> {
    await this.foldRows(partition, options.from ?? 0, to);
    for (const of of this.views) await this.progress(of, partition, 'base', to, options.times);
  }

  /** Folds base slices, and says nothing: what a layer leaves that is killed before it writes its progress. */
  async foldRows(partition: number, from: number, to: number): Promise<void> {
    for (const of of this.views)
      for (let start = from; start < to; start += 4)
        await this.#fold(of, partition, start, start + 4, Math.min(to, start + 4));
  }

  async foldRemainder(partition: number, cut: number, to: number): Promise<void> {
    for (const of of this.views) {
      await this.#fold(of, partition, cut, Math.ceil(cut / 4) * 4, to);
      await this.progress(of, partition, `remainder:${cut}`, to);
    }
  }

  /** Merges 16 narrow rows into one of 64 positions. */
  async mergeWide(partition: number, start: number): Promise<void> {
    for (const of of this.views) {
      const width = 4 * WIDE_FAN_IN;
      const range = { buckets: null, startFrom: start, startBelow: start + width };
      const rows = await this.store.speedRows.read({ view: of.name, version: of.version, partition, ...range });
      const narrow = rows.filter((row) => row.end - row.start === 4);
      for (const bucket of new Set(narrow.map((row) => row.bucket))) {
        const { bytes } = mergeChunks(
          of,
          narrow.filter((row) => row.bucket === bucket).map((row) => row.bytes),
        );
        const place = { view: of.name, version: of.version, partition, start, end: start + width, bucket };
        await this.store.speedRows.write([{ ...place, appliedOffset: start + width, bytes }]);
      }
      await this.progress(of, partition, 'wide:1', start + width);
    }
  }

  async progress(
    of: View,
    partition: number,
    lane: LaneName,
    next: number,
    times: { lastLogTime: number | null; caughtUpAt: number | null } = { lastLogTime: null, caughtUpAt: null },
  ): Promise<void> {
    const seen = (this.log[partition] ?? []).slice(0, next).map(({ atMs }) => atMs);
    const maxEventTime = seen.length === 0 ? null : Math.max(...seen);
    await this.store.progress.write([
      { view: of.name, version: of.version, partition, lane, next, maxEventTime, ...times },
    ]);
  }

  /** Builds every view below a cut and makes it live. */
  async promote(cut: readonly number[], release: string, watermark: number | null = null): Promise<void> {
    for (const of of this.views) await this.#build(of, cut, `${release}-${of.name}`);
    const row = await this.row();
    const live = row.releases.find(({ id }) => id === row.live)?.entries ?? {};
    const entries = this.views.map(({ name, version, fingerprint }) => ({
      id: `${release}-${name}`,
      view: name,
      version,
      fingerprint,
      stream: 'readings',
      build: `${release}-${name}`,
      cut,
      corrections: [],
      watermark,
    }));
    const candidate = {
      id: `c-${release}`,
      registeredAt: 0,
      base: row.live,
      baseEntries: live,
      baseCorrections: { readings: [] },
      entries,
    };
    await this.apply(registerCandidate(row, candidate));
    await this.apply(promote(await this.row(), candidate.id, release));
  }

  async #build(of: View, cut: readonly number[], build: string): Promise<void> {
    const parts = [];
    for (const { widthMs } of of.levels) {
      const sums = createAccumulator(of, { widthMs });
      this.log.forEach((_, partition) => {
        const fold = createFold(of);
        const to = cut[partition] ?? 0;
        fold.apply(this.#columns(partition, 0, to), 0, to);
        for (const { bytes } of fold.takeDirty()) sums.addChunk(bytes);
      });
      const part = `${build}-${widthMs}`;
      const chunks = sums
        .toPieces(64)
        .map((piece, number) => ({ ...piece, number, sha256: createHash('sha256').update(piece.bytes).digest('hex') }));
      await this.store.parts.writeChunks(part, chunks);
      const all = {
        part,
        widthMs,
        from: 0,
        to: Number.MAX_SAFE_INTEGER,
        rows: sums.rows,
        sha256: 'x',
        chunks: chunks.length,
      };
      parts.push(all);
    }
    await this.store.parts.writeIndex({ view: of.name, version: of.version, build, parts });
  }

  /** Keeps one release and deletes the rows that no other needs (E8). */
  async dropOld(): Promise<void> {
    const trimmed = trim(await this.row(), 1);
    // After a rollback a second release can stand that names nothing of its own: then nothing is old.
    if (trimmed === null) return;
    await this.apply(trimmed);
    const row = await this.row();
    for (const of of this.views)
      for (const [partition, floor] of (
        row.floors[viewVersionKey({ view: of.name, version: of.version })] ?? []
      ).entries())
        await this.store.speedRows.sweep({ view: of.name, version: of.version }, partition, floor);
    const { builds, parts } = await this.store.parts.list();
    const live = new Set(Object.keys(row.entries));
    await this.store.parts.remove({
      builds: builds.filter((id) => !live.has(id)),
      parts: parts.filter((id) => ![...live].some((kept) => id.startsWith(`${kept}-`))),
    });
  }
}

export const T0 = Date.UTC(2026, 0, 5, 8);

/** Events of four sensors, times in disorder, reproducible. */
export function fill(plant: Plant, perPartition: number): void {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  plant.log.forEach((events, partition) => {
    for (let n = 0; n < perPartition; n++)
      events.push({
        sensor: `s${partition * 2 + random(2)}`,
        ...(random(3) === 0 ? {} : { site: random(2) === 0 ? 'north' : 'south' }),
        n,
        atMs: T0 + n * 2_000 + random(30_000),
        value: random(2_000) - 1_000,
      });
  });
}
