import type { Archive } from '@twofold/archive';
import {
  compileAssignments,
  CorrectionError,
  firstAddedSource,
  membersOf,
  messageOf,
  withMemberAt,
  type Assignment,
  type FieldValues,
} from '@twofold/corrections';
import { RecordClass, type Columns, type RecordBatch, type Stream } from '@twofold/schemas';
import type { CountedRows } from './counted-events.ts';
import { fieldValue } from './field-value.ts';

/** Makes the rows that replace events: the events' own messages, with what is set put in. What is not set keeps every digit. */
export class RowReplacer {
  readonly #stream: Stream;
  readonly #set: ReturnType<typeof compileAssignments>;
  readonly #archive: Pick<Archive, 'read' | 'head'>;
  readonly #rows: string[] = [];

  /** Throws CONDITION_INVALID. */
  constructor(stream: Stream, assignments: readonly Assignment[], archive: Pick<Archive, 'read' | 'head'>) {
    this.#stream = stream;
    this.#set = compileAssignments(stream, assignments);
    this.#archive = archive;
  }

  /** Takes the rows for which the test holds. */
  async take({ source, file, columns }: CountedRows, meant: (columns: Columns, row: number) => boolean): Promise<void> {
    const hit = Array.from({ length: columns.count }, (_, row) => row).filter(
      (row) => columns.classes[row] === RecordClass.applied && meant(columns, row),
    );
    if (hit.length === 0) return;
    const rowOf = new Map(hit.map((row) => [columns.offsets[row] ?? -1, row]));
    const [first = 0] = rowOf.keys();
    const last = columns.offsets[hit.at(-1) ?? 0] ?? 0;
    // What was derived for a version of the stream has columns alone: the records are where they were archived first.
    const originals = source >= firstAddedSource ? [file] : (await this.#archive.head(this.#stream.name)).files;
    for (const original of originals) {
      if (source < firstAddedSource && original.partition !== file.partition) continue;
      const to = Math.min(original.to, last + 1);
      for (let at = Math.max(original.from, first); at < to;) {
        const batch = await this.#archive.read(this.#stream, original, at, to);
        this.#replaceIn(batch, rowOf, columns);
        if (batch.nextOffset <= at) break;
        at = batch.nextOffset;
      }
    }
  }

  #replaceIn(batch: RecordBatch, rowOf: ReadonlyMap<number, number>, columns: Columns): void {
    for (let i = 0; i < batch.count; i++) {
      const row = rowOf.get(batch.offsets[i] ?? -1);
      const start = batch.valueStarts[i] ?? -1;
      if (row === undefined || start < 0) continue;
      const message = new TextDecoder().decode(batch.bytes.subarray(start, batch.valueEnds[i]));
      this.#rows.push(this.#replaced(message, valuesOf(this.#stream, columns, row)));
    }
  }

  /** One event a line. */
  bytes(): Uint8Array {
    return new TextEncoder().encode(this.#rows.join('\n'));
  }

  #replaced(message: string, values: FieldValues): string {
    let members = membersOf(message);
    if (members === null) throw new CorrectionError('CORRECTION_DAMAGED', 'An archived event is no JSON object.');
    for (const { path, text } of this.#set(values)) members = withMemberAt(members, path, text);
    return messageOf(members);
  }
}

/** Values of an event as assignments take them. */
function valuesOf(stream: Stream, columns: Columns, row: number): FieldValues {
  return (name) => {
    const place = stream.fields.findIndex((field) => field.name === name);
    const field = stream.fields[place];
    return field === undefined ? null : fieldValue(field, columns, place, row);
  };
}
