import { type FsFile, crc32c } from '@twofold/service';

/**
 * How far a partition is durable, as its writer publishes it for readers in other processes and for its own next
 * start: 40 bytes, overwritten in place after each sync and never synced itself. It may lag behind after a loss of
 * power; it never runs ahead of what is durable.
 */
export interface DurableEnd {
  /** One past the last durable offset. */
  readonly end: number;
  /** First offset of the newest segment, and how many of its bytes count. */
  readonly segmentBase: number;
  readonly position: number;
}

const sizeBytes = 40;
const magic = 0x4e454654;

/** Reads and writes a partition's end file. */
export class EndFile {
  readonly #file: FsFile;

  constructor(file: FsFile) {
    this.#file = file;
  }

  async write(durable: DurableEnd): Promise<void> {
    const bytes = new Uint8Array(sizeBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, true);
    view.setFloat64(8, durable.end, true);
    view.setFloat64(16, durable.segmentBase, true);
    view.setFloat64(24, durable.position, true);
    view.setUint32(4, crc32c(bytes.subarray(8)), true);
    await this.#file.pwrite(bytes, 0);
  }

  /** Null: not readable at the moment; a reader may have met the writer and tries again. */
  async read(): Promise<DurableEnd | null> {
    const bytes = new Uint8Array(sizeBytes);
    const length = await this.#file.pread(bytes, sizeBytes, 0);
    const view = new DataView(bytes.buffer);
    if (length < sizeBytes || view.getUint32(0, true) !== magic) return null;
    if (view.getUint32(4, true) !== crc32c(bytes.subarray(8))) return null;
    return {
      end: view.getFloat64(8, true),
      segmentBase: view.getFloat64(16, true),
      position: view.getFloat64(24, true),
    };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
