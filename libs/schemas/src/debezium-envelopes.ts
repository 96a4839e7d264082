import { Token } from './json-cursor.ts';
import { JsonReader } from './json-reader.ts';
import { messageTree } from './message-tree.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Stream } from './stream.ts';

const encoder = new TextEncoder();
const parts = ['payload', 'op', 'before', 'after', 'source'] as const;
const [payload, op, before, after, source] = [0, 1, 2, 3, 4] as const;

/** A value of a message: what it is and where it stands, quotes included. */
interface Span {
  readonly token: Token;
  readonly start: number;
  readonly end: number;
}

/** A declared key of the envelope, as it is written into the flat message. */
interface Member {
  readonly name: Uint8Array;
  /** Index into the keys of the envelope, or of its `source`. */
  readonly index: number;
  readonly inSource: boolean;
}

/**
 * Debezium's change events as flat messages, for the decoder. Of an envelope, alone or as the `payload` beside a
 * `schema`, the row is `after`, and `before` where the operation is `d`; what stands around the row has the names
 * `$op`, `$ts_ms`, `$source.lsn`, as far as the stream declares them. What is no envelope becomes a message without a
 * field; what is no sound JSON, too long or null stays what it is, and is rejected for that.
 */
export class DebeziumEnvelopes {
  private readonly maxBytes: number;
  private readonly outer: JsonReader;
  private readonly inner: JsonReader;
  private readonly members: readonly Member[];

  constructor(stream: Stream) {
    const declared = messageTree(stream.fields)
      .map(({ source: key }) => key)
      .filter((key) => key.startsWith('$'));
    const own = declared.filter((key) => !key.startsWith('$source.')).map((key) => key.slice(1));
    const ofSource = declared.filter((key) => key.startsWith('$source.')).map((key) => key.slice('$source.'.length));
    const keys = [...new Set([...parts, ...own])];
    this.maxBytes = stream.maxRecordBytes;
    this.outer = new JsonReader(keys);
    this.inner = new JsonReader(ofSource);
    this.members = declared.map((key) => {
      const inSource = key.startsWith('$source.');
      const name = inSource ? key.slice('$source.'.length) : key.slice(1);
      const index = inSource ? ofSource.indexOf(name) : keys.indexOf(name);
      return { name: encoder.encode(`${JSON.stringify(key)}:`), index, inSource };
    });
  }

  /** The same records with other values, in a buffer of their own. */
  unwrap(batch: RecordBatch): RecordBatch {
    const pieces: Uint8Array[] = [];
    const valueStarts = new Int32Array(batch.count);
    const valueEnds = new Int32Array(batch.count);
    let length = batch.bytes.length;
    for (let row = 0; row < batch.count; row++) {
      const [start, end] = [batch.valueStarts[row] ?? -1, batch.valueEnds[row] ?? -1];
      const flat = start < 0 || end - start > this.maxBytes ? null : this.flat(batch.bytes, start, end);
      valueStarts[row] = flat === null ? start : length;
      valueEnds[row] = flat === null ? end : length + flat.length;
      if (flat === null) continue;
      pieces.push(flat);
      length += flat.length;
    }
    // Keys, and values that stay, are where they were.
    const bytes = new Uint8Array(length);
    bytes.set(batch.bytes);
    let at = batch.bytes.length;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { ...batch, bytes, valueStarts, valueEnds };
  }

  /** The flat message of the envelope `[start, end)`. Null: it stays as it is. */
  flat(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
    if (this.outer.read(bytes, start, end) !== null) return null;
    const wrapped = spanOf(this.outer, payload);
    if (wrapped.token === Token.object) this.outer.read(bytes, wrapped.start, wrapped.end);
    const operation = spanOf(this.outer, op);
    if (operation.token !== Token.string) return encoder.encode('{}');
    const isDelete = operation.end - operation.start === 3 && bytes[operation.start + 1] === 100;
    const members: Uint8Array[] = [];
    const origin = spanOf(this.outer, source);
    const hasSource = origin.token === Token.object;
    if (hasSource) this.inner.read(bytes, origin.start, origin.end);
    for (const { name, index, inSource } of this.members) {
      if (inSource && !hasSource) continue;
      const { token, start: from, end: to } = spanOf(inSource ? this.inner : this.outer, index);
      if (token !== Token.absent) members.push(name, bytes.subarray(from, to), comma);
    }
    const row = spanOf(this.outer, isDelete ? before : after);
    // Without its braces; blanks within them do no harm.
    if (row.token === Token.object) members.push(bytes.subarray(row.start + 1, row.end - 1));
    return messageOf(members);
  }
}

const comma = encoder.encode(',');

function spanOf(reader: JsonReader, index: number): Span {
  const token = reader.tokens[index] ?? Token.absent;
  const quotes = token === Token.string || token === Token.escaped ? 1 : 0;
  return { token, start: (reader.starts[index] ?? 0) - quotes, end: (reader.ends[index] ?? 0) + quotes };
}

/** Members between braces; the comma before an empty row, or before none, is left out. */
function messageOf(members: readonly Uint8Array[]): Uint8Array {
  const last = members.at(-1);
  const isBlank = last !== undefined && last !== comma && last.every((byte) => byte <= 32);
  const kept = isBlank ? members.slice(0, -1) : members;
  const inner = kept.at(-1) === comma ? kept.slice(0, -1) : kept;
  const message = new Uint8Array(2 + inner.reduce((sum, piece) => sum + piece.length, 0));
  message[0] = 123;
  let at = 1;
  for (const piece of inner) {
    message.set(piece, at);
    at += piece.length;
  }
  message[at] = 125;
  return message;
}
