import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { buildSchema, GraphQLInt, GraphQLString, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { QueryPlan } from '../src/query-plan.ts';
import { rowsArePlain } from '../src/row-shape.ts';
import { NotPlain, RowText, writeRows } from '../src/row-text.ts';
import { resultText } from '../src/result-text.ts';
import { startApi } from './api-client.ts';
import { T0 } from './plant.ts';
import { promotedPlant } from './promoted-plant.ts';

const RANGE = `timeRange: { from: "${new Date(T0 - 60_000).toISOString()}", to: "${new Date(T0 + 3_600_000).toISOString()}" }`;
const FIELDS = ['windowStart', 'windowEnd', 'complete', 'sensor', 'events', 'total', 'events', 'total', '__typename'];
const VARIABLES = '($yes: Boolean = true, $no: Boolean = false)';

const condition = fc.constantFrom('MARK', 'MARK', '@include(if: $yes)', '@skip(if: $yes)', '@include(if: $no)');
/** Fields of a row, some under other names, some twice; `MARK` stands where a directive would change nothing. */
const fieldsWith = (when: fc.Arbitrary<string>) =>
  fc
    .array(fc.record({ of: fc.constantFrom(...FIELDS), alias: fc.boolean(), when }), { minLength: 1, maxLength: 6 })
    .map((list) =>
      list.map(({ of, alias, when }) => `${alias ? `o${of.replace('__', '')}: ` : ''}${of} ${when}`).join(' '),
    );
const rowFields = fc.oneof(
  { weight: 6, arbitrary: fieldsWith(fc.constant('MARK')) },
  { weight: 3, arbitrary: fieldsWith(condition) },
  { weight: 1, arbitrary: fieldsWith(condition).map((text) => `... on TYPE { ${text} } events MARK`) },
  { weight: 1, arbitrary: fieldsWith(condition).map((text) => `windowEnd MARK ...Row # ${text}`) },
);
const others = fc.subarray([
  'totals { events }',
  'pageInfo { hasNextPage endCursor }',
  'freshness { health lagMs because }',
  'provenance { release partitions { position } }',
  '__typename',
]);
const page = fc.constantFrom('', ', first: 3', ', first: 0', ', first: 60', ', orderBy: [{ field: TOTAL }]');
const asked = fc
  .record({ view: fc.constantFrom('bySensor', 'plantMinute'), rows: rowFields, others, page, alias: fc.boolean() })
  .map(({ view, rows, others, page, alias }) => {
    const [key, type] = view === 'bySensor' ? ['key: { sensor: { eq: "s1" } } ', 'BySensor'] : ['', 'PlantMinute'];
    const [, plain = '', comment = ''] = /^([^#]*)(?:# (.*))?$/.exec(rows) ?? [];
    const fragment = comment === '' ? '' : `fragment Row on ${type} { ${comment} }`;
    const below = [`${alias ? 'list: ' : ''}nodes { ${plain.replace('TYPE', type)} }`, ...others];
    return { field: `${view}(${key}${RANGE}${page}) { ${below.join(' ')} }`, fragment };
  });

const schema = buildSchema(readFileSync(new URL('./plant.graphql', import.meta.url), 'utf8'));

describe('rows that are written as text', () => {
  it('are the same bytes as rows that are executed field by field, over any selection', async () => {
    const plant = await promotedPlant();
    plant.log[1]?.splice(50, 0, { sensor: '"quoted"\n\u2028 – 😀', n: 1_000, atMs: T0, value: -0 });
    const [texts, objects] = [await startApi(plant), await startApi(plant, { presentedBytes: 0, cacheBytes: 0 })];
    const ask = async (url: string, query: string): Promise<string> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
      return `${response.status} ${response.headers.get('content-type') ?? ''} ${await response.text()}`;
    };
    let to = 50;
    let plain = 0;
    const law = async (list: readonly { field: string; fragment: string }[], grow: boolean): Promise<void> => {
      const body = list.map(({ field }, i) => `f${i}: ${field}`).join(' ');
      const fragments = list.map(({ fragment }) => fragment);
      // Two fragments of one name are no valid document: both servers say so, in the same words.
      const document = `query Q${VARIABLES} { ${body} used: __typename @include(if: $yes) @skip(if: $no) } ${fragments.join(' ')}`;
      const wanted = await ask(objects.api.url, document.replaceAll('MARK', '@include(if: true)'));
      const query = document.replaceAll('MARK', '                  ');
      for (let time = 0; time < 3; time++) expect(await ask(texts.api.url, query)).toBe(wanted);
      if (wanted.startsWith('200') && rowsArePlain(parse(query), schema)) plain++;
      if (grow && to < 61) await plant.foldBase(1, ++to, { from: 48 });
    };
    await fc.assert(fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 3 }), fc.boolean(), law), {
      numRuns: 80,
    });
    // A draw of selections without any that are written as text would show nothing.
    expect(plain).toBeGreaterThan(3);
    await Promise.all([texts.api.close(), objects.api.close()]);
  });

  it('are read with required variables that have a default', async () => {
    const { api, query } = await startApi(await promotedPlant());
    const text = `query Q($n: Int! = 2) { bySensor(key: { sensor: { eq: "s1" } } ${RANGE}, first: $n) { nodes { events } } }`;
    for (const wanted of [2, 2]) expect((await query(text)).data.bySensor.nodes).toHaveLength(wanted);
    expect((await query(text, { n: 3 })).data.bySensor.nodes).toHaveLength(3);
    await api.close();
  });

  it.each([
    ['one field', 'bySensor(A) { nodes { events } }', true],
    ['other names, and a member twice', 'a: bySensor(A) { rows: nodes { e: events e: events } }', true],
    ['two fields', 'a: bySensor(A) { nodes { events } } b: bySensor(A) { nodes { total } totals { events } }', true],
    ['nodes that may be left out', 'bySensor(A) { nodes @include(if: true) { events } }', true],
    ['no rows', 'bySensor(A) { totals { events } }', false],
    ['edges', 'bySensor(A) { nodes { events } edges { cursor } }', false],
    ['nodes twice', 'bySensor(A) { nodes { events } nodes { total } }', false],
    ['a field twice', 'bySensor(A) { nodes { events } } bySensor(A) { nodes { total } }', false],
    ['a fragment above the rows', '... on Query { bySensor(A) { nodes { events } } }', false],
    ['a fragment in the field', 'bySensor(A) { ... on BySensorConnection { nodes { events } } }', false],
    ['a fragment in the rows', 'bySensor(A) { nodes { ... on BySensor { events } } }', false],
    ['a member that may be left out', 'bySensor(A) { nodes { events @skip(if: false) } }', false],
    ['a name that means something to JavaScript', 'bySensor(A) { nodes { __proto__: events } }', false],
    ['a name of GraphQL', 'bySensor(A) { nodes { __typename } }', false],
    ['the catalogue', 'views { name }', false],
  ])('are those of plain documents: %s', (_, fields, plain) => {
    const args = `key: { sensor: { eq: "s1" } } ${RANGE}`;
    expect(rowsArePlain(parse(`{ ${fields.replaceAll('(A)', `(${args})`)} }`), schema)).toBe(plain);
  });

  it('are objects again where a value is not of its type, so that the error is the same', async () => {
    const column = { name: 'x', prefix: '"x":', type: GraphQLInt, nullable: true };
    const write = (value: unknown, of: object = {}) =>
      writeRows([{ ...column, ...of }], Int32Array.of(0), () => () => value);
    expect([write(-0), write(null), write('"', { type: GraphQLString })]).toEqual([
      '[{"x":0}]',
      '[{"x":null}]',
      '[{"x":"\\""}]',
    ]);
    expect(() => write(0.5)).toThrow(NotPlain);
    expect(() => write(null, { nullable: false })).toThrow(NotPlain);
    const schemaOf = (rows: string, nodes: () => unknown) => {
      const made = buildSchema(`scalar RowText type Query { v: V } type V { nodes: ${rows} } type Row { x: Int }`);
      const fields = made.getQueryType()?.getFields() ?? {};
      if (fields['v'] !== undefined) fields['v'].resolve = () => ({ nodes: nodes() });
      return made;
    };
    const schemas = (x: number) => ({
      schema: schemaOf('[Row!]!', () => [{ x }]),
      rowTexts: schemaOf('RowText!', () => new RowText(write(x))),
    });
    const run = async (x: number) =>
      new QueryPlan(parse('{ v { nodes { x } } }'), null, schemas(x)).execute({ request: new Request('http://x') }, {});
    expect(resultText(await run(3))).toBe('{"data":{"v":{"nodes":[{"x":3}]}}}');
    expect(JSON.stringify(await run(3))).toBe('{"data":{"v":{"nodes":[{"x":3}]}}}');
    const { data, errors } = await run(0.5);
    expect(JSON.stringify(data)).toBe('{"v":{"nodes":[{"x":null}]}}');
    expect(errors?.map(({ message, path }) => ({ message, path }))).toEqual([
      { message: 'Int cannot represent non-integer value: 0.5', path: ['v', 'nodes', 0, 'x'] },
    ]);
  });
});
