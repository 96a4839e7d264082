import { randomInt } from 'node:crypto';
import type { Column, Columns, Field, FieldType, RecordBatch, Rejection, Stream } from '@twofold/schemas';
import { RecordClass } from '@twofold/schemas';
import type { Ids } from '@twofold/service';
import { createSmallDictionary } from './small-dictionary.ts';

function field(name: string, type: FieldType, optional = false): Field {
  return { name, source: name, type, optional, min: null, max: null, unit: null, description: null };
}

/** A stream with a field of every storage shape. Its slices are small, so that files end inside them. */
export const machineStream: Stream = {
  name: 'machine-states',
  version: 1,
  description: null,
  fields: [
    field('machine', { kind: 'text', maxLength: 64, matches: null }),
    field('at', { kind: 'instant', unit: 'ms' }),
    field('load', { kind: 'decimal', scale: 2, round: false }),
    field('wide', { kind: 'int' }, true),
    field('running', { kind: 'boolean' }),
    field('state', { kind: 'enumeration', values: ['IDLE', 'BUSY', 'DOWN'] }),
    field('note', { kind: 'text', maxLength: 256, matches: null }, true),
  ],
  id: ['machine', 'at'],
  eventTime: 'at',
  partitionKey: 'machine',
  latenessMs: 60_000,
  skewMs: null,
  dedupeHorizon: 100,
  maxRecordBytes: 2 ** 20,
  sliceSize: 64,
  compatibility: 'BACKWARD',
  fingerprint: '00112233445566aa',
};

export interface Rows {
  readonly batch: RecordBatch;
  readonly columns: Columns;
}

/** Small, fast, seeded; the seed is in every message of a failing test. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed that differs from run to run; whoever uses it prints it. */
export function freshSeed(): number {
  return randomInt(2 ** 31);
}

/** Ids that count up; `prefix` tells two archivers apart. */
export function countingIds(prefix = 'A'): Ids {
  let count = 0;
  return { next: () => `${prefix}${String(++count).padStart(26 - prefix.length, '0')}` };
}

const awkwardTexts = [
  '',
  'plain',
  'a\u0000b',
  'crane 🏗',
  'Ä ö',
  '"quoted"\\',
  '\u202egnirts',
  'line\nbreak',
  '\uffff\ue000',
  'x'.repeat(200),
];
const edges = [0, 1, -1, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 31, -(2 ** 31) - 1, 1e15];

/**
 * Records of the positions `[from, from + length)` with control positions, rejected rows, null keys and values,
 * numbers at their edges and awkward texts. A function of its arguments only.
 */
export function makeRows(seed: number, partition: number, from: number, length: number, controlRate = 0.05): Rows {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[], otherwise: T): T => list[Math.floor(random() * list.length)] ?? otherwise;
  const dictionary = createSmallDictionary();
  // Ids differ from call to call, as a decoder's do after a reset.
  for (let i = 0; i < seed % 5; i++) dictionary.add(`unused ${i}`);
  const rows: {
    offset: number;
    key: Uint8Array | null;
    value: Uint8Array | null;
    cls: number;
    texts: (string | null)[];
    numbers: (number | null)[];
  }[] = [];
  for (let offset = from; offset < from + length; offset++) {
    if (random() < controlRate) continue;
    const cls = pick([0, 0, 0, 0, 0, 0, 1, 2], 0);
    const time = 1_700_000_000_000 + offset * 10 - Math.floor(random() * 5000);
    rows.push({
      offset,
      key: random() < 0.1 ? null : new TextEncoder().encode(pick(awkwardTexts, '')),
      value:
        cls === RecordClass.rejected && random() < 0.3
          ? null
          : Uint8Array.from({ length: Math.floor(random() * 60) }, () => random() * 256),
      cls,
      texts: [
        pick(awkwardTexts, ''),
        pick(['IDLE', 'BUSY', 'DOWN'], ''),
        random() < 0.4 ? null : pick(awkwardTexts, ''),
      ],
      numbers: [
        time,
        Math.floor(random() * 20000) - 10000,
        random() < 0.3 ? null : pick(edges, 0),
        random() < 0.5 ? 1 : 0,
      ],
    });
  }
  const numberColumn = (i: number): Column => ({
    kind: 'number',
    values: Float64Array.from(rows, (row) => row.numbers[i] ?? 777),
    valid: Uint8Array.from(rows, (row) => (row.numbers[i] === null ? 0 : 1)),
  });
  const textColumn = (i: number): Column => ({
    kind: 'text',
    dictionary,
    ids: Int32Array.from(rows, (row) => {
      const text = row.texts[i];
      return text === null || text === undefined ? -1 : dictionary.add(text);
    }),
  });
  const columns: Columns = {
    partition,
    baseOffset: from,
    nextOffset: from + length,
    count: rows.length,
    offsets: Float64Array.from(rows, (row) => row.offset),
    times: Float64Array.from(rows, (row) => 1_700_000_000_000 + row.offset * 10),
    classes: Uint8Array.from(rows, (row) => row.cls),
    eventTimes: Float64Array.from(rows, (row) => row.numbers[0] ?? 0),
    fields: [
      textColumn(0),
      numberColumn(0),
      numberColumn(1),
      numberColumn(2),
      numberColumn(3),
      textColumn(1),
      textColumn(2),
    ],
    rejections: rejectionsOf(rows),
  };
  return { batch: toBatch(partition, from, from + length, columns, rows), columns };
}

function rejectionsOf(rows: readonly { readonly cls: number; readonly offset: number }[]): Rejection[] {
  const rejections: Rejection[] = [];
  rows.forEach(({ cls, offset }, row) => {
    if (cls !== RecordClass.rejected) return;
    rejections.push({
      row,
      offset,
      code: 'MISSING_FIELD',
      field: offset % 2 === 0 ? 'load' : null,
      detail: `nothing at ${offset} "🏗"`,
    });
  });
  return rejections;
}

function toBatch(
  partition: number,
  baseOffset: number,
  nextOffset: number,
  columns: Columns,
  rows: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array | null }[],
): RecordBatch {
  const bytes: number[] = [7, 7, 7];
  const place = (blob: Uint8Array | null): [number, number] => {
    if (blob === null) return [-1, -1];
    const start = bytes.length;
    bytes.push(...blob);
    return [start, bytes.length];
  };
  const keys = rows.map((row) => place(row.key));
  const values = rows.map((row) => place(row.value));
  return {
    partition,
    baseOffset,
    nextOffset,
    count: rows.length,
    bytes: Uint8Array.from(bytes),
    offsets: columns.offsets,
    times: columns.times,
    keyStarts: Int32Array.from(keys, ([start]) => start),
    keyEnds: Int32Array.from(keys, ([, end]) => end),
    valueStarts: Int32Array.from(values, ([start]) => start),
    valueEnds: Int32Array.from(values, ([, end]) => end),
  };
}

/** A batch as plain values, for comparing what went in with what came out. */
export function describeBatch(batch: RecordBatch): unknown {
  const blob = (start: number, end: number): string | null =>
    start < 0 ? null : Buffer.from(batch.bytes.subarray(start, end)).toString('hex');
  return {
    partition: batch.partition,
    baseOffset: batch.baseOffset,
    nextOffset: batch.nextOffset,
    records: Array.from({ length: batch.count }, (_, i) => [
      batch.offsets[i],
      batch.times[i],
      blob(batch.keyStarts[i] ?? -1, batch.keyEnds[i] ?? -1),
      blob(batch.valueStarts[i] ?? -1, batch.valueEnds[i] ?? -1),
    ]),
  };
}

/** Rows as plain values: what `readColumns` must give for them. */
export function describeColumns(columns: Columns): unknown {
  return Array.from({ length: columns.count }, (_, row) => {
    const rejected = columns.classes[row] === RecordClass.rejected;
    const rejection = columns.rejections.find((entry) => entry.row === row);
    return {
      offset: columns.offsets[row],
      logTime: columns.times[row],
      cls: columns.classes[row],
      eventTime: rejected ? null : columns.eventTimes[row],
      fields: columns.fields.map((column) => {
        if (rejected) return null;
        if (column.kind === 'number') return column.valid[row] === 1 ? column.values[row] : null;
        const id = column.ids[row] ?? -1;
        return id < 0 ? null : column.dictionary.text(id);
      }),
      rejection: rejected ? [rejection?.code, rejection?.field, rejection?.detail] : null,
    };
  });
}
