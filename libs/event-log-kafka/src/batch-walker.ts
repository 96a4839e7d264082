import { LogError } from '@twofold/event-log';
import { crc32c } from '@twofold/service';
import { AbortedProducers } from './aborted-producers.ts';
import { at, attribute, headerBytes, prefixBytes, readOffset } from './batch-header.ts';
import { decompress } from './decompress.ts';
import type { AbortedTransaction } from './fetch-request.ts';
import { RecordRows } from './record-rows.ts';
import { walkRecords } from './walk-records.ts';

/** Unpacked records of several batches are laid side by side up to about so many bytes; the rest is fetched again. */
const arenaBytes = 4 * 1_048_576;

export interface WalkPlace {
  readonly topic: string;
  readonly partition: number;
}

/** What one fetch gave. */
export interface Walked {
  /** One past the last position that is covered; `from` when not even one whole batch came. */
  readonly nextOffset: number;
  /** Of the last whole batch; -1 when there was none. */
  readonly lastTerm: number;
  /** What the rows' places are in. */
  readonly bytes: Uint8Array;
}

/**
 * Decodes the record batches of a fetch where they lie. Rows of one walk stay as they are until the next.
 *
 * Every position from `from` to `nextOffset` without a row is control: a marker, an aborted record, or one that is gone.
 * @throws LOG_DAMAGED with partition and offset for a batch that is not what its checksum or its own lengths say
 */
export class BatchWalker {
  readonly rows = new RecordRows();
  readonly #place: WalkPlace;
  readonly #maxBatchBytes: number;
  #arena = Buffer.alloc(0);

  constructor(place: WalkPlace, maxBatchBytes: number) {
    this.#place = place;
    this.#maxBatchBytes = maxBatchBytes;
  }

  walk(
    buffer: Buffer,
    range: { readonly start: number; readonly end: number },
    from: number,
    aborted: readonly AbortedTransaction[],
  ): Walked {
    const inArena = this.#anyCompressed(buffer, range);
    const hidden = new AbortedProducers(aborted);
    this.rows.count = 0;
    let used = 0;
    let nextOffset = from;
    let lastTerm = -1;
    for (let start = range.start; start + headerBytes <= range.end;) {
      const end = start + prefixBytes + buffer.readInt32BE(start + at.length);
      const base = readOffset(buffer, start);
      if (end - start < headerBytes) throw this.#damaged(base, 'a batch is shorter than its header');
      if (end > range.end) break;
      this.#check(buffer, start, end, base);
      const next = base + buffer.readInt32BE(start + at.lastDelta) + 1;
      const shown = hidden.shows(buffer, start, next);
      if (next > nextOffset) {
        if (shown) used += this.#take(buffer, start, end, { base, next, from }, inArena ? used : -1);
        nextOffset = next;
        lastTerm = buffer.readInt32BE(start + at.term);
        if (used >= arenaBytes) break;
      }
      start = end;
    }
    return { nextOffset, lastTerm, bytes: inArena ? this.#arena : buffer };
  }

  /** Adds the batch's rows and gives how many bytes of the arena they took. */
  #take(
    buffer: Buffer,
    start: number,
    end: number,
    offsets: { readonly base: number; readonly next: number; readonly from: number },
    arenaAt: number,
  ): number {
    const attributes = buffer.readInt16BE(start + at.attributes);
    const count = buffer.readInt32BE(start + at.count);
    const codec = attributes & attribute.codec;
    if (count < 0 || count > offsets.next - offsets.base) {
      throw this.#damaged(offsets.base, `a batch of ${count} records spans ${offsets.next - offsets.base} offsets`);
    }
    const packed = buffer.subarray(start + headerBytes, end);
    const records = codec === 0 ? packed : this.#unpack(codec, packed, offsets.base);
    let bytes = buffer;
    let recordsAt = start + headerBytes;
    if (arenaAt >= 0) {
      this.#reserve(arenaAt, records.length);
      this.#arena.set(records, arenaAt);
      bytes = this.#arena;
      recordsAt = arenaAt;
    }
    const brokerTime = (attributes & attribute.brokerTime) !== 0;
    const fault = walkRecords(this.rows, bytes, recordsAt, recordsAt + records.length, {
      count,
      baseOffset: offsets.base,
      endOffset: offsets.next,
      fromOffset: offsets.from,
      baseTime: readOffset(buffer, start + (brokerTime ? at.maxTime : at.baseTime)),
      deltasCount: !brokerTime,
    });
    if (fault !== null) throw this.#damaged(offsets.base, fault);
    return records.length;
  }

  #unpack(codec: number, packed: Buffer, base: number): Uint8Array {
    try {
      return decompress(codec, packed, this.#maxBatchBytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const what =
        error instanceof RangeError
          ? `a batch of ${packed.length} packed bytes unpacks to more than ${this.#maxBatchBytes} (maxBatchBytes; ${why})`
          : `a batch can not be unpacked (codec ${codec}): ${why}`;
      throw this.#damaged(base, what, error);
    }
  }

  #check(buffer: Buffer, start: number, end: number, base: number): void {
    const magic = buffer.readInt8(start + at.magic);
    if (magic !== 2) {
      throw this.#damaged(
        base,
        `a batch has format ${magic}, and only 2 is read; such a topic was written by Kafka 0.10`,
      );
    }
    const stated = buffer.readUInt32BE(start + at.crc);
    const found = crc32c(buffer.subarray(start + at.attributes, end));
    if (stated === found) return;
    throw this.#damaged(base, `a batch has CRC-32C ${found.toString(16)} and states ${stated.toString(16)}`);
  }

  #anyCompressed(buffer: Buffer, { start, end }: { readonly start: number; readonly end: number }): boolean {
    for (let next = start; next + headerBytes <= end;) {
      if ((buffer.readInt16BE(next + at.attributes) & attribute.codec) !== 0) return true;
      next += Math.max(headerBytes, prefixBytes + buffer.readInt32BE(next + at.length));
    }
    return false;
  }

  #reserve(used: number, extra: number): void {
    if (used + extra <= this.#arena.length) return;
    const larger = Buffer.allocUnsafe(Math.max(used + extra, Math.min(this.#arena.length * 2, 2 * arenaBytes), 65_536));
    this.#arena.copy(larger, 0, 0, used);
    this.#arena = larger;
  }

  #damaged(offset: number, what: string, cause?: unknown): LogError {
    const { topic, partition } = this.#place;
    return new LogError('LOG_DAMAGED', `topic "${topic}", partition ${partition}, offset ${offset}: ${what}`, {
      facts: { topic, partition, offset },
      cause,
    });
  }
}
