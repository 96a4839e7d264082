import { describe, expect, it } from 'vitest';
import {
  createDecoder,
  importJsonSchema,
  instant,
  list,
  stream,
  text,
  toJsonSchema,
  type Stream,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

const people = stream('people', {
  fields: {
    name: text().maxLength(6).trimmed(),
    mail: text().matches('[a-z@.]*').trimmed().lowercased().optional(),
    code: text().uppercased().optional(),
    tags: list(text().trimmed().lowercased()).unique().optional(),
    at: instant('ms'),
  },
  id: ['name', 'at'],
  eventTime: 'at',
});

/** Texts of a field as they are kept, or why a message was refused; each message stands twice, for both paths. */
function kept(field: string, values: readonly unknown[], of: Stream = people): (string | null)[] {
  const decoder = createDecoder(of);
  const index = of.fields.findIndex(({ name }) => name === field);
  return values.flatMap((value) => {
    const message = { name: 'n', at: 1, [field]: value };
    const columns = decoder.decode(
      memoryBatch(0, 0, [
        { value: message, time: 1 },
        { value: message, time: 1 },
      ]),
    );
    const column = columns.fields[index];
    const texts = [0, 1].map((row) => {
      const rejection = columns.rejections.find((each) => each.row === row);
      if (rejection !== undefined) return rejection.code;
      const id = column?.kind === 'text' ? (column.ids[row] ?? -1) : -1;
      return id < 0 ? null : decoder.dictionary.text(id);
    });
    expect(texts[1]).toBe(texts[0]);
    return texts.slice(0, 1);
  });
}

describe('texts that are trimmed, or whose letters are changed, when they are decoded', () => {
  it('are kept without blanks at both ends', () => {
    expect(kept('name', ['a', ' a', '\t\n a b \r', '  ', '', '\u00a0a'])).toEqual(['a', 'a', 'a b', '', '', '\u00a0a']);
  });

  it('are checked as they are kept: by length and by pattern', () => {
    expect(kept('name', ['  abcdef  ', '  abcdefg '])).toEqual(['abcdef', 'TOO_LONG']);
    expect(kept('mail', [' Me@X.Org ', 'ME 2', null])).toEqual(['me@x.org', 'NO_MATCH', null]);
  });

  it('change letters from A to Z and no others', () => {
    expect(kept('code', ['aé-z09', 'ß{`', 'AZ'])).toEqual(['Aé-Z09', 'ß{`', 'AZ']);
  });

  it('are the same item of a list when they are kept alike', () => {
    expect(
      kept('tags', [
        [' A', 'b'],
        ['a', 'A '],
      ]),
    ).toEqual(['["a","b"]', 'NOT_UNIQUE']);
  });

  it('are the same text for events that spell them otherwise, on every path', () => {
    expect(kept('mail', ['a', 'A', ' a ', 'a', 'A', ' a '])).toEqual(['a', 'a', 'a', 'a', 'a', 'a']);
  });

  it('decide what the stream is, and leave the fingerprints of others as they are', () => {
    const declared = (name: ReturnType<typeof text>): Stream =>
      stream('s', { fields: { name, at: instant('ms') }, id: ['name', 'at'], eventTime: 'at' });
    const all = [text(), text().trimmed(), text().lowercased(), text().uppercased(), text().trimmed().lowercased()];
    expect(new Set(all.map((one) => declared(one).fingerprint)).size).toBe(all.length);
    expect('normal' in (declared(text()).fields[0]?.type ?? {})).toBe(false);
  });

  it('are declared the same again from their JSON Schema', () => {
    const imported = importJsonSchema(toJsonSchema(people), {});
    expect(JSON.stringify(imported)).toContain(".matches('[a-z@.]*').trimmed().lowercased()");
  });
});
