import type { RejectionCode, Stream } from '@twofold/schemas';
import { changeNames } from './change-names.ts';
import { readEvent, type OracleEvent } from './read-event.ts';

/** A record as it stands in the log. */
export interface OracleRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Milliseconds since 1970. */
  readonly logTime: number;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
  readonly logTime: number;
}

/** What became of a record (E10). Positions without a record are `control`, and have no entry. */
export type ClassifiedRecord = Place &
  (
    | { readonly class: 'applied' | 'duplicate'; readonly event: OracleEvent }
    | { readonly class: 'rejected'; readonly code: RejectionCode; readonly field: string | null }
  );

/**
 * The class of every record at or above its partition's origin (E0, E9, E11), by partition and offset. Records may
 * come in any order; those below the origin are not read.
 */
export function classify(
  stream: Stream,
  records: readonly OracleRecord[],
  origins: readonly number[],
): ClassifiedRecord[] {
  const log = records
    .filter(({ partition, offset }) => offset >= (origins[partition] ?? 0))
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  /** By partition and event id: the last offset at which it stood, in a record that is not rejected. */
  const lastSeen = new Map<string, number>();
  if (stream.change !== undefined) return classifyByOrder(stream, log);
  return log.map(({ partition, offset, logTime, value }): ClassifiedRecord => {
    const place = { partition, offset, logTime };
    const read = readEvent(stream, value, logTime, stream.maxRecordBytes);
    if ('code' in read) return { ...place, class: 'rejected', code: read.code, field: read.field };
    const id = JSON.stringify([partition, ...stream.id.map((name) => String(read.values.get(name)))]);
    const before = lastSeen.get(id);
    lastSeen.set(id, offset);
    const repeated = before !== undefined && offset - before <= stream.dedupeHorizon;
    return { ...place, class: repeated ? 'duplicate' : 'applied', event: read };
  });
}

/** A change stream: what is not above everything that stands within the horizon before it is a repetition (E26). */
function classifyByOrder(stream: Stream, log: readonly OracleRecord[]): ClassifiedRecord[] {
  /** Of the horizon before, those that nothing after them is above: the first is the greatest. */
  const greatest: { readonly partition: number; readonly offset: number; readonly place: bigint }[] = [];
  return log.map(({ partition, offset, logTime, value }): ClassifiedRecord => {
    const at = { partition, offset, logTime };
    const read = readEvent(stream, value, logTime, stream.maxRecordBytes);
    if ('code' in read) return { ...at, class: 'rejected', code: read.code, field: read.field };
    const place = placeOf(read);
    const isPast = (before: (typeof greatest)[number]): boolean =>
      before.partition !== partition || offset - before.offset > stream.dedupeHorizon;
    while (greatest[0] !== undefined && isPast(greatest[0])) greatest.shift();
    const repeated = greatest[0] !== undefined && greatest[0].place >= place;
    while ((greatest.at(-1)?.place ?? place + 1n) <= place) greatest.pop();
    greatest.push({ partition, offset, place });
    return { ...at, class: repeated ? 'duplicate' : 'applied', event: read };
  });
}

/** Input offset and ordinal as one number; an operator emits fewer than a thousand changes an input. */
function placeOf({ values }: OracleEvent): bigint {
  const part = (name: string): bigint => BigInt(values.get(name) ?? 0n);
  return part(changeNames.offset) * 1000n + part(changeNames.ordinal);
}
