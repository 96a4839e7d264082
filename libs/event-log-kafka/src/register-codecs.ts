import { zstdCompressSync } from 'node:zlib';
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils';
import kafkajs from 'kafkajs';
import { codecs, decompress } from './decompress.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** The client library knows gzip alone, and keeps its codecs for the whole process: the last registration counts. */
export function registerCodecs(maxBatchBytes: number): void {
  const codec = (number: number, compress: (bytes: Buffer) => Buffer) => () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => compress(buffer),
    decompress: async (packed: Buffer) => Buffer.from(decompress(number, packed, maxBatchBytes)),
  });
  CompressionCodecs[CompressionTypes.Snappy] = codec(codecs.snappy, snappyCompress);
  CompressionCodecs[CompressionTypes.LZ4] = codec(codecs.lz4, lz4Compress);
  CompressionCodecs[CompressionTypes.ZSTD] = codec(codecs.zstd, zstdCompressSync);
}
