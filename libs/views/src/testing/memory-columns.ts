import {
  isTextKind,
  RecordClass,
  type Column,
  type Columns,
  type Field,
  type Stream,
  type TextDictionary,
} from '@twofold/schemas';

/** An event as a test writes it: an integer in column units, a text, or null (also when left out) for each field. */
export interface MemoryEvent {
  /** Milliseconds. */
  readonly time: number;
  readonly values: Readonly<Record<string, number | string | null>>;
  /** Applied unless told. */
  readonly class?: RecordClass;
  /** Its place in the list, unless told. */
  readonly offset?: number;
}

/** Columns of events, as a decoder would give them. */
export function memoryColumns(
  stream: Stream,
  events: readonly MemoryEvent[],
  dictionary: TextDictionary = new MemoryDictionary(),
  baseOffset = 0,
): Columns {
  const count = events.length;
  return {
    partition: 0,
    baseOffset,
    nextOffset: baseOffset + count,
    count,
    offsets: Float64Array.from(events, ({ offset }, row) => offset ?? baseOffset + row),
    times: Float64Array.from(events, ({ time }) => time),
    classes: Uint8Array.from(events, (event) => event.class ?? RecordClass.applied),
    eventTimes: Float64Array.from(events, ({ time }) => time),
    fields: stream.fields.map((field) => columnOf(field, events, dictionary)),
    rejections: [],
  };
}

function columnOf(field: Field, events: readonly MemoryEvent[], dictionary: TextDictionary): Column {
  const valueOf = (event: MemoryEvent): number | string | null => event.values[field.name] ?? null;
  const { kind } = field.type;
  if (isTextKind(kind)) {
    const ids = Int32Array.from(events, (event) => {
      const value = valueOf(event);
      if (value === null) return -1;
      const bytes = new TextEncoder().encode(String(value));
      return dictionary.intern(bytes, 0, bytes.length);
    });
    return { kind: 'text', ids, dictionary };
  }
  return {
    kind: 'number',
    values: Float64Array.from(events, (event) => Number(valueOf(event) ?? 7)),
    valid: Uint8Array.from(events, (event) => (valueOf(event) === null ? 0 : 1)),
  };
}

/** The plainest dictionary. */
export class MemoryDictionary implements TextDictionary {
  generation = 0;
  private texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  text(id: number): string {
    return this.texts[id] ?? '';
  }

  bytes(id: number): Uint8Array {
    return new TextEncoder().encode(this.text(id));
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end));
    const known = this.texts.indexOf(text);
    return known >= 0 ? known : this.texts.push(text) - 1;
  }

  reset(): void {
    this.texts = [];
    this.generation++;
  }
}
