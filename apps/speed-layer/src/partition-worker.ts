import { ClassifiedReader, type EventLog } from '@twofold/event-log';
import { type ControlRow, floorTo, type Lane, lanesOf, resumeAt } from '@twofold/releases';
import { createClassifier, createDecoder, type Columns, type Stream } from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';
import type { ProgressRecord, ViewStore } from '@twofold/view-store';
import { CommonReads, createFold, type View } from '@twofold/views';
import { checkStream, checkView } from './check-registered.ts';
import { FlushPace } from './flush-pace.ts';
import { FlushQueue } from './flush-queue.ts';
import { LaneFold, type PositionFold } from './lane-fold.ts';
import { LedgerFold } from './ledger-fold.ts';
import { OneBeside } from './one-beside.ts';
import { SideFolds, type SideFold } from './side-folds.ts';

export interface SpeedOptions {
  /** How often rows are written, at the most. */
  readonly flushMs: number;
  /** How often the control row is read again (E2). */
  readonly controlMs: number;
  /** One read of the log, for few lanes; for many up to four times as much. */
  readonly readBytes: number;
  /** Rows that may wait to be written; above it reading pauses. */
  readonly pendingBytes: number;
}

export const SPEED_DEFAULTS: SpeedOptions = { flushMs: 50, controlMs: 200, readBytes: 1 << 20, pendingBytes: 64 << 20 };

const LANES_A_READ = 8;
const MOST_READS = 8;

export interface SpeedPorts {
  readonly log: Pick<EventLog, 'identity' | 'partitions' | 'open'>;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface WorkerTask {
  readonly stream: Stream;
  readonly topic: string;
  readonly partition: number;
  /** Every view version of the stream that this program knows. */
  readonly views: readonly View[];
}

/** How soon a flush that found the one before it still being written is tried again. */
const BUSY_MS = 5;

/** Longest wait for the last write of a worker that is told to stop. */
const DRAIN_MS = 5_000;

const laneKey = (lane: Lane): string => `${lane.view}@${lane.version}|${lane.name}`;

/** Folds one partition of one stream into speed rows, for exactly the lanes that the control row names. */
export class PartitionWorker {
  readonly #task: WorkerTask;
  readonly #ports: SpeedPorts;
  readonly #options: SpeedOptions;
  readonly #sides: SideFolds;
  readonly #pace: FlushPace;
  /** What the folds of the lanes have in common. */
  readonly #reads: CommonReads;
  readonly #lanes = new Map<string, LaneFold>();
  readonly #finished = new Set<string>();
  #ledger: LedgerFold | null = null;
  /** The ledger's position when the partition was taken over. */
  #counted = 0;
  #control: ControlRow | null = null;
  /** The control row is read while the fold goes on, and taken up between two reads of the log. */
  readonly #looking = new OneBeside();
  #seen: ControlRow | null = null;
  /** Wall clock when the log last had nothing more. */
  #caughtUpAt: number | null = null;

  constructor(task: WorkerTask, ports: SpeedPorts, options: SpeedOptions, sides: readonly SideFold[] = []) {
    this.#task = task;
    this.#reads = new CommonReads(task.stream);
    this.#ports = ports;
    this.#options = options;
    this.#sides = new SideFolds(sides, options.pendingBytes);
    this.#pace = new FlushPace(options.flushMs);
  }

  /** Runs until the signal. Ends with an error on an incident, and when the store is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, store } = this.#ports;
    const { stream, topic, partition } = this.#task;
    const origin = await this.#takeOver(signal);
    const cursor = log.open(topic, partition);
    const flush = new FlushQueue(store, clock, this.#ports.logger);
    try {
      const reader = new ClassifiedReader(
        {
          cursor,
          decoder: createDecoder(stream),
          classifier: createClassifier(stream),
          origin,
          dedupeHorizon: stream.dedupeHorizon,
          // A remainder begins at the cut of a build that took its time. What it would cost not to remember that far is the horizon.
          historySize: Math.max(4 * stream.sliceSize, 2 * stream.dedupeHorizon),
          maxBytes: this.#options.readBytes,
        },
        this.#position(Math.max(origin, this.#counted)),
      );
      await this.#loop(reader, flush, signal);
    } finally {
      await cursor.close();
    }
  }

  async #loop(reader: ClassifiedReader, flush: FlushQueue, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    let nextFlush = clock.monotonic() + this.#options.flushMs;
    let nextControl = clock.monotonic() + this.#options.controlMs;
    while (!signal.aborted) {
      const read = await this.#read(reader, nextFlush, signal);
      if (read !== null) this.#apply(read.columns);
      const now = clock.monotonic();
      if (now >= nextFlush || this.#pendingBytes() > this.#options.pendingBytes) {
        if (this.#pendingBytes() + flush.waitingBytes > this.#options.pendingBytes) await flush.settled();
        nextFlush = now + (flush.idle ? await this.#flush(flush, signal) : BUSY_MS);
      }
      if (now >= nextControl && this.#looking.idle) {
        nextControl = now + this.#options.controlMs;
        this.#looking.start(async () => {
          this.#seen = await this.#ports.store.control.read(signal);
        });
      }
      if (await this.#follow(this.#seen, signal)) reader.rewind(this.#position(Infinity));
    }
    await this.#drain(flush);
  }

  /** Reads what there is, and waits for more until the next flush only when there is nothing. */
  async #read(reader: ClassifiedReader, nextFlush: number, signal: AbortSignal) {
    const maxBytes = this.#options.readBytes * readsFor(this.#lanes.size);
    const read = await unlessAborted(reader.read({ waitMs: 0, signal, maxBytes }), signal);
    if (read !== null || !reader.caughtUp) return read;
    this.#caughtUpAt = this.#ports.clock.now();
    this.#pace.sawEnd();
    const waitMs = Math.max(0, nextFlush - this.#ports.clock.monotonic());
    return unlessAborted(reader.read({ waitMs, signal, maxBytes }), signal);
  }

  /** What is folded is written before the worker ends, so that its successor re-reads little. */
  async #drain(flush: FlushQueue): Promise<void> {
    const limit = new AbortController();
    const done = new AbortController();
    this.#ports.clock.sleep(DRAIN_MS, done.signal).then(
      () => limit.abort(),
      () => undefined,
    );
    try {
      await flush.settled();
      await this.#sides.settled();
      await this.#flush(flush, limit.signal);
      await flush.settled();
      await this.#sides.settled();
    } finally {
      done.abort();
    }
  }

  /** E6: rows, then progress; the fold goes on while they are written. Gives the milliseconds until the next flush. */
  async #flush(queue: FlushQueue, signal: AbortSignal): Promise<number> {
    const begun = this.#ports.clock.monotonic();
    const lanes = [...this.#lanes.values()];
    const ledger = this.#ledger?.take() ?? { entries: [], deadLetters: [] };
    queue.start(
      {
        rows: lanes.flatMap((lane) => lane.takeRows()),
        progress: lanes.flatMap((lane) => lane.takeProgress(this.#caughtUpAt) ?? []),
        entries: ledger.entries,
        deadLetters: ledger.deadLetters,
      },
      signal,
    );
    const tookMs = this.#ports.clock.monotonic() - begun;
    await this.#sides.flush(signal);
    return this.#pace.after(tookMs);
  }

  #apply(columns: Columns): void {
    this.#reads.begin(columns);
    for (const fold of this.#folds()) fold.apply(columns);
  }

  #folds(): PositionFold[] {
    const folds: PositionFold[] = [...this.#lanes.values(), ...this.#sides.folds];
    if (this.#ledger !== null) folds.push(this.#ledger);
    return folds;
  }

  #pendingBytes(): number {
    let bytes = 0;
    for (const lane of this.#lanes.values()) bytes += lane.pendingBytes;
    return bytes;
  }

  /** The lowest position that some fold still waits for. */
  #position(otherwise: number): number {
    let lowest = Infinity;
    for (const fold of this.#folds()) if (!fold.finished && fold.next < lowest) lowest = fold.next;
    return lowest === Infinity ? otherwise : lowest;
  }

  /** Waits until the control row names the partition, checks the log's identity, restores every fold. */
  async #takeOver(signal: AbortSignal): Promise<number> {
    const { store, log, clock } = this.#ports;
    const { stream, topic, partition } = this.#task;
    for (;;) {
      await this.#follow(await store.control.read(signal), signal);
      const state = this.#control?.streams[stream.name];
      const origin = state?.origins[partition];
      if (state !== undefined && origin !== undefined) {
        checkStream(state, stream, await log.identity(topic));
        const known = (await store.ledger.totals(stream.name)).find((entry) => entry.partition === partition);
        const counted = known === undefined ? origin : Math.max(origin, floorTo(known.next, stream.sliceSize));
        if (this.#isNewest) this.#ledger = new LedgerFold(stream.name, partition, stream.sliceSize, counted);
        this.#counted = counted;
        return origin;
      }
      await clock.sleep(this.#options.controlMs, signal);
    }
  }

  /** Takes up and lays down lanes as the control row names them (E2). True when a lane was added. */
  async #follow(row: ControlRow | null, signal: AbortSignal): Promise<boolean> {
    if (row === null || row.sequence === this.#control?.sequence) return false;
    this.#control = row;
    // Classes are counted once, by the newest version of the stream (E10).
    if (!this.#isNewest) this.#ledger = null;
    const lanes = lanesOf(row, this.#task.stream.name, this.#task.partition);
    const named = new Map(lanes.map((lane) => [laneKey(lane), lane]));
    for (const [key, fold] of this.#lanes) {
      const lane = named.get(key);
      // A chain whose floor has risen past what is folded starts again at the floor: what lies between is read by nobody.
      if (lane === undefined || fold.next < lane.start) this.#lanes.delete(key);
      else if (fold.finished) this.#finished.add(key);
    }
    for (const key of this.#finished) if (!named.has(key)) this.#finished.delete(key);
    let added = false;
    for (const [key, lane] of named) {
      if (this.#lanes.has(key) || this.#finished.has(key)) continue;
      if (await this.#addLane(key, lane, signal)) added = true;
    }
    return added;
  }

  get #isNewest(): boolean {
    const { stream } = this.#task;
    return this.#control?.streams[stream.name]?.fingerprint === stream.fingerprint;
  }

  async #addLane(key: string, lane: Lane, signal: AbortSignal): Promise<boolean> {
    const { stream } = this.#task;
    const view = this.#task.views.find((v) => v.name === lane.view && v.version === lane.version);
    // Views over another version of the stream are folded by a worker of that version (E4).
    if (view === undefined || view.stream.fingerprint !== stream.fingerprint) return false;
    if (this.#control !== null) checkView(this.#control, view);
    const progress = await this.#progressOf(lane, signal);
    const start = resumeAt(lane, progress?.next ?? null, stream.sliceSize);
    if (start === null) {
      this.#finished.add(key);
      return false;
    }
    const fold = createFold(view, this.#reads);
    this.#lanes.set(key, new LaneFold(lane, fold, stream.sliceSize, start, progress, this.#reads));
    return true;
  }

  async #progressOf(lane: Lane, signal: AbortSignal): Promise<ProgressRecord | null> {
    const records = await this.#ports.store.progress.read(lane, signal);
    return records.find((record) => record.partition === lane.partition && record.lane === lane.name) ?? null;
  }
}

/**
 * How many times as much is read at once for so many lanes. They take turns at each read, and what one has in the cache the
 * next drives out: the more of them, the more each should fold in its turn. For one the columns themselves should stay there.
 */
function readsFor(lanes: number): number {
  return Math.min(MOST_READS, Math.max(1, Math.ceil(lanes / LANES_A_READ)));
}

/** A read that was cut short by the worker's own signal gives nothing. */
async function unlessAborted<T>(read: Promise<T | null>, signal: AbortSignal): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
