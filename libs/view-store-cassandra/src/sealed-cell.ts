import { crc32 } from 'node:zlib';
import { damagedRow } from './column.ts';

/**
 * One cell holds all that a row says, so that of two writes one wins whole: Cassandra settles equal timestamps a cell
 * at a time. Layout: format 1 (1 byte), a number whose bytes sort as it does (8), CRC-32 over key and rest (4, little
 * endian), content.
 */
const headBytes = 13;
const format = 1;

/**
 * @param order of two cells with one timestamp the larger is kept: it comes before the content, in bytes that sort as
 * numbers do.
 */
export function sealCell(key: readonly (string | number)[], order: number, content: Uint8Array): Buffer {
  const cell = Buffer.allocUnsafe(headBytes + content.length);
  cell[0] = format;
  writeOrdered(cell, 1, order);
  cell.set(content, headBytes);
  cell.writeUInt32LE(checksum(key, cell), 9);
  return cell;
}

/** @throws STORE_DAMAGED when the cell is not the one that was written under this key. */
export function openCell(key: readonly (string | number)[], cell: Buffer): { order: number; content: Buffer } {
  if (cell.length < headBytes || cell[0] !== format || cell.readUInt32LE(9) !== checksum(key, cell))
    throw damagedRow(`the row ${JSON.stringify(key)} does not match its checksum`);
  return { order: readOrdered(cell, 1), content: cell.subarray(headBytes) };
}

function checksum(key: readonly (string | number)[], cell: Buffer): number {
  return crc32(cell.subarray(headBytes), crc32(cell.subarray(0, 9), crc32(JSON.stringify(key))));
}

/** A double's bits, turned so that their order as bytes is the order of the numbers, -Infinity included. */
function writeOrdered(cell: Buffer, at: number, value: number): void {
  cell.writeDoubleBE(value, at);
  turn(cell, at, (cell[at] ?? 0) >= 0x80);
}

function readOrdered(cell: Buffer, at: number): number {
  const copy = Buffer.from(cell.subarray(at, at + 8));
  turn(copy, 0, (copy[0] ?? 0) < 0x80);
  return copy.readDoubleBE(0);
}

function turn(bytes: Buffer, at: number, all: boolean): void {
  if (!all) bytes[at] = (bytes[at] ?? 0) ^ 0x80;
  else for (let i = at; i < at + 8; i++) bytes[i] = (bytes[i] ?? 0) ^ 0xff;
}
