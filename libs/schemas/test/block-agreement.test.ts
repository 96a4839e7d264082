import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  createDecoder,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  stream,
  text,
  uuid,
} from '../src/index.ts';
import { hostileTokens, memoryBatch } from '../src/testing/index.ts';
import { seen } from './seen-columns.ts';

const logTime = 1_700_000_000_000;

const declared = stream('shapes', {
  fields: {
    k: text().maxLength(12),
    at: instant('ms'),
    d: decimal(3).between(-90, 400).optional(),
    i: int().optional(),
    f: float({ quantum: 2 ** -20 }).optional(),
    c: text().matches('[a-z]{1,9}').optional(),
    on: boolean().optional(),
    day: date().optional(),
    e: enumeration(['up', 'down']).optional(),
    u: uuid().optional(),
  },
  id: ['k', 'at'],
  eventTime: 'at',
});

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const number = fc
  .tuple(fc.constantFrom('', '', '-'), digits(1, 17), fc.option(digits(0, 12), { nil: null }))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);
const word = fc
  .string({ unit: fc.constantFrom(...'abz09 é"\\\u0001😀'), maxLength: 14 })
  .chain((each) => fc.constantFrom(JSON.stringify(each), `"${each}"`));

/** Mostly sound values by field. */
const sound: Readonly<Record<string, fc.Arbitrary<string>>> = {
  k: fc.nat({ max: 400 }).map((n) => `"s-${n}"`),
  at: fc.nat({ max: 99_999 }).map((n) => String(logTime - n)),
  d: fc.integer({ min: -95_000, max: 405_000 }).map((n) => String(n / 1000)),
  i: fc.maxSafeInteger().map(String),
  f: fc.double({ min: -1000, max: 1000, noNaN: true }).map((n) => JSON.stringify(n)),
  c: fc.constantFrom('"abc"', '"zz"', '"a"'),
  on: fc.constantFrom('true', 'false'),
  day: fc.constantFrom('"2024-02-29"', '"2023-11-14"'),
  e: fc.constantFrom('"up"', '"down"'),
  u: fc.constant('"123e4567-e89b-12d3-a456-426614174000"'),
  other: fc.constantFrom('1', '{"a":[1,"}"]}'),
};

const value = (key: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 60, arbitrary: sound[key] ?? word },
    { weight: 2, arbitrary: number },
    { weight: 2, arbitrary: word },
    { weight: 1, arbitrary: fc.constantFrom(...hostileTokens, 'null') },
  );

/** Records with the same bytes around their values, but for a few that have lost, gained or swapped a byte. */
const likeRecords = fc
  .tuple(
    fc
      .shuffledSubarray(Object.keys(sound).slice(2))
      .chain((some) => fc.shuffledSubarray(['k', 'at', ...some], { minLength: some.length + 1 })),
    fc.constantFrom(
      ['{', ',', ':', '}'],
      ['{ ', ', ', ': ', ' }\n'],
      ['{', ',\n\t', ' :', '}'],
      [' {', ',', ':', '} '],
    ),
    fc.integer({ min: 1, max: 200 }),
  )
  .chain(([keys, [open = '', comma = '', colon = '', close = ''], rows]) => {
    const record = fc
      .tuple(...keys.map(value))
      .map((values) => `${open}${keys.map((key, i) => `"${key}"${colon}${values[i]}`).join(comma)}${close}`);
    const broken = fc
      .tuple(record, fc.nat(), fc.constantFrom('', ',', '}', '"', '0', '\\', ' ', 'null'), fc.boolean())
      .map(([whole, place, put, over]) => {
        const at = place % whole.length;
        return whole.slice(0, at) + put + whole.slice(at + (over ? 1 : 0));
      });
    const either = fc.oneof(
      { weight: 30, arbitrary: record },
      { weight: 1, arbitrary: broken },
      { weight: 1, arbitrary: fc.constant(null) },
    );
    return fc.array(either, { minLength: Math.ceil(rows / 2), maxLength: rows });
  });

/** One shape after another, wherever a block may begin. */
const severalShapes = fc.array(likeRecords, { minLength: 1, maxLength: 3 }).map((parts) => parts.flat());

describe('records that look alike', () => {
  it('give the same columns and rejections whether read in blocks or one by one, exactly', () => {
    fc.assert(
      fc.property(fc.array(severalShapes, { minLength: 1, maxLength: 3 }), fc.boolean(), (batches, reset) => {
        const fast = createDecoder(declared);
        const exact = createDecoder(declared, { path: 'exact' });
        batches.forEach((records, i) => {
          if (reset && i === 1) for (const decoder of [fast, exact]) decoder.dictionary.reset();
          const batch = memoryBatch(
            0,
            i * 1000,
            records.map((each, row) => ({ value: each, time: row % 50 === 49 ? 0 : logTime })),
          );
          expect(seen(fast.decode(batch))).toEqual(seen(exact.decode(batch)));
        });
      }),
      { numRuns: 400 },
    );
  }, 120_000);

  it('are read in the fast way although their shape changes from block to block', () => {
    const decoder = createDecoder(declared);
    const records = Array.from({ length: 1000 }, (_, row) =>
      Math.floor(row / 150) % 2 === 0
        ? `{"k":"s-${row % 7}","at":${logTime - row},"d":${row / 1000}}`
        : `{ "at": ${logTime - row}, "f": 1.${row}, "k": "s-${row % 7}", "other": [] }`,
    );
    const columns = decoder.decode(
      memoryBatch(
        0,
        0,
        records.map((each) => ({ value: each, time: logTime })),
      ),
    );
    expect(columns.rejections).toEqual([]);
    expect(decoder.exactRecords).toBe(0);
    const [k, at, d] = columns.fields;
    records.forEach((_, row) => {
      const first = Math.floor(row / 150) % 2 === 0;
      expect(k?.kind === 'text' && k.dictionary.text(k.ids[row] ?? -1)).toBe(`s-${row % 7}`);
      expect(at?.kind === 'number' && at.values[row]).toBe(logTime - row);
      expect(d?.kind === 'number' && (d.valid[row] === 1 ? d.values[row] : null)).toBe(first ? row : null);
    });
  });
});
