import { type LogReader } from '@twofold/event-log';
import { changeFields, createDecoder, RecordClass, type RecordBatch, type Stream } from '@twofold/schemas';
import type { Change } from './upsert-fold.ts';

/**
 * How far an operator's output is in the log, whoever wrote it. What stands in the change stream's log stands there
 * whole up to its greatest (input offset, ordinal), since nobody appends a change before all earlier ones are durable.
 */
export class Emitted {
  readonly #parts: EmittedParts;
  /** End of the log as it was last looked at, or as the last append left it. */
  #end = -1;
  #offset = -1;
  #ordinal = -1;

  constructor(parts: EmittedParts) {
    this.#parts = parts;
  }

  /** Is the change in the log already? */
  has({ offset, ordinal }: Change): boolean {
    return offset < this.#offset || (offset === this.#offset && ordinal <= this.#ordinal);
  }

  /** What was appended, durably, and where its last record stands. */
  note(last: Change, at: number): void {
    this.#raise(last.offset, last.ordinal);
    // Anything in between is somebody else's, and is looked at.
    if (at === this.#end) this.#end = at + 1;
  }

  /** Looks what others have appended since; at first at the whole horizon. */
  async look(signal: AbortSignal): Promise<void> {
    const { log, topic, partition, stream } = this.#parts;
    const range = (await log.partitions(topic)).find((each) => each.partition === partition);
    if (range === undefined || range.end === this.#end) return;
    let at = Math.max(range.start, this.#end < 0 ? range.end - stream.dedupeHorizon : this.#end);
    const decoder = createDecoder(stream);
    const [offsets, ordinals] = [changeFields.offset, changeFields.ordinal].map((name) =>
      stream.fields.findIndex((field) => field.name === name),
    );
    const cursor = log.open(topic, partition);
    try {
      while (at < range.end) {
        const batch = await cursor.read(at, { to: range.end, signal });
        if (batch.nextOffset === at) break;
        const columns = decoder.decode(batch);
        const [inputs, numbers] = [columns.fields[offsets ?? -1], columns.fields[ordinals ?? -1]];
        for (let row = 0; row < columns.count; row++)
          if (columns.classes[row] !== RecordClass.rejected && inputs?.kind === 'number' && numbers?.kind === 'number')
            this.#raise(inputs.values[row] ?? -1, numbers.values[row] ?? -1);
        this.#raiseErased(batch);
        at = batch.nextOffset;
      }
    } finally {
      await cursor.close();
    }
    this.#end = at;
  }

  /** What was erased stands there too: it is emitted once, and no more (E21). */
  #raiseErased({ blanks = [], baseOffset, nextOffset }: RecordBatch): void {
    for (const { offsets, places = [] } of blanks)
      for (const [i, place] of places.entries()) {
        const at = offsets[i] ?? -1;
        if (place !== null && at >= baseOffset && at < nextOffset) this.#raise(Math.floor(place / 2), place % 2);
      }
  }

  #raise(offset: number, ordinal: number): void {
    if (offset < this.#offset || (offset === this.#offset && ordinal <= this.#ordinal)) return;
    this.#offset = offset;
    this.#ordinal = ordinal;
  }
}

export interface EmittedParts {
  readonly log: Pick<LogReader, 'partitions' | 'open'>;
  readonly topic: string;
  readonly partition: number;
  readonly stream: Stream;
}
