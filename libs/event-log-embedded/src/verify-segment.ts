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
  sealMagic,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import type { FaultPlace, LogFault } from './log-fault.ts';
import { segmentHeaderBytes } from './segment-header.ts';

export interface SegmentToVerify {
  readonly place: Pick<FaultPlace, 'file' | 'topic' | 'partition'>;
  readonly base: number;
  readonly file: FsFile;
  readonly salt: number;
  /** First offset of the segment after it; null: it is the newest. */
  readonly next: number | null;
  /** What the writer had published of this very segment before it was looked at; null: nothing. */
  readonly published: DurableEnd | null;
}

export interface VerifiedSegment {
  readonly records: number;
  readonly bytes: number;
  /** The offset that its seal names; null: it has none. */
  readonly sealedAt: number | null;
  /** One past the last offset. */
  readonly end: number;
  /** Bytes at the end of the newest segment that were never acknowledged: a torn tail, or what is being written. */
  readonly tailBytes: number;
}

const readBytes = 1_048_576;

/** Walks through one segment from its first frame to its last, behind damage too, and reports every stretch of it. */
export async function verifySegment(
  segment: SegmentToVerify,
  report: (fault: LogFault) => void,
): Promise<VerifiedSegment> {
  return new SegmentWalk(segment, report).run();
}

class SegmentWalk {
  readonly #segment: SegmentToVerify;
  readonly #report: (fault: LogFault) => void;
  #reader: FrameReader;
  #sizeBytes = 0;
  #position = segmentHeaderBytes;
  #end: number;
  #records = 0;
  #sealedAt: number | null = null;
  #whole = true;
  /** Damage reaches to the end of the file, and was reported so. */
  #lost = false;
  #edgeMet = false;

  constructor(segment: SegmentToVerify, report: (fault: LogFault) => void) {
    this.#segment = segment;
    this.#report = report;
    this.#end = segment.base;
    this.#reader = this.#newReader();
  }

  async run(): Promise<VerifiedSegment> {
    const { file } = this.#segment;
    this.#sizeBytes = await file.sizeBytes();
    this.#reader = this.#newReader();
    while (this.#position < this.#sizeBytes && this.#sealedAt === null) {
      const at = await this.#reader.frameAt(this.#position, this.#sizeBytes, readBytes);
      if (at >= 0 && frameOffset(this.#reader.buffer, at) === this.#end) this.#take(at);
      else if (!(await this.#stepOverDamage())) break;
    }
    this.#checkEdge();
    return {
      records: this.#records,
      bytes: this.#position,
      sealedAt: this.#sealedAt,
      end: this.#end,
      tailBytes: this.#checkEnd(),
    };
  }

  #take(at: number): void {
    const { buffer } = this.#reader;
    this.#checkEdge();
    if (frameMagic(buffer, at) === sealMagic) this.#sealedAt = this.#end;
    this.#end += frameCount(buffer, at);
    this.#records += frameCount(buffer, at);
    this.#position += frameLength(buffer, at);
  }

  /** Reports what can not be read here and goes on behind it; false: nothing more counts. */
  async #stepOverDamage(): Promise<boolean> {
    const { published, next } = this.#segment;
    const [torn, end] = [this.#position, this.#end];
    const later = await this.#frameBehind();
    const acknowledged = next !== null || (published !== null && published.end > end) || later?.proof === true;
    if (!acknowledged) return false;
    // A writer at work may have completed just now what was met half written.
    this.#reader = this.#newReader();
    this.#sizeBytes = await this.#segment.file.sizeBytes();
    const again = await this.#reader.frameAt(torn, this.#sizeBytes, readBytes);
    if (again >= 0 && frameOffset(this.#reader.buffer, again) === end) return true;
    const to = later?.offset ?? Math.max(end, next ?? published?.end ?? end);
    const range = { position: torn, from: Math.min(end, to), to: Math.max(end, to) };
    this.#damaged(range, to < end ? 'offsets go back here' : 'no intact frame is where one was written');
    this.#whole = false;
    this.#lost = later === null;
    this.#end = to;
    this.#position = later?.position ?? this.#sizeBytes;
    return !this.#lost;
  }

  /** The first whole frame from here on that does not follow on; whether one says that all before it was durable. */
  async #frameBehind(): Promise<{ offset: number; position: number; proof: boolean } | null> {
    const torn = this.#position;
    let first: { offset: number; position: number } | null = null;
    let proof = false;
    for (let position = torn; position + frameHeaderBytes <= this.#sizeBytes && !proof;) {
      const candidate = await this.#reader.nextCandidate(position, this.#sizeBytes, readBytes);
      if (candidate === null) break;
      position = candidate + 8;
      const at = await this.#reader.frameAt(candidate, this.#sizeBytes, readBytes);
      if (at < 0) continue;
      const { buffer } = this.#reader;
      first ??= { offset: frameOffset(buffer, at), position: candidate };
      proof = this.#segment.next !== null || frameDurableBelow(buffer, at) > torn;
    }
    return first === null ? null : { ...first, proof };
  }

  /** What the writer published is the edge of a frame: the index by which readers find the end. */
  #checkEdge(): void {
    const { published, place } = this.#segment;
    if (published === null || this.#edgeMet || !this.#whole || this.#position < published.position) return;
    this.#edgeMet = true;
    if (this.#position === published.position && this.#end === published.end) return;
    this.#report({
      ...place,
      code: 'FILE_DAMAGED',
      position: published.position,
      from: this.#end,
      to: this.#end,
      detail: `the end that was published, offset ${published.end}, is at no frame's edge; byte ${this.#position} is offset ${this.#end}`,
    });
  }

  /** An older segment ends in its seal and nothing else; of the newest, what is left over was never acknowledged. */
  #checkEnd(): number {
    const { next, published } = this.#segment;
    if (this.#lost) return 0;
    const left = Math.max(0, this.#sizeBytes - this.#position);
    if (next === null) {
      if (published !== null && published.end > this.#end)
        this.#damaged(
          { position: this.#position, from: this.#end, to: published.end },
          'the file ends before what was acknowledged',
        );
      return left;
    }
    const range = { position: this.#position, from: this.#end, to: Math.max(next, this.#end) };
    if (this.#sealedAt === null && this.#end !== next) this.#damaged(range, 'the file was cut: its end is missing');
    else if (this.#sealedAt === null) this.#damaged(range, 'its seal is missing or damaged; no record is');
    else if (left > 0) this.#damaged(range, `${left} bytes stand behind its seal`);
    return 0;
  }

  #damaged(range: { position: number; from: number; to: number }, detail: string): void {
    this.#report({ ...this.#segment.place, code: 'FILE_DAMAGED', ...range, detail });
  }

  #newReader(): FrameReader {
    return new FrameReader(
      this.#segment.file,
      this.#segment.salt,
      new AlignedBuffer(Math.min(readBytes, this.#sizeBytes + 8)),
    );
  }
}
