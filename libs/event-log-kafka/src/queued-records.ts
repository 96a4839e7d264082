/** A record with its place chosen and its bytes copied. */
export interface QueuedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Where its offset goes. */
  readonly result: Float64Array;
  readonly index: number;
  readonly call: QueuedCall;
}

/** One call of `append`: done when all its records are durable, failed when one is not. */
export interface QueuedCall {
  left: number;
  settle(error?: unknown): void;
}

/** The client's grouping is quadratic in the messages of a send. */
const sendRecords = 1_000;
/** Keys and values of a send: together with their frames they fit into one batch of the broker's usual limit. */
const sendBytes = 768 * 1_024;
/** How far to look for more records of the same leader. */
const lookedAtMax = 4 * sendRecords;

/**
 * Takes out of the queue what one send carries: records of one topic whose partitions have one leader, in order. A send
 * to several brokers is not tried again as a whole when one of them fails: the client would send to the others anew
 * what is still on its way to them, under new sequence numbers, and they would store it twice.
 */
export function takeForOneLeader(
  waiting: QueuedRecord[],
  leaderOf: (topic: string, partition: number) => string,
): { taken: QueuedRecord[]; bytes: number } {
  const first = waiting[0];
  if (first === undefined) return { taken: [], bytes: 0 };
  const leader = leaderOf(first.topic, first.partition);
  const taken: QueuedRecord[] = [];
  const left: QueuedRecord[] = [];
  let bytes = 0;
  for (const record of waiting) {
    const weight = weightOf(record);
    const isFull = taken.length === sendRecords || (taken.length > 0 && bytes + weight > sendBytes);
    if (record.topic !== first.topic || isFull || taken.length + left.length === lookedAtMax) break;
    if (leaderOf(record.topic, record.partition) === leader) {
      taken.push(record);
      bytes += weight;
    } else left.push(record);
  }
  waiting.splice(0, taken.length + left.length, ...left);
  return { taken, bytes };
}

/** Bytes of key and value. */
export function weightOf({ key, value }: Pick<QueuedRecord, 'key' | 'value'>): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
