import type { Fs, FsFile } from '@twofold/service';
import { AlignedBuffer } from './aligned-buffer.ts';
import { frameHeaderBytes, frameMagic, frameOffset, sealMagic } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { damaged } from './log-failures.ts';
import type { PartitionView, Segment } from './partition-view.ts';
import {
  checkSegmentHeader,
  encodeSegmentHeader,
  segmentBase,
  segmentHeaderBytes,
  segmentName,
} from './segment-header.ts';
import { crc32c } from '@twofold/service';

/** Makes an empty segment, durable with its name. A leftover of an earlier try is removed; a failed try leaves none. */
export async function createSegment(
  fs: Fs,
  view: PartitionView,
  base: number,
  lastTime: number,
): Promise<{ file: FsFile; salt: number; position: number }> {
  const path = `${view.folder}/${segmentName(base)}`;
  if ((await fs.stat(path)) !== null) await fs.remove(path);
  const header = encodeSegmentHeader({ partition: view.partition, base, lastTime, identity: view.identity });
  const file = await fs.open(path, 'create');
  try {
    await file.pwrite(header, 0);
    await file.datasync();
    await fs.syncFolder(view.folder);
  } catch (error) {
    await file.close();
    await fs.remove(path);
    throw error;
  }
  return { file, salt: crc32c(header), position: segmentHeaderBytes };
}

/** First offsets of the segments in a partition's folder, rising. */
export async function listSegments(fs: Pick<Fs, 'list'>, folder: string): Promise<number[]> {
  const bases: number[] = [];
  for (const name of await fs.list(folder)) {
    const base = segmentBase(name);
    if (base !== null) bases.push(base);
  }
  return bases.sort((a, b) => a - b);
}

/** Reads and checks a segment's header. */
export async function readSegmentHeader(
  view: PartitionView,
  segment: Segment,
  file: FsFile,
): Promise<{ salt: number; lastTime: number }> {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const length = await file.pread(bytes, bytes.length, 0);
  const { topic, partition, identity } = view;
  return checkSegmentHeader(bytes.subarray(0, length), segment.path, {
    topic,
    partition,
    identity,
    base: segment.base,
  });
}

/**
 * Looks at both ends of a segment that is not the newest: it begins with its header and ends with a seal at the first
 * offset of the next. What lies between is checked when it is read.
 *
 * @throws LOG_DAMAGED
 */
export async function checkSealedSegment(fs: Fs, view: PartitionView, segment: Segment, next: number): Promise<void> {
  const file = await fs.open(segment.path, 'read');
  try {
    const { salt } = await readSegmentHeader(view, segment, file);
    const sizeBytes = await file.sizeBytes();
    const position = sizeBytes - frameHeaderBytes;
    const reader = new FrameReader(file, salt, new AlignedBuffer(frameHeaderBytes));
    const at = position < segmentHeaderBytes ? -1 : await reader.frameAt(position, sizeBytes, frameHeaderBytes);
    if (at >= 0 && frameMagic(reader.buffer, at) === sealMagic && frameOffset(reader.buffer, at) === next) return;
    throw damaged(
      { file: segment.path, topic: view.topic, partition: view.partition, from: segment.base, to: next, position },
      `it does not end as it should, with a seal at offset ${next}: it was cut, or a segment after it is missing`,
    );
  } finally {
    await file.close();
  }
}
