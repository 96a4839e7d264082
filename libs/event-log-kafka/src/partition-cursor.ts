import { type LogCursor, LogError, checkOffset, defaultReadBytes, logClosed } from '@twofold/event-log';
import { type RecordBatch, emptyBatch } from '@twofold/schemas';
import type { Clock } from '@twofold/service';
import { isMoving, isRetryable, protocolError, refusedByBroker } from './kafka-failures.ts';
import type { FetchOutcome, PartitionFetcher } from './partition-fetcher.ts';
import { ReadAhead } from './read-ahead.ts';
import type { LedPartition, TopicDirectory } from './topic-directory.ts';
import { untilAborted } from './until-aborted.ts';

export interface CursorParts {
  readonly topic: string;
  readonly partition: number;
  readonly directory: TopicDirectory;
  readonly fetcher: PartitionFetcher;
  readonly clock: Clock;
  readonly patienceMs: number;
  /** Aborted when the log is closed. */
  readonly closing: AbortSignal;
}

/** A fetch waits at most so long at the broker; a longer wait is several fetches, so that closing does not take long. */
const longestPollMs = 500;
const retryMs = 100;
/** Headers and batch frames come on top of keys and values. */
const frameBytes = 65_536;
const largestFetchBytes = 512 * 1_048_576;

/** Reads one partition by offset; no group, no committed offsets. */
export class PartitionCursor implements LogCursor {
  readonly #parts: CursorParts;
  readonly #ahead: ReadAhead;
  /** The topic's id when this cursor first read. */
  #topicId: string | undefined;

  constructor(parts: CursorParts) {
    this.#parts = parts;
    this.#ahead = new ReadAhead(parts.partition, parts.fetcher.rows);
  }

  async read(from: number, options: Parameters<LogCursor['read']>[1] = {}): Promise<RecordBatch> {
    const { maxBytes = defaultReadBytes, waitMs = 0, to = Infinity, signal } = options;
    const { closing, clock, partition } = this.#parts;
    signal?.throwIfAborted();
    this.#throwIfClosed();
    if (this.#ahead.startsAt(from) && to > from) return this.#ahead.take(maxBytes, to);
    if (!this.#ahead.follows(from)) this.#ahead.forget();
    const signals = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    try {
      const at = await untilAborted(this.#place(), signals);
      if (from < 0) await untilAborted(this.#refuse(from), signals);
      if (to <= from) return emptyBatch(partition, from);
      const until = clock.monotonic() + waitMs;
      const found = await this.#fetch(at, from, maxBytes, until, signals);
      return found ? this.#ahead.take(maxBytes, to) : emptyBatch(partition, from);
    } catch (error) {
      signal?.throwIfAborted();
      this.#throwIfClosed();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#ahead.forget();
  }

  #throwIfClosed(): void {
    if (this.#parts.closing.aborted) throw logClosed();
  }

  /** @throws LOG_REPLACED when the topic is another one than at the first read */
  async #place(): Promise<LedPartition> {
    const { directory, topic, partition } = this.#parts;
    const at = await directory.partition(topic, partition);
    this.#topicId ??= at.topicId;
    if (this.#topicId !== at.topicId) throw this.#replaced(at.topicId);
    return at;
  }

  /** Fetches until something came or the wait is over; true when there is something to take. */
  async #fetch(
    first: LedPartition,
    from: number,
    maxBytes: number,
    until: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock, partition, patienceMs } = this.#parts;
    let at = first;
    let wanted = Math.min(maxBytes + frameBytes, largestFetchBytes);
    let patientUntil = clock.monotonic() + patienceMs;
    for (;;) {
      const waitMs = Math.max(0, Math.min(longestPollMs, until - clock.monotonic()));
      const wish = { at, partition, from, lastTerm: this.#ahead.lastTerm, maxBytes: wanted, waitMs: Math.ceil(waitMs) };
      const outcome = await untilAborted(this.#try(wish, clock.monotonic() > patientUntil), signal);
      if (outcome === null || outcome.error !== protocolError.none) {
        at = await this.#afterError(at, from, outcome?.error ?? null, clock.monotonic() > patientUntil, signal);
        continue;
      }
      patientUntil = clock.monotonic() + patienceMs;
      if (outcome.divergesAt !== null) throw this.#diverged(from, outcome.divergesAt);
      const walked = outcome.decode();
      if (walked.nextOffset > from) {
        this.#ahead.put(from, walked);
        return true;
      }
      if (walked.hadBytes) {
        if (wanted >= largestFetchBytes) throw this.#tooLarge(from);
        wanted = Math.min(wanted * 4, largestFetchBytes);
      } else if (clock.monotonic() >= until) return false;
    }
  }

  /** Null when no broker answered, as long as there is patience for it. */
  async #try(wish: Parameters<PartitionFetcher['fetch']>[0], impatient: boolean): Promise<FetchOutcome | null> {
    try {
      return await this.#parts.fetcher.fetch(wish);
    } catch (error) {
      if (isRetryable(error) && !impatient) return null;
      throw error;
    }
  }

  /** Looks where the partition is now; throws what can not be mended by looking. */
  async #afterError(
    at: LedPartition,
    from: number,
    code: number | null,
    impatient: boolean,
    signal: AbortSignal,
  ): Promise<LedPartition> {
    const { directory, topic, clock } = this.#parts;
    if (code === protocolError.offsetOutOfRange) {
      await untilAborted(this.#refuse(from), signal);
      return at;
    }
    const gone = code === protocolError.unknownTopicId || code === protocolError.unknownTopicOrPartition;
    if (code !== null && !gone && !isMoving(code)) throw refusedByBroker(this.#what('reading'), code);
    if (impatient) {
      const why = code === null ? 'no broker answers' : `the partition has no leader that answers (code ${code})`;
      throw new LogError('LOG_IO', `${this.#what('reading')}: ${why}`, { retryable: true });
    }
    await clock.sleep(retryMs, signal);
    directory.forget(topic);
    try {
      return await untilAborted(this.#place(), signal);
    } catch (error) {
      if (isRetryable(error)) return at;
      throw error;
    }
  }

  /** Throws when the offset really lies outside; returns when the range has moved over it meanwhile. */
  async #refuse(from: number): Promise<void> {
    const { directory, topic, partition } = this.#parts;
    const [range = { start: 0, end: 0 }] = await directory.ranges(topic, [partition]);
    checkOffset(topic, partition, from, range.start, range.end);
  }

  #what(doing: string): string {
    return `${doing} topic "${this.#parts.topic}", partition ${this.#parts.partition}`;
  }

  #replaced(now: string): LogError {
    const { topic, partition } = this.#parts;
    return new LogError(
      'LOG_REPLACED',
      `topic "${topic}" was deleted and created again while partition ${partition} was read: its id was ` +
        `${this.#topicId ?? ''} and is ${now}. What stands at an offset is no longer what was read there.`,
      { facts: { topic, partition, was: this.#topicId, is: now } },
    );
  }

  #diverged(from: number, divergesAt: number): LogError {
    const { topic, partition } = this.#parts;
    return new LogError(
      'LOG_REPLACED',
      `topic "${topic}", partition ${partition}: the log was cut off at offset ${divergesAt}, below ${from}, up to ` +
        'where it has been read, and written anew from there (an unclean change of leader).',
      { facts: { topic, partition, from, divergesAt } },
    );
  }

  #tooLarge(from: number): LogError {
    const { topic, partition } = this.#parts;
    return new LogError(
      'LOG_DAMAGED',
      `topic "${topic}", partition ${partition}: the batch at offset ${from} does not fit into ${largestFetchBytes} bytes`,
      { facts: { topic, partition, from } },
    );
  }
}
