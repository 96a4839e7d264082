import { type LogCursor, checkOffset, defaultReadBytes, unknownPartition } from '@twofold/event-log';
import { type RecordBatch, emptyBatch } from '@twofold/schemas';
import { type Fs, type FsFile, fsErrorCode } from '@twofold/service';
import { AlignedBuffer } from './aligned-buffer.ts';
import { frameCount, frameDataBytes, frameLength, frameOffset, recordsMagic, frameMagic } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { damaged, ioFailure } from './log-failures.ts';
import type { PartitionView, Segment } from './partition-view.ts';
import { RowFiller } from './row-filler.ts';
import { checkSegmentHeader, segmentHeaderBytes } from './segment-header.ts';

/** Where a cursor gets its partition from: the writer's own state, or what a follower learns from the files. */
export interface ViewSource {
  /** @throws LOG_CLOSED, UNKNOWN_TOPIC, UNKNOWN_PARTITION */
  view(topic: string, partition: number): Promise<PartitionView>;
  /** Returns when the partition's end is above `end`, or after `waitMs`. */
  awaitMore(view: PartitionView, end: number, waitMs: number, signal?: AbortSignal): Promise<void>;
  /** Learns again which segments there are. */
  refresh(view: PartitionView): Promise<void>;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: FsFile;
  readonly reader: FrameReader;
  /** Size of the file, once the segment is no longer written to. */
  sealedBytes: number | null;
}

/** Read ahead of what was asked for, so that the last frame of a batch is mostly whole. */
const slackBytes = frameDataBytes + 8_192;

export class FrameCursor implements LogCursor {
  readonly #fs: Fs;
  readonly #source: ViewSource;
  readonly #topic: string;
  readonly #partition: number;
  readonly #rows = new RowFiller();
  readonly #onClose: () => void;
  #buffer = new AlignedBuffer(slackBytes);
  #open: OpenSegment | null = null;
  /** The frame that the last read ended in or before. */
  #hint = { offset: 0, position: segmentHeaderBytes };

  constructor(fs: Fs, source: ViewSource, topic: string, partition: number, onClose: () => void) {
    this.#fs = fs;
    this.#source = source;
    this.#topic = topic;
    this.#partition = partition;
    this.#onClose = onClose;
  }

  async read(
    from: number,
    options: { maxBytes?: number; waitMs?: number; to?: number; signal?: AbortSignal } = {},
  ): Promise<RecordBatch> {
    const { maxBytes = defaultReadBytes, waitMs = 0, to = Number.POSITIVE_INFINITY, signal } = options;
    signal?.throwIfAborted();
    let view = await this.#source.view(this.#topic, this.#partition);
    if (from >= view.end && to > from) {
      // A follower learns of a new end only by looking; it looks once even when it may not wait.
      await this.#source.awaitMore(view, from, from === view.end ? waitMs : 0, signal);
      view = await this.#source.view(this.#topic, this.#partition);
    }
    checkOffset(this.#topic, this.#partition, from, view.start, view.end);
    const limit = Math.min(to, view.end);
    if (from >= limit) return emptyBatch(this.#partition, from);
    try {
      return await this.#readFrom(view, from, limit, maxBytes);
    } catch (error) {
      throw ioFailure(`reading topic "${this.#topic}", partition ${this.#partition}`, error);
    }
  }

  async close(): Promise<void> {
    this.#onClose();
    await this.#closeFile();
  }

  async #readFrom(view: PartitionView, from: number, to: number, maxBytes: number): Promise<RecordBatch> {
    const opened = await this.#segmentAt(view, from);
    const { reader } = opened;
    const limit = await this.#limitOf(view, opened);
    const readBytes = Math.max(maxBytes, frameDataBytes) + slackBytes;
    let position = await this.#seek(view, opened, from, limit, readBytes);
    this.#rows.start();
    let next = from;
    for (let at = reader.frameInBuffer(position); at >= 0 && next < to; at = reader.frameInBuffer(position)) {
      const { buffer } = reader;
      if (frameMagic(buffer, at) !== recordsMagic) break;
      if (frameOffset(buffer, at) > next) throw this.#damaged(view, opened, next, position);
      this.#hint = { offset: frameOffset(buffer, at), position };
      const whole = this.#rows.addFrame(buffer, at, next, to, maxBytes);
      next = frameOffset(buffer, at) + frameCount(buffer, at);
      if (!whole) break;
      position += frameLength(buffer, at);
    }
    this.#buffer = reader.buffer;
    return this.#rows.batch(this.#partition, from, reader.buffer.bytes.subarray(0, reader.loadedBytes));
  }

  /** Position of the frame that holds `from`, loaded and checked. */
  async #seek(
    view: PartitionView,
    opened: OpenSegment,
    from: number,
    limit: number,
    readBytes: number,
  ): Promise<number> {
    const { reader, segment } = opened;
    const floor = segment.index.floor(from);
    let { offset, position } = this.#hint.offset <= from && this.#hint.offset > floor.offset ? this.#hint : floor;
    for (;;) {
      const at = await reader.frameAt(position, limit, readBytes);
      if (at < 0 || frameMagic(reader.buffer, at) !== recordsMagic || frameOffset(reader.buffer, at) !== offset) {
        throw this.#damaged(view, opened, offset, position);
      }
      segment.index.note(offset, position);
      const end = offset + frameCount(reader.buffer, at);
      if (from < end) return position;
      offset = end;
      position += frameLength(reader.buffer, at);
    }
  }

  async #segmentAt(view: PartitionView, from: number): Promise<OpenSegment> {
    for (let tries = 0; ; tries++) {
      const segment = view.segmentOf(from);
      if (segment === undefined) throw unknownPartition(this.#topic, this.#partition, 0);
      if (this.#open?.segment === segment) return this.#open;
      await this.#closeFile();
      try {
        return (this.#open = await this.#openSegment(view, segment));
      } catch (error) {
        // Trimmed between the check and now: then the offset is out of range, and says so.
        if (fsErrorCode(error) !== 'ENOENT' || tries > 0) throw error;
        await this.#source.refresh(view);
        checkOffset(this.#topic, this.#partition, from, view.start, view.end);
      }
    }
  }

  async #openSegment(view: PartitionView, segment: Segment): Promise<OpenSegment> {
    const file = await this.#fs.open(segment.path, 'read');
    try {
      const header = new Uint8Array(segmentHeaderBytes);
      const length = await file.pread(header, header.length, 0);
      const { salt } = checkSegmentHeader(header.subarray(0, length), segment.path, { ...view, base: segment.base });
      this.#hint = { offset: segment.base, position: segmentHeaderBytes };
      const reader = new FrameReader(file, salt, this.#buffer);
      return { segment, file, reader, sealedBytes: null };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that may be read: what is durable of the newest segment, all of an older one. */
  async #limitOf(view: PartitionView, opened: OpenSegment): Promise<number> {
    if (view.segments.at(-1) === opened.segment) return view.position;
    opened.sealedBytes ??= await opened.file.sizeBytes();
    return opened.sealedBytes;
  }

  #damaged(view: PartitionView, opened: OpenSegment, from: number, position: number): Error {
    const { segment } = opened;
    const place = { file: segment.path, topic: this.#topic, partition: this.#partition, position };
    return damaged({ ...place, from, to: view.endOf(segment) }, 'no intact frame is where one was written');
  }

  async #closeFile(): Promise<void> {
    const opened = this.#open;
    this.#open = null;
    await opened?.file.close();
  }
}
