import { gzipSync, zstdCompressSync } from 'node:zlib';
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils';
import { crc32c } from '@twofold/service';

export interface TestRecord {
  readonly offset: number;
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly (readonly [string, Buffer | null])[];
}

export interface TestBatch {
  readonly baseOffset: number;
  /** Default: the last record's. */
  readonly lastOffset?: number;
  readonly records: readonly TestRecord[];
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'xerial' | 'lz4' | 'zstd';
  readonly producerId?: number;
  readonly transactional?: boolean;
  readonly control?: 'abort' | 'commit';
  /** The broker's time for the whole batch. */
  readonly brokerTime?: number;
  readonly term?: number;
}

const codecNumbers = { none: 0, gzip: 1, snappy: 2, xerial: 2, lz4: 3, zstd: 4 } as const;

/** A record batch as a broker stores it, written from the protocol's description and not from the code under test. */
export function encodeBatch(batch: TestBatch): Buffer {
  const { baseOffset, codec = 'none', control, brokerTime, producerId = -1, transactional = false } = batch;
  const records = control === undefined ? batch.records : [controlRecord(control, baseOffset)];
  const baseTime = records[0]?.time ?? 0;
  const body = Buffer.concat(records.map((record) => encodeRecord(record, baseOffset, baseTime)));
  const packed = pack(codec, body);
  const bytes = Buffer.alloc(61 + packed.length);
  bytes.writeBigInt64BE(BigInt(baseOffset), 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt32BE(batch.term ?? 0, 12);
  bytes.writeInt8(2, 16);
  const flags =
    (brokerTime === undefined ? 0 : 8) |
    (transactional || control !== undefined ? 16 : 0) |
    (control === undefined ? 0 : 32);
  bytes.writeInt16BE(codecNumbers[codec] | flags, 21);
  bytes.writeInt32BE((batch.lastOffset ?? records.at(-1)?.offset ?? baseOffset) - baseOffset, 23);
  bytes.writeBigInt64BE(BigInt(baseTime), 27);
  bytes.writeBigInt64BE(BigInt(brokerTime ?? Math.max(baseTime, ...records.map(({ time }) => time))), 35);
  bytes.writeBigInt64BE(BigInt(producerId), 43);
  bytes.writeInt16BE(producerId < 0 ? -1 : 0, 51);
  bytes.writeInt32BE(producerId < 0 ? -1 : 0, 53);
  bytes.writeInt32BE(records.length, 57);
  packed.copy(bytes, 61);
  return seal(bytes);
}

/** Writes the checksum of what the bytes are now. */
export function seal(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

function controlRecord(control: 'abort' | 'commit', offset: number): TestRecord {
  const key = Buffer.from([0, 0, 0, control === 'abort' ? 0 : 1]);
  return { offset, time: 0, key, value: Buffer.alloc(6) };
}

function encodeRecord({ offset, time, key, value, headers = [] }: TestRecord, base: number, baseTime: number): Buffer {
  const fields = Buffer.concat([
    Buffer.from([0]),
    varint(BigInt(time - baseTime)),
    varint(BigInt(offset - base)),
    sized(key),
    sized(value),
    varint(BigInt(headers.length)),
    ...headers.flatMap(([name, content]) => [sized(Buffer.from(name)), sized(content)]),
  ]);
  return Buffer.concat([varint(BigInt(fields.length)), fields]);
}

function sized(bytes: Buffer | null): Buffer {
  return bytes === null ? varint(-1n) : Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function pack(codec: NonNullable<TestBatch['codec']>, body: Buffer): Buffer {
  switch (codec) {
    case 'none':
      return body;
    case 'gzip':
      return gzipSync(body);
    case 'zstd':
      return zstdCompressSync(body);
    case 'lz4':
      return lz4Compress(body);
    case 'snappy':
      return snappyCompress(body);
    case 'xerial':
      return xerial(body);
  }
}

/** As Java's clients frame snappy: a header of 16 bytes, then blocks with their lengths. */
function xerial(body: Buffer): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const parts: Buffer[] = [header];
  for (let at = 0; at < body.length || at === 0; at += 100) {
    const block = snappyCompress(body.subarray(at, at + 100));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(block.length);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}
