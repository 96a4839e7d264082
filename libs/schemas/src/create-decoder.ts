import { ArenaDictionary } from './arena-dictionary.ts';
import { RecordClass, type Columns, type RejectionCode } from './columns.ts';
import { DebeziumEnvelopes } from './debezium-envelopes.ts';
import { DecodedColumns } from './decoded-columns.ts';
import type { Decoder } from './decoder.ts';
import { SchemaError } from './errors.ts';
import { ExactPath } from './exact-path.ts';
import { FastPath } from './fast-path.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Stream } from './stream.ts';

export interface DecoderOptions {
  /** Beyond these bounds `needsReset` is true: 2^18 texts and 64 MiB unless told. */
  readonly maxTexts?: number;
  readonly maxTextBytes?: number;
  /** 32 random bits that keep senders from aiming at the dictionary's table; 0 unless told. Changes no result. */
  readonly hashSeed?: number;
  /** 'exact' leaves the fast path out: for tests and for finding out who is to blame. Changes no result. */
  readonly path?: 'fast' | 'exact';
}

/** A decoder that knows when its dictionary has grown too large. */
export interface StreamDecoder extends Decoder {
  readonly dictionary: ArenaDictionary;
  /**
   * Has the dictionary passed its bound? Then whoever owns the decoder calls `dictionary.reset()` between two slices,
   * when no state is indexed by its ids any more. Never called here: ids in use would change their meaning.
   */
  needsReset(): boolean;
  /** Records that the fast path handed over, ever: a sender whose messages all do costs ten times the time. */
  readonly exactRecords: number;
}

/** A decoder of one stream, for one partition at a time. Throws `INVALID_OPTION` for options, and nothing for input. */
export function createDecoder(stream: Stream, options: DecoderOptions = {}): StreamDecoder {
  return new RecordDecoder(stream, options);
}

class RecordDecoder implements StreamDecoder {
  readonly stream: Stream;
  readonly dictionary: ArenaDictionary;
  exactRecords = 0;
  private readonly columns: DecodedColumns;
  private readonly exact: ExactPath;
  private readonly fast: FastPath | null;
  private readonly envelopes: DebeziumEnvelopes | null;
  private readonly maxTexts: number;
  private readonly maxTextBytes: number;

  constructor(stream: Stream, options: DecoderOptions) {
    this.stream = stream;
    this.dictionary = new ArenaDictionary(options.hashSeed ?? 0);
    this.columns = new DecodedColumns(stream, this.dictionary);
    this.exact = new ExactPath(stream);
    this.fast = options.path === 'exact' ? null : new FastPath(stream, this.dictionary, this.columns);
    this.envelopes = stream.format === 'debezium' ? new DebeziumEnvelopes(stream) : null;
    this.maxTexts = positive('maxTexts', options.maxTexts ?? 2 ** 18);
    this.maxTextBytes = positive('maxTextBytes', options.maxTextBytes ?? 2 ** 26);
  }

  needsReset(): boolean {
    return this.dictionary.size > this.maxTexts || this.dictionary.byteLength > this.maxTextBytes;
  }

  decode(records: RecordBatch): Columns {
    const batch = this.envelopes?.unwrap(records) ?? records;
    const { columns, fast } = this;
    const { maxRecordBytes } = this.stream;
    const { bytes, valueStarts, valueEnds, times, count } = batch;
    columns.begin(batch);
    fast?.begin(bytes);
    for (let row = 0; row < count; row++) {
      const start = valueStarts[row] ?? -1;
      const end = valueEnds[row] ?? -1;
      const small = start >= 0 && end - start <= maxRecordBytes;
      fast?.prepare(batch, row, maxRecordBytes);
      if (fast !== null && small && fast.read(bytes, start, end, row, times[row] ?? 0)) continue;
      this.readExactly(batch, row, start, end);
    }
    return columns;
  }

  private readExactly(batch: RecordBatch, row: number, start: number, end: number): void {
    this.exactRecords++;
    if (start < 0) return this.reject(row, 'NULL_VALUE', null, 'The record has no value.');
    if (end - start > this.stream.maxRecordBytes) {
      return this.reject(
        row,
        'TOO_LARGE',
        null,
        `The value has ${end - start} bytes, and at most ${this.stream.maxRecordBytes} are taken.`,
      );
    }
    const fault = this.exact.read(batch.bytes, start, end, batch.times[row] ?? 0);
    if (fault !== null) return this.reject(row, fault.code, fault.field, fault.detail);
    this.commit(row);
    this.fast?.learn(row);
  }

  private reject(row: number, code: RejectionCode, field: string | null, detail: string): void {
    this.columns.classes[row] = RecordClass.rejected;
    for (const column of this.columns.fields) {
      if (column.kind === 'number') column.valid[row] = 0;
      else column.ids[row] = -1;
    }
    this.columns.rejections.push({ row, offset: this.columns.offsets[row] ?? 0, code, field, detail });
  }

  private commit(row: number): void {
    const staged = this.exact.row;
    const { fields } = this.columns;
    this.columns.eventTimes[row] = this.exact.eventTime;
    for (let i = 0; i < fields.length; i++) {
      const column = fields[i];
      const present = staged.present[i] === 1;
      if (column?.kind === 'number') {
        column.valid[row] = present ? 1 : 0;
        if (present) column.values[row] = staged.numbers[i] ?? 0;
      } else if (column?.kind === 'text') {
        column.ids[row] = present
          ? this.dictionary.intern(staged.texts, staged.textStarts[i] ?? 0, staged.textEnds[i] ?? 0)
          : -1;
      }
    }
  }
}

function positive(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new SchemaError(
    'INVALID_OPTION',
    `The option ${option} of a decoder is a whole number above 0, and ${value} is none.`,
    { facts: { option, value } },
  );
}
