import type { RawAborted, RawMessage } from 'kafkajs/src/broker/index.js';
import type { BrokerLinks } from './broker-links.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';
import { RecordRows } from './record-rows.ts';

const readCommitted = 1;

/**
 * Leaves decoding to the client library: an object a record, no checksums, the topic named by its name. The fallback,
 * and the witness against which the fast way is tested.
 */
export function createPlainFetcher(links: BrokerLinks, topic: string): PartitionFetcher {
  const rows = new RecordRows();
  return {
    rows,
    fetch: async ({ at, partition, from, maxBytes, waitMs }) =>
      links.withLink(at.place.leader, async (link) => {
        const request = {
          ...{ replicaId: -1, isolationLevel: readCommitted, maxWaitTime: waitMs, minBytes: 1, maxBytes },
          topics: [{ topic, partitions: [{ partition, fetchOffset: from, maxBytes }] }],
        };
        const answer = await link.fetch(request).catch(codeOf);
        const found = typeof answer === 'number' ? undefined : answer.responses[0]?.partitions[0];
        return {
          error: typeof answer === 'number' ? answer : 0,
          divergesAt: null,
          decode: () => {
            const messages = found?.messages ?? [];
            const bytes = fill(rows, shownOf(messages, from, found?.abortedTransactions ?? []));
            const last = messages.at(-1);
            return {
              nextOffset: last === undefined ? from : Math.max(from, endOf(last)),
              lastTerm: -1,
              bytes,
              hadBytes: messages.length > 0,
            };
          },
        };
      }),
  };
}

/** The library throws what the broker answered for a partition; all else is thrown on. */
function codeOf(error: unknown): number {
  if (error instanceof Error && error.name !== 'KafkaJSConnectionError' && 'code' in error) {
    if (typeof error.code === 'number') return error.code;
  }
  throw error;
}

/**
 * Without markers and aborted records. The library's own filter takes a record whose key is four zero bytes for an abort
 * marker, and shows a record too many where two aborted transactions began before the first record of a fetch.
 */
export function shownOf(messages: readonly RawMessage[], from: number, aborted: readonly RawAborted[]): RawMessage[] {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const hidden = new Set<string>();
  return messages.filter(({ offset, key, isControlRecord, batchContext }) => {
    while (waiting[0] !== undefined && Number(waiting[0].firstOffset) <= Number(offset)) {
      hidden.add(waiting.shift()?.producerId ?? '');
    }
    const producer = batchContext?.producerId ?? '';
    if (isControlRecord && key?.readInt16BE(2) === 0) hidden.delete(producer);
    const isAborted = batchContext?.inTransaction === true && hidden.has(producer);
    return !isControlRecord && !isAborted && Number(offset) >= from;
  });
}

/** One past the last offset of the record's batch, which may have lost or hidden its last records. */
function endOf({ offset, batchContext }: RawMessage): number {
  if (batchContext === undefined) return Number(offset) + 1;
  return Number(batchContext.firstOffset) + batchContext.lastOffsetDelta + 1;
}

function fill(rows: RecordRows, messages: readonly RawMessage[]): Uint8Array {
  const size = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  const place = (part: Buffer | null, starts: Int32Array, ends: Int32Array, row: number): void => {
    starts[row] = part === null ? -1 : at;
    if (part !== null) {
      bytes.set(part, at);
      at += part.length;
    }
    ends[row] = part === null ? -1 : at;
  };
  rows.count = 0;
  rows.reserve(messages.length);
  for (const { offset, timestamp, key, value } of messages) {
    rows.offsets[rows.count] = Number(offset);
    rows.times[rows.count] = Number(timestamp);
    place(key, rows.keyStarts, rows.keyEnds, rows.count);
    place(value, rows.valueStarts, rows.valueEnds, rows.count);
    rows.count += 1;
  }
  return bytes;
}
