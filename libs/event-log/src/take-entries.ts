import { type RecordBatch, emptyBatch } from '@twofold/schemas';

/** One position of a log in memory; `key` undefined: a control position. */
export interface Entry {
  readonly time: number;
  readonly key: Uint8Array | null | undefined;
  readonly value: Uint8Array | null;
}

/** The positions from `from` up to `to`, as many as fit into `maxBytes` and at least one record. */
export function takeEntries(
  partition: { readonly start: number; readonly entries: readonly Entry[] },
  number: number,
  from: number,
  to: number,
  maxBytes: number,
): RecordBatch {
  const picked: [offset: number, entry: Entry][] = [];
  let size = 0;
  let next = from;
  for (; next < to; next++) {
    const entry = partition.entries[next - partition.start];
    if (entry?.key === undefined) continue;
    const weight = (entry.key?.length ?? 0) + (entry.value?.length ?? 0);
    if (picked.length > 0 && size + weight > maxBytes) break;
    picked.push([next, entry]);
    size += weight;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  const place = (part: Uint8Array | null | undefined): [start: number, end: number] => {
    if (part === null || part === undefined) return [-1, -1];
    bytes.set(part, at);
    return [at, (at += part.length)];
  };
  const keys: [number, number][] = [];
  const values: [number, number][] = [];
  for (const [, entry] of picked) {
    keys.push(place(entry.key));
    values.push(place(entry.value));
  }
  return {
    ...emptyBatch(number, from, Math.max(next, from)),
    count: picked.length,
    bytes,
    offsets: Float64Array.from(picked, ([offset]) => offset),
    times: Float64Array.from(picked, ([, entry]) => entry.time),
    keyStarts: Int32Array.from(keys, ([start]) => start),
    keyEnds: Int32Array.from(keys, ([, end]) => end),
    valueStarts: Int32Array.from(values, ([start]) => start),
    valueEnds: Int32Array.from(values, ([, end]) => end),
  };
}
