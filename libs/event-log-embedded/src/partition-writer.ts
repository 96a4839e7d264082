import type { AppendRecord } from '@twofold/event-log';
import type { Fs, FsFile } from '@twofold/service';
import { AlignedBuffer } from './aligned-buffer.ts';
import type { EndFile } from './end-file.ts';
import { frameHeaderBytes, sealMagic, stampFrame, writeFrameHeader } from './frame.ts';
import { FrameBuilder } from './frame-builder.ts';
import { logPoisoned } from './log-failures.ts';
import type { PartitionView } from './partition-view.ts';
import { createSegment } from './segment-files.ts';

/** What is known of the newest segment when a partition is opened for writing. */
export interface WriterState {
  readonly file: FsFile;
  readonly salt: number;
  readonly lastTime: number;
  readonly sealed: boolean;
}

/**
 * Appends to one partition in commit groups: `stage` records, `write` them, `sync`, `publish`; or `rollBack` when any
 * of it failed in a way that can be undone.
 */
export class PartitionWriter {
  readonly view: PartitionView;
  readonly #fs: Fs;
  readonly #segmentBytes: number;
  readonly #endFile: EndFile;
  readonly #builder = new FrameBuilder();
  #file: FsFile;
  #salt: number;
  #lastTime: number;
  #sealed: boolean;
  #nextOffset: number;
  #groupTime = 0;

  constructor(fs: Fs, view: PartitionView, segmentBytes: number, endFile: EndFile, state: WriterState) {
    this.#fs = fs;
    this.view = view;
    this.#segmentBytes = segmentBytes;
    this.#endFile = endFile;
    this.#file = state.file;
    this.#salt = state.salt;
    this.#lastTime = state.lastTime;
    this.#sealed = state.sealed;
    this.#nextOffset = view.end;
  }

  /** Adds a record to the group and gives the offset that it will have. All of a group have one log time. */
  stage(record: AppendRecord, nowMs: number): number {
    if (this.#nextOffset === this.view.end) this.#groupTime = Math.max(this.#lastTime, nowMs);
    const offset = this.#nextOffset;
    this.#builder.add(record, offset, this.#groupTime);
    this.#nextOffset += 1;
    return offset;
  }

  /** Writes the group, into a new segment when it would make this one too large. */
  async write(): Promise<void> {
    this.#builder.closeFrame(this.#groupTime);
    if (this.#sealed || this.view.position + this.#builder.lengthBytes > this.#segmentBytes) await this.#roll();
    await this.#file.pwrite(this.#builder.stamp(this.view.position, this.#salt), this.view.position);
  }

  /** @throws LOG_IO poisoned, whatever the reason: what a failed sync leaves durable can not be found out. */
  async sync(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      throw logPoisoned(error);
    }
  }

  /** The group is durable: readers of this process see it now, those of others when the end file says so. */
  async publish(): Promise<void> {
    const { view } = this;
    const index = view.segments.at(-1)?.index;
    this.#builder.forEachFrame((firstOffset, start) => index?.note(firstOffset, view.position + start));
    view.position += this.#builder.lengthBytes;
    view.end = this.#nextOffset;
    this.#lastTime = this.#groupTime;
    this.#builder.reset();
    view.waiters.wake();
    await this.#writeEnd();
  }

  /**
   * Closes the newest segment and begins the next, unless it is empty, and publishes that. Not while a group is under way.
   * @returns the first offset of the newest segment
   */
  async seal(): Promise<number> {
    await this.#roll();
    await this.#writeEnd();
    return this.view.segments.at(-1)?.base ?? this.view.end;
  }

  /** Forgets the group, on disk too. @throws when the file can not be brought back to what it was */
  async rollBack(): Promise<void> {
    this.#builder.reset();
    this.#nextOffset = this.view.end;
    if ((await this.#file.sizeBytes()) > this.view.position) await this.#file.truncate(this.view.position);
  }

  async close(): Promise<void> {
    await this.#file.close();
    await this.#endFile.close();
  }

  #writeEnd(): Promise<void> {
    const segmentBase = this.view.segments.at(-1)?.base ?? 0;
    return this.#endFile.write({ end: this.view.end, segmentBase, position: this.view.position });
  }

  /**
   * Seals the segment and begins the next. The seal is durable before the next file exists: so only the newest
   * segment can have a torn tail. A failure leaves a state from which the next call goes on.
   */
  async #roll(): Promise<void> {
    const { view } = this;
    if (view.end === view.segments.at(-1)?.base) return;
    if (!this.#sealed) {
      const seal = new AlignedBuffer(frameHeaderBytes);
      const what = { magic: sealMagic, length: frameHeaderBytes, count: 0, offset: view.end, time: this.#lastTime };
      writeFrameHeader(seal, 0, what);
      stampFrame(seal, 0, view.position, this.#salt);
      await this.#file.pwrite(seal.bytes, view.position);
      await this.sync();
      this.#sealed = true;
      view.position += frameHeaderBytes;
    }
    const made = await createSegment(this.#fs, view, view.end, this.#lastTime);
    await this.#file.close();
    this.#file = made.file;
    this.#salt = made.salt;
    this.#sealed = false;
    view.addSegment(view.end);
    view.position = made.position;
  }
}
