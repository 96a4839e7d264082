import { Token } from './json-cursor.ts';
import { JsonReader } from './json-reader.ts';
import { messageTree, sourceText } from './message-tree.ts';
import { nodeReader } from './record-reader.ts';
import { eventTimeMs, StagedRow, type FieldRead, type RowFault } from './staged-row.ts';
import type { Field, Stream } from './stream.ts';

/**
 * The slow path that is always right: it decides what a record means, and the fast path has to agree.
 * Faults are found in this order, and the first is told: bytes that are no UTF-8; JSON syntax and depth; a message that
 * is no object, a declared key twice, half a surrogate pair; then the fields in order of declaration; then E11.
 */
export class ExactPath {
  readonly row: StagedRow;
  /** Of the record read last, milliseconds. */
  eventTime = 0;
  private readonly json: JsonReader;
  private readonly readers: readonly FieldRead[];
  private readonly timeIndex: number;
  private readonly timeField: Field | undefined;
  private readonly skewMs: number | null;

  constructor(stream: Stream) {
    this.row = new StagedRow(stream.fields.length);
    const tree = messageTree(stream.fields);
    this.json = new JsonReader(tree.map(({ source }) => source));
    this.readers = tree.map((node) => nodeReader(node, stream.fields));
    this.timeIndex = stream.fields.findIndex((field) => field.name === stream.eventTime);
    this.timeField = stream.fields[this.timeIndex];
    this.skewMs = stream.skewMs;
  }

  /** Reads a record into `row`. Null: it is accepted. */
  read(bytes: Uint8Array, start: number, end: number, logTime: number): RowFault | null {
    const { json, row } = this;
    row.clear(end - start);
    const fault = json.read(bytes, start, end);
    if (fault !== null) {
      return {
        code: fault.code,
        field: fault.key,
        detail: start === end ? 'The value is empty.' : `At byte ${fault.at}: ${fault.what}.`,
      };
    }
    for (let i = 0; i < this.readers.length; i++) {
      const token = json.tokens[i] ?? Token.absent;
      const found = this.readers[i]?.(row, token, bytes, json.starts[i] ?? 0, json.ends[i] ?? 0) ?? null;
      if (found !== null) return found;
    }
    return this.checkTime(logTime);
  }

  private checkTime(logTime: number): RowFault | null {
    if (this.timeField === undefined) return null;
    this.eventTime = eventTimeMs(this.timeField, this.row.numbers[this.timeIndex] ?? 0);
    if (this.skewMs === null || !(this.eventTime > logTime + this.skewMs)) return null;
    return {
      code: 'FUTURE_EVENT_TIME',
      field: sourceText(this.timeField),
      detail: `The event time is ${this.eventTime - logTime} ms after the log's time, and ${this.skewMs} are allowed.`,
    };
  }
}
