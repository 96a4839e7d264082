import { type AppendRecord, type AppendResult, choosePartition, logClosed, unknownPartition } from '@twofold/event-log';
import type { Clock, Logger } from '@twofold/service';
import { ioFailure, isDiskFull, logPoisoned } from './log-failures.ts';
import type { PartitionWriter } from './partition-writer.ts';

/** A topic as appends see it. */
export interface WritableTopic {
  readonly name: string;
  readonly writers: PartitionWriter[];
  /** Counts records without a key. */
  turn: number;
}

interface Request {
  readonly topic: WritableTopic;
  readonly records: readonly AppendRecord[];
  readonly weight: number;
  readonly signal: AbortSignal | undefined;
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

/** A group takes no further request beyond this, which bounds how long laying it out keeps others waiting. */
const groupBytes = 4_194_304;

/** Appends that come while others are written wait and go to disk together: one write and one sync a partition. */
export class GroupCommit {
  readonly #clock: Clock;
  readonly #gatherMs: number;
  readonly #logger: Logger | undefined;
  #waiting: Request[] = [];
  /** What has to be done between two groups. */
  #between: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  #poison: Error | null = null;
  #closed = false;

  constructor(clock: Clock, gatherMs: number, logger: Logger | undefined) {
    this.#clock = clock;
    this.#gatherMs = gatherMs;
    this.#logger = logger;
  }

  /** `bytes`: what the records' keys and values weigh together. */
  append(
    topic: WritableTopic,
    records: readonly AppendRecord[],
    bytes: number,
    signal?: AbortSignal,
  ): Promise<AppendResult> {
    if (this.#closed) return Promise.reject(logClosed());
    if (this.#poison !== null) return Promise.reject(logPoisoned(this.#poison));
    const { promise, resolve, reject } = Promise.withResolvers<AppendResult>();
    this.#waiting.push({ topic, records, weight: bytes + 8 * records.length, signal, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Does something while no group is under way. Whatever it fails with but a full disk, nobody knows what the files are. */
  between<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(logClosed());
    if (this.#poison !== null) return Promise.reject(logPoisoned(this.#poison));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#between.push(async () => {
      try {
        resolve(await work());
      } catch (error) {
        if (!isDiskFull(error)) this.#poison ??= error instanceof Error ? error : ioFailure('closing a segment', error);
        reject(ioFailure('closing a segment', error));
      }
    });
    this.#running ??= this.#run();
    return promise;
  }

  /** Lets what is being written end; what still waits is refused with LOG_CLOSED. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const request of this.#waiting.splice(0)) request.reject(logClosed());
    await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the microtask queue, so that appends of the same tick are in one group.
    await Promise.resolve();
    while (this.#waiting.length + this.#between.length > 0) {
      const work = this.#between.shift();
      if (work !== undefined) {
        await work();
        continue;
      }
      if (this.#gatherMs > 0) await this.#clock.sleep(this.#gatherMs);
      const group = this.#takeGroup();
      if (group.length > 0) await this.#commit(group);
    }
    this.#running = null;
  }

  #takeGroup(): Request[] {
    let taken = 0;
    for (let weight = 0; taken < this.#waiting.length && weight < groupBytes; taken++) {
      weight += this.#waiting[taken]?.weight ?? 0;
    }
    return this.#waiting.splice(0, taken).filter((request) => {
      const aborted = request.signal?.aborted === true;
      if (aborted) request.reject(request.signal?.reason);
      return !aborted;
    });
  }

  async #commit(group: readonly Request[]): Promise<void> {
    const touched = new Set<PartitionWriter>();
    try {
      if (this.#poison !== null) throw logPoisoned(this.#poison);
      const now = this.#clock.now();
      const results = group.map((request) => stageAll(request, now, touched));
      await settleAll([...touched].map((writer) => writer.write()));
      await settleAll([...touched].map((writer) => writer.sync()));
      await Promise.all([...touched].map((writer) => this.#publish(writer)));
      for (const [i, request] of group.entries()) {
        const result = results[i];
        if (result !== undefined) request.resolve(result);
      }
    } catch (error) {
      await this.#undo(touched, error);
      const refusal = this.#poison === null ? ioFailure('appending to the log', error) : logPoisoned(error);
      for (const request of group) request.reject(refusal);
    }
  }

  async #publish(writer: PartitionWriter): Promise<void> {
    try {
      await writer.publish();
    } catch (error) {
      // The records are durable; only readers in other processes learn of them later, with the next group.
      const { topic, partition } = writer.view;
      this.#logger?.warn('the durable end could not be published', { topic, partition, error: String(error) });
    }
  }

  /** After a full disk the files are brought back to what they were. After anything else nobody knows what they are. */
  async #undo(touched: ReadonlySet<PartitionWriter>, error: unknown): Promise<void> {
    if (!isDiskFull(error)) {
      this.#poison ??= error instanceof Error ? error : ioFailure('appending to the log', error);
      return;
    }
    try {
      for (const writer of touched) await writer.rollBack();
    } catch (failure) {
      this.#poison = failure instanceof Error ? failure : ioFailure('cutting off a failed append', failure);
    }
  }
}

/** Gives each record its partition and offset and lays it out. */
function stageAll(request: Request, nowMs: number, touched: Set<PartitionWriter>): AppendResult {
  const { topic, records } = request;
  const partitions = new Int32Array(records.length);
  const offsets = new Float64Array(records.length);
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (record === undefined) continue;
    const partition = record.partition ?? choosePartition(record.key, topic.writers.length, topic.turn);
    if (record.key === null && record.partition === undefined) topic.turn += 1;
    const writer = topic.writers[partition];
    if (writer === undefined) throw unknownPartition(topic.name, partition, topic.writers.length);
    touched.add(writer);
    partitions[i] = partition;
    offsets[i] = writer.stage(record, nowMs);
  }
  return { partitions, offsets };
}

/** Waits for all, also when one fails: nothing may still be writing when a group is undone. A full disk is told last. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const failures: unknown[] = [];
  for (const outcome of await Promise.allSettled(work))
    if (outcome.status === 'rejected') failures.push(outcome.reason);
  const worst = failures.find((failure) => !isDiskFull(failure)) ?? failures[0];
  if (worst !== undefined) throw ioFailure('appending to the log', worst);
}
