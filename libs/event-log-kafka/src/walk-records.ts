import type { RecordRows } from './record-rows.ts';

export interface RecordsOfBatch {
  readonly count: number;
  readonly baseOffset: number;
  /** One past the batch's last offset. */
  readonly endOffset: number;
  /** Records below are not wanted. */
  readonly fromOffset: number;
  readonly baseTime: number;
  /** False where the broker set one time for the whole batch: what the records say is then not their time (E11). */
  readonly deltasCount: boolean;
}

/**
 * Appends the places of a batch's records to the rows. Null, or what is wrong with the bytes; rows may then have been
 * added, and the walk is over.
 *
 * A record: length, attributes, time delta, offset delta, key, value, headers; all numbers zigzag varints.
 */
export function walkRecords(
  rows: RecordRows,
  bytes: Uint8Array,
  start: number,
  end: number,
  batch: RecordsOfBatch,
): string | null {
  const { offsets, times, keyStarts, keyEnds, valueStarts, valueEnds } = rows.reserve(batch.count);
  const { baseOffset, endOffset, fromOffset, baseTime, deltasCount } = batch;
  let row = rows.count;
  let last = baseOffset - 1;
  let at = start;
  for (let index = 0; index < batch.count; index++) {
    // Reading past the end gives undefined, which ends a varint as 0; the bounds are checked once, at the record's end.
    let byte = bytes[at++] ?? 0;
    let raw = byte & 0x7f;
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) raw |= ((byte = bytes[at++] ?? 0) & 0x7f) << shift;
    const recordEnd = at + ((raw >>> 1) ^ -(raw & 1));
    if (recordEnd > end || recordEnd < at) return `record ${index} ends outside of its batch`;

    at += 1;
    byte = bytes[at++] ?? 0;
    let timeDelta = (byte >>> 1) ^ -(byte & 1);
    if (byte > 0x7f) {
      // Beyond 32 bits: in floating point, exact to 2^53.
      let value = byte & 0x7f;
      for (let scale = 128, part = 1; byte > 0x7f && part < 10; part++, scale *= 128) {
        byte = bytes[at++] ?? 0;
        value += (byte & 0x7f) * scale;
      }
      timeDelta = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }

    byte = bytes[at++] ?? 0;
    raw = byte & 0x7f;
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) raw |= ((byte = bytes[at++] ?? 0) & 0x7f) << shift;
    const offset = baseOffset + ((raw >>> 1) ^ -(raw & 1));

    byte = bytes[at++] ?? 0;
    raw = byte & 0x7f;
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) raw |= ((byte = bytes[at++] ?? 0) & 0x7f) << shift;
    const keyLength = (raw >>> 1) ^ -(raw & 1);
    const keyStart = at;
    if (keyLength > 0) at += keyLength;

    byte = bytes[at++] ?? 0;
    raw = byte & 0x7f;
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) raw |= ((byte = bytes[at++] ?? 0) & 0x7f) << shift;
    const valueLength = (raw >>> 1) ^ -(raw & 1);
    const valueStart = at;
    if (valueLength > 0) at += valueLength;
    // One byte at least is left: the number of headers.
    if (at >= recordEnd) return `record ${index} holds more than its length`;
    if (offset <= last || offset >= endOffset) return `record ${index} has offset ${offset} after ${last}`;
    last = offset;
    at = recordEnd;
    if (offset < fromOffset) continue;

    offsets[row] = offset;
    times[row] = deltasCount ? baseTime + timeDelta : baseTime;
    keyStarts[row] = keyLength < 0 ? -1 : keyStart;
    keyEnds[row] = keyLength < 0 ? -1 : keyStart + keyLength;
    valueStarts[row] = valueLength < 0 ? -1 : valueStart;
    valueEnds[row] = valueLength < 0 ? -1 : valueStart + valueLength;
    row += 1;
  }
  if (at !== end) return `${end - at} bytes follow the last record`;
  rows.count = row;
  return null;
}
