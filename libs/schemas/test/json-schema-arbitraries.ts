import fc from 'fast-check';
import {
  boolean,
  bytes,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  list,
  messageTree,
  record,
  stream,
  text,
  uuid,
  type FieldBuilder,
  type FieldBuilders,
  type MessageNode,
  type Stream,
} from '../src/index.ts';

const patterns = ['[a-z]+', 'a|b', '(ab)*c?', 'x[0-9]{1,3}'];
const bound = fc.integer({ min: -1000, max: 1000 });
const range = fc.tuple(bound, bound).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
const scale = fc.integer({ min: 0, max: 4 });
const start = Date.UTC(2020, 0, 1);

/** A field of any kind, with and without its checks. */
const builder: fc.Arbitrary<FieldBuilder> = fc.oneof(
  fc.integer({ min: 1, max: 8 }).map((most) => text().maxLength(most)),
  fc.constantFrom(...patterns).map((pattern) => text().matches(pattern).description("a 'word' of \\ it")),
  range.map(([min, max]) => int().between(min, max).unit('pcs')),
  fc.constant(int()),
  fc.tuple(scale, range).map(([digits, [min, max]]) => decimal(digits).between(min, max)),
  fc.tuple(scale, range).map(([digits, [min, max]]) => decimal(digits).round().between(min, max).unit('°C')),
  fc
    .tuple(fc.integer({ min: -8, max: 4 }), range)
    .map(([e, [min, max]]) => float({ quantum: 2 ** e }).between(min, max)),
  fc.constant(float({ quantum: 2 ** -20 })),
  fc.constant(boolean()),
  fc.constantFrom('s', 'ms', 'us').map((unit) => instant(unit)),
  fc.constant(instant('ms').between(start, start + 1e9)),
  fc.constant(date()),
  fc.constantFrom(['on', 'off'], ["it's", '\n']).map((values) => enumeration(values)),
  fc.constant(uuid()),
  fc.integer({ min: 1, max: 7 }).map((most) => bytes().maxLength(most)),
  fc
    .constantFrom(text().maxLength(3), int().between(-3, 3), decimal(1), boolean(), uuid(), bytes())
    .map((of) => list(of).maxItems(2)),
  fc.constant(list(enumeration(['on', 'off'])).unique()),
);

const field = fc.tuple(builder, fc.boolean()).map(([one, optional]): FieldBuilder => {
  const chained = one as FieldBuilder & { optional(): FieldBuilder };
  return optional ? chained.optional() : one;
});

const inner = fc.dictionary(fc.constantFrom('x', 'y'), field, { minKeys: 1 });

/** A record, maybe with another in it. */
const recordArbitrary = fc
  .tuple(inner, fc.option(inner, { nil: null }), fc.boolean(), fc.constantFrom('rec', 'a record'))
  .map(([members, within, optional, source]) => {
    const declared = record(within === null ? members : { ...members, deep: record(within) }).from(source);
    return optional ? declared.optional() : declared;
  });

export const streamArbitrary: fc.Arbitrary<Stream> = fc
  .tuple(
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), field),
    fc.option(recordArbitrary, { nil: null }),
    fc.boolean(),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([fields, rec, strict, version]) => {
    // Fields of random kinds have no type that the compiler could follow.
    const all: FieldBuilders = {
      ...{ sensor: text().from('sensor id'), at: instant('s'), ...fields },
      ...(rec === null ? {} : { rec }),
    };
    return stream('any-stream', {
      ...({ fields: all, id: ['sensor', 'at'], eventTime: 'at' } as unknown as Parameters<typeof stream>[1]),
      ...(strict ? { skew: null, lateness: '1500ms', sliceSize: 64, compatibility: 'NONE' as const } : {}),
      version,
    });
  });

const value = fc.oneof(
  fc.constantFrom(null, true, false, 'on', 'off', "it's", '\n', 'a', 'b', 'ababc', 'x12', 'x1234', '', '😀😀', [], {}),
  fc.constantFrom<unknown>(
    ['on'],
    ['on', 'off'],
    ['on', 'on'],
    [1, 2],
    [1, 2, 3],
    [0.5],
    [null],
    [[]],
    [true, 'a'],
    ['abc', 'abcd'],
  ),
  fc.constantFrom('AA==', 'AB==', 'AAA=', 'AAAA', 'AAA', 'AAAAAA==', 'AAAAAAAA', 'AAAAAAAAAA==', 'AA-A', 'AA==AA=='),
  fc.constantFrom('2020-01-05', '2020-13-01', '2020-01-05T10:00:00Z', '2020-01-05T10:00:00.5Z', '2020-01-05T24:00:00Z'),
  fc.constantFrom('0e0d7a3c-1111-4222-8333-abcdefABCDEF', '0e0d7a3c-1111-4222-8333-abcdefABCDE'),
  fc.integer({ min: -1100, max: 1100 }),
  fc.integer({ min: -110_000, max: 110_000 }).map((units) => units / 100),
  fc.integer({ min: -11_000_000, max: 11_000_000 }).map((units) => units / 10_000),
  fc.integer({ min: 0, max: 2e9 }).map((ms) => start + ms),
  fc.double({ min: -1e15, max: 1e15, noNaN: true, noDefaultInfinity: true }),
);

/** What may stand side by side in an object: in the place of a record mostly one. */
function members(nodes: readonly MessageNode[]): fc.Arbitrary<object> {
  const entries = nodes.map((node) => {
    if ('field' in node) return [node.source, value] as const;
    return [node.source, fc.oneof({ weight: 6, arbitrary: members(node.record.members) }, value)] as const;
  });
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

/** Messages of which many are nearly right. */
export function messagesFor({ fields }: Stream): fc.Arbitrary<readonly unknown[]> {
  const message = members(messageTree(fields.filter(({ name }) => name !== 'sensor' && name !== 'at')));
  return fc.array(
    fc.oneof(
      {
        weight: 9,
        arbitrary: message.map((members) => ({ 'sensor id': 's', at: 1_577_836_800, other: 1, ...members })),
      },
      { weight: 1, arbitrary: fc.oneof(message, value) },
    ),
    { minLength: 5, maxLength: 10 },
  );
}
