import type { ArchivedColumns, ArchivedField, ArchiveFile } from '@twofold/archive';
import { isTextKind, RecordClass, type Field, type Stream } from '@twofold/schemas';
import type { MemoryEvent } from '@twofold/views/testing';
import type { SourceFile } from '../batch-engine.ts';

/** An archived event as a test writes it; a position without one is control. */
export interface SourceEvent extends MemoryEvent {
  readonly offset: number;
}

/** What a file of the archive holds: the positions `[from, to)` of one partition. */
export interface EventFile {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly events: readonly SourceEvent[];
}

/** All of a file, as an engine is given it; of its manifest entry only the positions are true. */
export function sourceOf(path: string, { partition, from, to, events }: EventFile): SourceFile {
  const none = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
  const archived: ArchiveFile = {
    ...{ name: path, partition, from, to, records: events.length, byteLength: 0, sha256: '' },
    ...{ minEventTime: null, maxEventTime: null, counts: none, slices: [] },
  };
  return { path, partition, from, to, archived };
}

/** The typed rows of a file. Rejected ones have neither fields nor an event time. */
export function archivedColumnsOf(stream: Stream, { partition, from, to, events }: EventFile): ArchivedColumns {
  const classes = Uint8Array.from(events, (event) => event.class ?? RecordClass.applied);
  const rejected = (row: number): boolean => classes[row] === RecordClass.rejected;
  return {
    partition,
    from,
    to,
    count: events.length,
    offsets: Float64Array.from(events, ({ offset }) => offset),
    logTimes: Float64Array.from(events, ({ time }) => time),
    classes,
    eventTimes: Float64Array.from(events, ({ time }, row) => (rejected(row) ? NaN : time)),
    fields: stream.fields.map((field) =>
      archivedField(
        field,
        events.map((event, row) => (rejected(row) ? null : (event.values[field.name] ?? null))),
      ),
    ),
    rejections: events.flatMap(({ offset }, row) =>
      rejected(row) ? [{ row, offset, code: 'WRONG_TYPE' as const, field: null, detail: 'rejected by the test' }] : [],
    ),
  };
}

export function isText(field: Field): boolean {
  return isTextKind(field.type.kind);
}

function archivedField(field: Field, values: readonly (string | number | null)[]): ArchivedField {
  if (isText(field)) return { kind: 'text', values: values.map((value) => (value === null ? null : String(value))) };
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) => Number(value ?? 0)),
    valid: Uint8Array.from(values, (value) => (value === null ? 0 : 1)),
  };
}
