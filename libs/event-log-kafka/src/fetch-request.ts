import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Fetch, version 13: the first that names the topic by its id, so that a recreated topic is never read as the old one. */
export const fetchApi = { apiKey: 1, apiVersion: 13, apiName: 'Fetch' } as const;

export interface FetchRequest {
  readonly topicId: string;
  readonly partition: number;
  readonly from: number;
  /** Of the leader that is asked; the broker refuses when it knows of another. */
  readonly leaderTerm: number;
  /** Of the last batch read before `from`; the broker tells when its log took another course. -1: not known. */
  readonly lastTerm: number;
  readonly maxBytes: number;
  readonly minBytes: number;
  readonly waitMs: number;
}

const readCommitted = 1;
const noSession = { id: 0, place: -1 } as const;

export function fetchRequest(request: FetchRequest): Buffer {
  const { partition, from, leaderTerm, lastTerm, maxBytes } = request;
  const writer = new WireWriter().noTags();
  writer.int32(-1).int32(request.waitMs).int32(request.minBytes).int32(maxBytes).int8(readCommitted);
  writer.int32(noSession.id).int32(noSession.place);
  writer.compactArray([request.topicId], (id) => {
    writer.bytes(Buffer.from(id, 'hex'));
    writer.compactArray([partition], (number) => {
      writer.int32(number).int32(leaderTerm).int64(from).int32(lastTerm).int64(-1).int32(maxBytes).noTags();
    });
    writer.noTags();
  });
  return writer
    .compactArray([], () => {})
    .compactString('')
    .noTags()
    .finish();
}

/** An aborted transaction: the producer's records from the offset on, up to its abort marker, are not to be shown. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchResponse {
  readonly error: number;
  /** One past the last offset that may be read with committed transactions only. */
  readonly stableEnd: number;
  readonly logStart: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The record batches lie in `buffer` from `start` to `end`; the last one may be cut off. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** The broker's log parted from what was read before: up to where they agree. */
  readonly divergesAt: number | null;
}

export function fetchResponse(payload: Buffer): FetchResponse {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  const error = reader.int16();
  reader.int32();
  const partitions = reader
    .compactArray(() => {
      reader.uuid();
      const found = reader.compactArray(() => readPartition(reader));
      reader.tags();
      return found;
    })
    .flat();
  const first = partitions[0];
  if (first !== undefined && error === 0) return first;
  return { error, stableEnd: -1, logStart: -1, aborted: [], buffer: payload, start: 0, end: 0, divergesAt: null };
}

function readPartition(reader: WireReader): FetchResponse {
  reader.int32();
  const error = reader.int16();
  reader.int64();
  const stableEnd = reader.int64();
  const logStart = reader.int64();
  const aborted = reader.compactArray((): AbortedTransaction => {
    const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
    reader.tags();
    return transaction;
  });
  reader.int32();
  const { start, end } = reader.compactBytes();
  let divergesAt: number | null = null;
  reader.tags((tag) => {
    if (tag !== 0) return;
    reader.int32();
    divergesAt = reader.int64();
  });
  return { error, stableEnd, logStart, aborted, buffer: reader.buffer, start, end, divergesAt };
}
