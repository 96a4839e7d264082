import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDate, parseInstant } from '../src/civil-time.ts';
import { compilePattern } from '../src/compile-pattern.ts';
import { ArenaDictionary, fingerprintOf, parseDuration, SchemaError, type CanonicalValue } from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

describe('a duration', () => {
  it('is whole milliseconds', () => {
    expect(['250ms', '30s', '5m', '2h', '1d', '0s'].map(parseDuration)).toEqual([
      250, 30_000, 300_000, 7_200_000, 86_400_000, 0,
    ]);
  });
  it.each(['', '5', 's', '1.5s', '-1s', '5 m', '5M', '1w', '1m30s', '999999999999d'])('is not %j', (wrong) => {
    expect(() => parseDuration(wrong)).toThrow(SchemaError);
  });
});

describe('a fingerprint', () => {
  it('stays what it was, since it is stored', () => {
    expect([null, '', 'a', 0, { b: [1, 'é'], a: true }].map((value) => fingerprintOf(value))).toMatchInlineSnapshot(`
      [
        "a6e0a38fa3f839ce",
        "3ae9e2c9df7280f7",
        "45d158672f8a3918",
        "c1e42af088ff1b2c",
        "3e22f5fe8c27fe02",
      ]
    `);
  });
  it('is the same for equal values, whatever the order of members, and differs else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [x, y] = [a, b] as [CanonicalValue, CanonicalValue];
        expect(fingerprintOf({ x, y })).toBe(fingerprintOf({ y, x }));
        expect(fingerprintOf({ x, y }) === fingerprintOf({ x: y, y: x })).toBe(fingerprintOf(x) === fingerprintOf(y));
      }),
    );
  });
  it('is refused to what JSON can not hold', () => {
    expect(() => fingerprintOf([NaN])).toThrow(SchemaError);
  });
});

describe('calendar texts', () => {
  it('are days and instants as the platform counts them, and nothing that it would only tolerate', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9999 }), fc.nat({ max: 14 }), fc.nat({ max: 33 }), (year, month, day) => {
        const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const ms = Date.parse(`${text}T00:00:00.000Z`);
        const real = year > 0 && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
        expect(parseDate(text)).toBe(real ? ms / 86_400_000 : NaN);
        expect(parseInstant(`${text}T12:34:56.789Z`, 'ms')).toBe(real ? ms + 45_296_789 : NaN);
      }),
      { numRuns: 3000 },
    );
  }, 60_000);
});

describe('a pattern', () => {
  const piece: fc.Arbitrary<string> = fc.letrec<{ node: string; one: string }>((tie) => ({
    one: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('a', 'b', 'é', '😀', '[ab]', '[^a]', '[a-c😀]', '\\.', '\\\\', '[\\]\\-]'),
      tie('node').map((inner) => `(${inner})`),
    ),
    node: fc
      .array(fc.tuple(tie('one'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '|')), {
        maxLength: 4,
      })
      .map((parts) => parts.flat().join('')),
  })).node;

  it('matches the whole text exactly where the platform does', () => {
    const subject = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', 'é', '😀', '.', '\\', ']', '-', '\n'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(piece, fc.array(subject, { minLength: 1, maxLength: 8 }), (pattern, subjects) => {
        const test = compilePattern(pattern);
        if (typeof test === 'string') throw new SchemaError('INVALID_OPTION', test);
        for (const text of subjects)
          expect([text, test(text)]).toEqual([text, new RegExp(`^(?:${pattern})$`, 'u').test(text)]);
      }),
      { numRuns: 2000 },
    );
  }, 60_000);

  it('can not be made to run away', () => {
    const test = compilePattern('((a*)*)*b');
    expect(typeof test === 'function' && test('a'.repeat(5000))).toBe(false);
    expect(typeof test === 'function' && test(`${'a'.repeat(5000)}b`)).toBe(true);
  });

  it.each([
    '(',
    ')',
    '[',
    '[]',
    'a**',
    '*',
    'a{2',
    'a{3,2}',
    '\\d',
    '.',
    '^a',
    'a$',
    '[b-a]',
    '[a-]',
    'a{x}',
    ']',
    '(a{1000}){1000}',
  ])('is not %s', (wrong) => {
    expect(typeof compilePattern(wrong)).toBe('string');
  });
});

describe('a dictionary', () => {
  it('gives dense ids in order of first sight, whatever the seed, and the bytes back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 4 })), fc.integer(), (texts, seed) => {
        const dictionary = new ArenaDictionary(seed);
        const ids = new Map<string, number>();
        for (const text of texts) {
          const bytes = new TextEncoder().encode(`<${text}>`);
          const before = ids.get(text) ?? -1;
          expect(dictionary.find(bytes, 1, bytes.length - 1)).toBe(before);
          const id = dictionary.intern(bytes, 1, bytes.length - 1);
          expect(id).toBe(before === -1 ? ids.size : before);
          ids.set(text, id);
        }
        expect(dictionary.size).toBe(ids.size);
        for (const [text, id] of ids) expect(dictionary.text(id)).toBe(text);
      }),
    );
  });

  it('tells short texts apart by their bytes and lengths, also when their hashes are the same', () => {
    const dictionary = new ArenaDictionary();
    const texts = Array.from({ length: 16 }, (_, length) =>
      [0, 7].map((last) => new Uint8Array(length).fill(last, -1)),
    );
    const distinct = new Map(texts.flat().map((bytes) => [bytes.join(), bytes]));
    const ids = [...distinct.values()].map((bytes) => dictionary.internHashed(bytes, 0, bytes.length, 5));
    expect(ids).toEqual(Array.from(distinct.keys(), (_, i) => i));
    [...distinct.values()].forEach((bytes, id) => {
      expect(dictionary.findHashed(bytes, 0, bytes.length, 5)).toBe(id);
      expect(dictionary.bytes(id)).toEqual(bytes);
    });
  });

  it('grows past its first tables, and forgets everything at a reset', () => {
    const dictionary = new ArenaDictionary();
    const encode = (n: number): Uint8Array => new TextEncoder().encode(n % 2 ? `${n}` : `text number ${n}`);
    for (let n = 0; n < 20_000; n++) expect(dictionary.intern(encode(n), 0, encode(n).length)).toBe(n);
    for (let n = 0; n < 20_000; n += 77) expect(dictionary.bytes(n)).toEqual(encode(n));
    dictionary.reset();
    expect([dictionary.size, dictionary.generation, dictionary.byteLength]).toEqual([0, 1, 0]);
    expect(() => dictionary.text(0)).toThrow(SchemaError);
    expect(dictionary.intern(encode(5), 0, encode(5).length)).toBe(0);
  });
});

describe('a batch of JS values', () => {
  it('lays out keys, values and positions as a log would', () => {
    const batch = memoryBatch(
      1,
      100,
      [
        { key: 'k', value: { a: 1 }, time: 5 },
        { value: null, time: 6, offsetDelta: 3 },
        { key: Uint8Array.of(7), value: 'raw', time: 7 },
      ],
      110,
    );
    const cut = (starts: Int32Array, ends: Int32Array, row: number): string | null =>
      starts[row] === -1 ? null : new TextDecoder().decode(batch.bytes.subarray(starts[row], ends[row]));
    expect([...batch.offsets]).toEqual([100, 103, 104]);
    expect([...batch.times]).toEqual([5, 6, 7]);
    expect([0, 1, 2].map((row) => cut(batch.valueStarts, batch.valueEnds, row))).toEqual(['{"a":1}', null, 'raw']);
    expect([0, 1, 2].map((row) => cut(batch.keyStarts, batch.keyEnds, row))).toEqual(['k', null, '\x07']);
    expect([batch.count, batch.nextOffset, memoryBatch(0, 4, []).nextOffset]).toEqual([3, 110, 4]);
  });
});
