import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, importJsonSchema, stream, toJsonSchema, text, instant, type Stream } from '../src/index.ts';
import { messagesFor, streamArbitrary } from './json-schema-arbitraries.ts';
import { accepted, declared } from './suite-verdicts.ts';
import { validates } from './validates.ts';

describe('a stream as JSON Schema', () => {
  it('comes back as the same stream', () => {
    fc.assert(
      fc.property(streamArbitrary, (original) => {
        const { source, problems } = importJsonSchema(JSON.parse(JSON.stringify(toJsonSchema(original))));
        expect(problems).toEqual([]);
        const copy = declared(source ?? '');
        expect(copy.fingerprint).toBe(original.fingerprint);
        expect({ ...copy, fields: undefined }).toEqual({ ...original, fields: undefined });
        expect(copy.fields).toEqual(original.fields);
      }),
      { numRuns: 300 },
    );
  });

  it('passes the messages that the stream accepts, and no others', () => {
    let [passed, refused] = [0, 0];
    fc.assert(
      fc.property(
        streamArbitrary.chain((original) => fc.tuple(fc.constant(original), messagesFor(original))),
        ([original, messages]) => {
          const schema = toJsonSchema(original);
          const verdicts = accepted(
            original,
            messages.map((message) => JSON.stringify(message)),
          );
          messages.forEach((message, i) => {
            expect(validates(schema, message), JSON.stringify({ schema, message })).toBe(verdicts[i]);
            if (verdicts[i] === true) passed++;
            else refused++;
          });
        },
      ),
      { numRuns: 500 },
    );
    // Some 70 of the rarer kind, by chance.
    expect(Math.min(passed, refused)).toBeGreaterThan(15);
  });
});

describe('a rounded number as JSON Schema', () => {
  it.each([
    [0, -211, 0],
    [0, 1, 3],
    [0, -3, -1],
    [2, 0, 0],
    [2, -0.07, 0.3],
  ])('of %i digits passes up to half a step beyond %d and %d, as the stream does', (scale, min, max) => {
    const fields = { id: text().maxLength(9), at: instant('ms'), a: decimal(scale).round().between(min, max) };
    const rounded = stream('rounded', { fields, id: ['id'], eventTime: 'at' });
    const steps = [-0.75, -0.5001, -0.5, -0.4999, -1e-9, 0, 1e-9, 0.4999, 0.5, 0.5001, 0.75];
    const values = [min, max].flatMap((bound) => steps.map((step) => Number(`${step}e-${scale}`) + bound));
    const messages = [5e-324, -5e-324, ...values].map((a) => ({ id: 's', at: 0, a }));
    const verdicts = accepted(
      rounded,
      messages.map((message) => JSON.stringify(message)),
    );
    const schema = toJsonSchema(rounded);
    expect(messages.map((message) => validates(schema, message))).toEqual(verdicts);
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
    expect(declared(importJsonSchema(schema).source ?? '').fields).toEqual(rounded.fields);
  });

  it('has its own bounds where a double tells no half steps', () => {
    const fields = { id: text().maxLength(9), at: instant('ms'), a: decimal(0).round() };
    const rounded = stream('rounded', { fields, id: ['id'], eventTime: 'at' });
    expect(toJsonSchema(rounded)).toMatchObject({ properties: { a: { minimum: -(2 ** 53), maximum: 2 ** 53 } } });
    expect(declared(importJsonSchema(toJsonSchema(rounded)).source ?? '').fields).toEqual(rounded.fields);
  });
});

const order = {
  type: 'object',
  properties: {
    'order-id': { type: 'string', maxLength: 20, pattern: '^[A-Z]{2}[0-9]+$' },
    placed_at: { type: 'string', format: 'date-time' },
    amount: { type: 'number', multipleOf: 0.01, exclusiveMinimum: 0, maximum: 1e6 },
    status: { enum: ['paid', "it's off"] },
    lines: { type: 'integer', minimum: 1, maximum: 99 },
    note: { type: ['string', 'null'], maxLength: 200, description: 'What "they" said' },
    gift: { type: 'boolean' },
  },
  required: ['order-id', 'placed_at', 'amount', 'status'],
};

function declare(schema: unknown, options = {}): Stream {
  const { source, problems } = importJsonSchema(schema, { name: 'orders', id: ['orderId'], ...options });
  expect(problems).toEqual([]);
  return declared(source ?? '');
}

describe('an imported declaration', () => {
  it('is what a person would have written', () => {
    expect(importJsonSchema(order, { name: 'orders', id: ['orderId'] }).source).toMatchInlineSnapshot(`
      "import { boolean, decimal, enumeration, instant, int, stream, text } from '@twofold/schemas';

      export const orders = stream('orders', {
        fields: {
          orderId: text().maxLength(20).matches('[A-Z]{2}[0-9]+').from('order-id'),
          placedAt: instant('ms').from('placed_at'),
          amount: decimal(2).between(0.01, 1000000),
          status: enumeration(['paid', 'it\\'s off']),
          lines: int().between(1, 99).optional(),
          note: text().maxLength(200).optional().description('What "they" said'),
          gift: boolean().optional(),
        },
        id: ['orderId'],
        eventTime: 'placedAt',
      });
      "
    `);
  });

  it('says what it takes otherwise than the schema', () => {
    const { notes } = importJsonSchema(order, { name: 'orders', id: ['orderId'] });
    expect(notes.map(({ path, takes }) => `${path} ${takes}`)).toMatchInlineSnapshot(`
      [
        "#/properties/placed_at/format both",
        "#/properties/lines more",
        "#/properties/gift more",
      ]
    `);
  });

  it('takes the bounds of a decimal to the digit, exclusive ones too', () => {
    const field = declare(order).fields.find(({ name }) => name === 'amount');
    expect([field?.min, field?.max]).toEqual([1, 1e8]);
  });

  it('follows references into the document', () => {
    const schema = {
      ...order,
      properties: { ...order.properties, gift: { $ref: '#/$defs/yes~1no', description: 'Said.' } },
      $defs: { 'yes/no': { $ref: '#/$defs/truth' }, truth: { type: 'boolean' } },
    };
    const field = declare(schema).fields.find(({ name }) => name === 'gift');
    expect([field?.type.kind, field?.description]).toEqual(['boolean', 'Said.']);
  });

  it('keeps numbers as it is told to', () => {
    const schema = { ...order, properties: { ...order.properties, lines: { type: 'number' } } };
    const kind = (numbers: unknown) => declare(schema, { numbers }).fields.find(({ name }) => name === 'lines')?.type;
    expect(kind({ kind: 'decimal', scale: 3 })).toEqual({ kind: 'decimal', scale: 3, round: false });
    expect(kind({ kind: 'float', exponent: -20 })).toEqual({ kind: 'float', quantum: 2 ** -20 });
  });

  it.each([
    ['a list of anything', { type: 'array' }, '#/properties/gift/items'],
    [
      'a list of lists',
      { type: 'array', items: { type: 'array', items: { type: 'string' } } },
      '#/properties/gift/items/type',
    ],
    [
      'a list of what may be null',
      { type: 'array', items: { type: ['string', 'null'] } },
      '#/properties/gift/items/type',
    ],
    ['items by place', { type: 'array', items: { type: 'string' }, prefixItems: [] }, '#/properties/gift/prefixItems'],
    [
      'a least number of items',
      { type: 'array', items: { type: 'string' }, minItems: 1 },
      '#/properties/gift/minItems',
    ],
    ['bytes in other digits', { type: 'string', contentEncoding: 'base16' }, '#/properties/gift/contentEncoding'],
    ['an object without properties', { type: 'object' }, '#/properties/gift/properties'],
    [
      'a map',
      { type: 'object', properties: { a: { type: 'boolean' } }, additionalProperties: { type: 'integer' } },
      '#/properties/gift/additionalProperties',
    ],
    [
      'a record that can not be held',
      { type: 'object', properties: { 'a/b': { type: 'integer', multipleOf: 3 } } },
      '#/properties/gift/properties/a~1b/multipleOf',
    ],
    [
      'a record that has to have another member',
      { type: 'object', properties: { a: { type: 'boolean' } }, required: ['b'] },
      '#/properties/gift/required',
    ],
    ['two kinds', { type: ['string', 'integer'] }, '#/properties/gift/type'],
    ['no kind', {}, '#/properties/gift'],
    ['a number of any digits', { type: 'number' }, '#/properties/gift/type'],
    ['a multiple of three', { type: 'integer', multipleOf: 3 }, '#/properties/gift/multipleOf'],
    ['a part of a text', { type: 'string', pattern: 'abc' }, '#/properties/gift/pattern'],
    ['half an anchor', { type: 'string', pattern: '^a|b$' }, '#/properties/gift/pattern'],
    ['a look ahead', { type: 'string', pattern: '^(?=a)b$' }, '#/properties/gift/pattern'],
    ['a least length', { type: 'string', minLength: 1 }, '#/properties/gift/minLength'],
    ['a choice of schemas', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, '#/properties/gift'],
    ['bounds that leave nothing', { type: 'integer', minimum: 5, maximum: 4 }, '#/properties/gift/minimum'],
    ['a bound of more digits', { type: 'integer', minimum: 0.5 }, '#/properties/gift/minimum'],
    ['a circle', { $ref: '#/properties/gift' }, '#/properties/gift/$ref'],
    ['another document', { $ref: 'other.json' }, '#/properties/gift/$ref'],
    ['a condition', { type: 'boolean', if: { const: true } }, '#/properties/gift/if'],
  ])('is refused with its place for %s', (_, gift, place) => {
    const { source, problems } = importJsonSchema(
      { ...order, properties: { ...order.properties, gift } },
      { name: 'orders', id: ['orderId'] },
    );
    expect(source).toBeNull();
    expect(problems.map(({ path }) => path)).toEqual([place]);
  });

  it('asks for what a schema does not say: the name, the id, the time', () => {
    const { problems } = importJsonSchema({ type: 'object', properties: { a: { type: 'boolean' } }, oneOf: [] });
    expect(problems.map(({ message }) => message).join('\n')).toMatch(
      /keyword.*\n.*name for the stream.*\n.*identify an event.*\n.*when an event/,
    );
  });

  it('can not put anything but text into the code', () => {
    const hostile = "a'); process.exit(1); ('\\\u2028\n";
    const original = stream('hostile', {
      fields: { sensor: text().from(hostile).description(hostile), at: instant('ms') },
      id: ['sensor'],
      eventTime: 'at',
      description: hostile,
    });
    const copy = declared(importJsonSchema(toJsonSchema(original)).source ?? '');
    expect(copy.fields[0]).toEqual(original.fields[0]);
    expect(copy.description).toBe(hostile);
  });
});
