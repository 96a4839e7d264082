import type { FsFile } from '@twofold/service';
import { AlignedBuffer } from './aligned-buffer.ts';
import type { DurableEnd } from './end-file.ts';
import {
  frameCount,
  frameDurableBelow,
  frameHeaderBytes,
  frameLength,
  frameMagic,
  frameOffset,
  frameTime,
  sealMagic,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { damaged } from './log-failures.ts';
import type { PartitionView, Segment } from './partition-view.ts';
import { segmentHeaderBytes } from './segment-header.ts';

/** What a segment holds, as far as it is whole. */
export interface RecoveredSegment {
  /** One past the last offset. */
  readonly end: number;
  /** Where the next frame goes; what the file has from here on is a torn tail. */
  readonly position: number;
  readonly lastTime: number;
  /** It ends in a seal: nothing more is written to it. */
  readonly sealed: boolean;
}

const readBytes = 1_048_576;

/**
 * Walks through the newest segment of a partition, checking every frame. What can not be read at its end is a torn
 * tail, which nobody was told of, if two things hold: the writer never published an end beyond it, and no intact frame
 * behind it says that it was durable before. Otherwise acknowledged records are damaged.
 *
 * @throws LOG_DAMAGED with the offsets from the first damaged frame on
 */
export async function recoverSegment(
  view: PartitionView,
  segment: Segment,
  file: FsFile,
  header: { salt: number; lastTime: number },
  published: DurableEnd | null,
): Promise<RecoveredSegment> {
  const sizeBytes = await file.sizeBytes();
  const reader = new FrameReader(file, header.salt, new AlignedBuffer(Math.min(readBytes, sizeBytes + 8)));
  let position = segmentHeaderBytes;
  let end = segment.base;
  let { lastTime } = header;
  let sealed = false;
  while (!sealed) {
    const at = await reader.frameAt(position, sizeBytes, readBytes);
    if (at < 0 || frameOffset(reader.buffer, at) !== end) break;
    sealed = frameMagic(reader.buffer, at) === sealMagic;
    segment.index.note(end, position);
    end += frameCount(reader.buffer, at);
    if (!sealed) lastTime = frameTime(reader.buffer, at);
    position += frameLength(reader.buffer, at);
  }
  const place = { file: segment.path, topic: view.topic, partition: view.partition, from: end, position };
  if (published !== null && published.end > end) {
    throw damaged({ ...place, to: published.end }, 'records that were acknowledged are missing or damaged');
  }
  const proof = await findLaterProof(reader, position, sizeBytes);
  if (proof !== null) throw damaged({ ...place, to: proof }, 'a damaged stretch lies before records that are whole');
  return { end, position, lastTime, sealed };
}

/** The first offset of an intact frame behind `torn` that was written when everything up to beyond `torn` was durable. */
async function findLaterProof(reader: FrameReader, torn: number, sizeBytes: number): Promise<number | null> {
  for (let position = torn + 8; position + frameHeaderBytes <= sizeBytes;) {
    const candidate = await reader.nextCandidate(position, sizeBytes, readBytes);
    if (candidate === null) return null;
    const at = await reader.frameAt(candidate, sizeBytes, readBytes);
    if (at >= 0 && frameDurableBelow(reader.buffer, at) > torn) return frameOffset(reader.buffer, at);
    position = candidate + 8;
  }
  return null;
}
