import { ClassifiedReader, rowAt, type LogAppender, type LogReader } from '@twofold/event-log';
import {
  createClassifier,
  createDecoder,
  isTwofoldError,
  RecordClass,
  type BlankRecords,
  type Columns,
  type RecordBatch,
  type Stream,
} from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';
import { operatorLane, type ControlRows, type Progress } from '@twofold/view-store';
import { checkStream } from '../check-registered.ts';
import { ChangeRecords } from './change-record.ts';
import { Emitted } from './emitted.ts';
import type { SnapshotBlobs } from './snapshot-blobs.ts';
import { Snapshots } from './snapshots.ts';
import type { Change, UpsertCounts, UpsertFold } from './upsert-fold.ts';

export interface OperatorOptions {
  /** One read of the restatements. */
  readonly readBytes: number;
  /** Changes of one append; never more than an eighth of the change stream's dedupe horizon. */
  readonly appendRecords: number;
  /** Inputs between two snapshots, at least; and at least as many as there are keys, so that they cost a share of the fold. */
  readonly snapshotInputs: number;
  /** How often the control row is looked at until it names the partition. */
  readonly controlMs: number;
}

export const OPERATOR_DEFAULTS: OperatorOptions = {
  readBytes: 1 << 20,
  appendRecords: 500,
  snapshotInputs: 5_000,
  controlMs: 200,
};

export interface OperatorPorts {
  readonly log: LogReader & LogAppender;
  readonly control: ControlRows;
  /** Told how far the operator is; nothing is recovered from it. */
  readonly progress: Progress;
  /** Shared by all processes that may run the operator. */
  readonly snapshots: SnapshotBlobs;
  /** What redactions have erased of a partition of a topic, as the log's port leaves it out. */
  readonly erased: (topic: string, partition: number) => Promise<readonly BlankRecords[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OperatorTask {
  /** The change stream: it says what it is made of and how. */
  readonly stream: Stream;
  readonly inputTopic: string;
  readonly outputTopic: string;
  /** Of the restatements; the changes go to the partition of the same number. */
  readonly partition: number;
}

const WAIT_MS = 200;
/** How often it is asked what was erased, where nothing else asks. */
const ERASED_MS = 1_000;
/** How often, at the most, it is told how far the operator is. */
const TELL_MS = 100;
const RETRY_MS = 20;
const RETRY_MS_MAX = 1_000;

/**
 * Makes one partition of a change stream (E26): log → fold → the derived log → snapshot. Two of it at once, or one that
 * was replaced without knowing it, do no harm: both emit the same changes in the same order, and a repetition is a
 * duplicate. What a dead one had emitted is not emitted again.
 */
export class OperatorWorker {
  readonly #task: OperatorTask;
  readonly #ports: OperatorPorts;
  readonly #options: OperatorOptions;
  readonly #records: ChangeRecords;
  readonly #emitted: Emitted;
  readonly #append: number;
  #fold: UpsertFold | null = null;
  /** `next` of the last snapshot. */
  #stored = 0;
  /** `next` as it was last told, and when. */
  #told = -1;
  #toldAt = -Infinity;

  constructor(task: OperatorTask, ports: OperatorPorts, options: OperatorOptions = OPERATOR_DEFAULTS) {
    const { stream, outputTopic: topic, partition } = task;
    this.#task = task;
    this.#ports = ports;
    this.#options = options;
    this.#records = new ChangeRecords(stream);
    this.#emitted = new Emitted({ log: ports.log, topic, partition, stream });
    this.#append = Math.max(1, Math.min(options.appendRecords, Math.floor(stream.dedupeHorizon / 8)));
  }

  /** How far it is and what it met; null before it began. */
  get state(): { readonly next: number; readonly keys: number; readonly counts: UpsertCounts } | null {
    const fold = this.#fold;
    return fold === null ? null : { next: fold.next, keys: fold.rows.size, counts: fold.counts };
  }

  /** Runs until the signal. Ends with an error on an incident, and when the store is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, snapshots: blobs, logger, clock } = this.#ports;
    const { stream, inputTopic, partition } = this.#task;
    const { origin, logs } = await this.#takeOver(signal);
    const snapshots = new Snapshots({ blobs, stream, partition, logs, logger });
    const erased = await this.#erasedNow();
    snapshots.redactions = erased.length;
    const fold = await snapshots.restore(origin);
    fold.erase(erased);
    this.#fold = fold;
    this.#stored = fold.next;
    // The state that was restored may hold what was erased.
    this.#renew = erased.length > 0;
    await this.#emitted.look(signal);
    const input = stream.change?.of ?? stream;
    const isSpread = (await log.partitions(inputTopic)).length > 1;
    const cursor = log.open(inputTopic, partition);
    const reader = new ClassifiedReader(
      {
        cursor,
        decoder: createDecoder(input),
        classifier: createClassifier(input),
        origin,
        dedupeHorizon: input.dedupeHorizon,
        historySize: 2,
        maxBytes: this.#options.readBytes,
      },
      fold.next,
    );
    try {
      while (!signal.aborted) {
        const read = await reader.read({ waitMs: reader.caughtUp ? WAIT_MS : 0, signal });
        // Before it is folded: of a row that was erased meanwhile the last restatements are missing in it.
        const blanks = read?.batch.blanks?.length ?? 0;
        if (blanks > 0 || clock.monotonic() - this.#lookedAt >= ERASED_MS) await this.#forget(fold, snapshots, signal);
        if (read !== null) {
          if (isSpread) this.#lookForKeys(read.batch, rowAt(read.columns, fold.next), read.columns);
          await this.#take(fold, read.columns, signal);
        }
        await this.#tell(fold.next, reader.caughtUp, signal);
        if (this.#snapshotDue(fold)) await this.#store(fold, snapshots, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await cursor.close();
    }
    // What was cut off before it was emitted is folded again by a successor.
    if (this.#settled && fold.next > this.#stored && (await this.#erasedNow()).length === snapshots.redactions)
      await snapshots.store(fold);
  }

  /** The last state that was stored may hold what was erased. */
  #renew = false;
  #lookedAt = -Infinity;

  #erasedNow(): Promise<readonly BlankRecords[]> {
    const { inputTopic, partition } = this.#task;
    this.#lookedAt = this.#ports.clock.monotonic();
    return this.#ports.erased(inputTopic, partition);
  }

  /** Forgets rows that were erased since it was asked last. Says whether there were any. */
  async #forget(fold: UpsertFold, snapshots: Snapshots, signal: AbortSignal): Promise<boolean> {
    const before = snapshots.redactions;
    await this.#persist(async () => {
      const erased = await this.#erasedNow();
      if (erased.length === before) return;
      snapshots.redactions = erased.length;
      fold.erase(erased);
      this.#renew = true;
    }, signal);
    return snapshots.redactions !== before;
  }

  #toldOfKeys = false;

  /**
   * Of several partitions, records without a key go to any: restatements of one row may be in two of them, where nothing
   * orders them. They are folded, since a producer may name partitions itself; and are told of once.
   */
  #lookForKeys({ keyStarts }: RecordBatch, from: number, { classes, count, offsets }: Columns): void {
    for (let row = from; row < count && !this.#toldOfKeys; row++) {
      if (classes[row] !== RecordClass.applied || (keyStarts[row] ?? -1) >= 0) continue;
      this.#toldOfKeys = true;
      const { stream, inputTopic, partition } = this.#task;
      this.#ports.logger.warn(
        `restatements for ${stream.name} come without a key: those of one row may lie in several partitions, where none is known to be the last, and answers are wrong. Have their producer send the row's key`,
        { topic: inputTopic, partition, offset: offsets[row] ?? 0 },
      );
    }
  }

  /** Everything that was folded is durable in the change stream's log. */
  #settled = true;

  async #take(fold: UpsertFold, columns: Columns, signal: AbortSignal): Promise<void> {
    this.#settled = false;
    const changes = fold.apply(columns, rowAt(columns, fold.next), columns.count);
    fold.next = columns.nextOffset;
    for (let at = 0; at < changes.length; at += this.#append)
      await this.#emit(changes.slice(at, at + this.#append), signal);
    this.#settled = true;
  }

  /** Until they are durable, and never anything later before: a change in the log has all earlier ones before it (E26). */
  async #emit(changes: readonly Change[], signal: AbortSignal): Promise<void> {
    const { log } = this.#ports;
    const { outputTopic, partition } = this.#task;
    await this.#persist(async () => {
      await this.#emitted.look(signal);
      const missing = changes.filter((change) => !this.#emitted.has(change));
      const last = missing.at(-1);
      if (last === undefined) return;
      const records = missing.map((change) => this.#records.record(change, partition));
      const { offsets } = await log.append(outputTopic, records, signal);
      offsets.forEach((offset, i) => this.#emitted.note(missing[i] ?? last, offset));
    }, signal);
  }

  #snapshotDue(fold: UpsertFold): boolean {
    return this.#renew || fold.next - this.#stored >= Math.max(this.#options.snapshotInputs, fold.rows.size);
  }

  /**
   * The state is only worth what the log has of it: changes first, then the snapshot. Who redacts removes what he finds, and
   * may have looked before this one was there: so it is asked again after (E21).
   */
  async #store(fold: UpsertFold, snapshots: Snapshots, signal: AbortSignal): Promise<void> {
    do {
      await this.#forget(fold, snapshots, signal);
      await this.#persist(() => snapshots.store(fold), signal);
    } while (await this.#forget(fold, snapshots, signal));
    this.#stored = fold.next;
    this.#renew = false;
  }

  /** For those who wait for the change stream, and for people: what is below `next` is in it. */
  async #tell(next: number, caughtUp: boolean, signal: AbortSignal): Promise<void> {
    const { clock, progress } = this.#ports;
    if (next === this.#told || (!caughtUp && clock.monotonic() - this.#toldAt < TELL_MS)) return;
    const { stream, partition } = this.#task;
    const record = { ...operatorLane(stream), partition, lane: 'base', next } as const;
    const times = { maxEventTime: null, lastLogTime: null, caughtUpAt: caughtUp ? clock.now() : null };
    await this.#persist(() => progress.write([{ ...record, ...times }], signal), signal);
    this.#told = next;
    this.#toldAt = clock.monotonic();
  }

  /** Waits until the control row names the partition on both sides, and checks both logs. */
  async #takeOver(signal: AbortSignal) {
    const { control, log, clock } = this.#ports;
    const { stream, inputTopic, outputTopic, partition } = this.#task;
    const input = stream.change?.of ?? stream;
    for (;;) {
      const row = await control.read(signal);
      const [from, into] = [row?.streams[input.name], row?.streams[stream.name]];
      const origin = from?.origins[partition];
      if (from !== undefined && into !== undefined && origin !== undefined && into.origins[partition] !== undefined) {
        const logs = { input: await log.identity(inputTopic), output: await log.identity(outputTopic) };
        checkStream(from, input, logs.input);
        checkStream(into, stream, logs.output);
        return { origin, logs };
      }
      await clock.sleep(this.#options.controlMs, signal);
    }
  }

  async #persist(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#ports;
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        await write();
        return;
      } catch (error) {
        if (signal.aborted || !isTwofoldError(error) || !error.retryable) throw error;
        const { code } = error;
        logger.warn(`the operator of ${this.#task.stream.name} waits, trying again in ${waitMs} ms`, { code });
      }
      await clock.sleep(waitMs, signal);
    }
  }
}
