import { at, attribute, headerBytes, readOffset } from './batch-header.ts';
import type { AbortedTransaction } from './fetch-request.ts';

const controlAbort = 0;

/** Which producers' transactions are aborted, as the walk passes the offsets. */
export class AbortedProducers {
  readonly #waiting: readonly AbortedTransaction[];
  #passed = 0;
  readonly #now = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** False for control batches and for those of an aborted transaction. */
  shows(buffer: Buffer, start: number, next: number): boolean {
    for (; (this.#waiting[this.#passed]?.firstOffset ?? Infinity) < next; this.#passed++) {
      this.#now.add(this.#waiting[this.#passed]?.producerId ?? -1);
    }
    const attributes = buffer.readInt16BE(start + at.attributes);
    const producer = readOffset(buffer, start + at.producerId);
    if ((attributes & attribute.control) !== 0) {
      if (controlType(buffer, start) === controlAbort) this.#now.delete(producer);
      return false;
    }
    return (attributes & attribute.transactional) === 0 || !this.#now.has(producer);
  }
}

/** The type in the key of a control batch's only record: 0 abort, 1 commit. Control batches are never compressed. */
function controlType(buffer: Buffer, start: number): number {
  let next = start + headerBytes;
  const skipVarint = (): void => {
    while (buffer.readUInt8(next) >= 0x80) next += 1;
    next += 1;
  };
  skipVarint();
  next += 1;
  for (let field = 0; field < 3; field++) skipVarint();
  return buffer.readInt16BE(next + 2);
}
