import { describe, expect, it } from 'vitest';
import {
  createDecoder,
  decimal,
  importJsonSchema,
  instant,
  int,
  list,
  record,
  SchemaError,
  stream,
  streamChanges,
  streamFacts,
  text,
  toJsonSchema,
  upsert,
  type FieldName,
  type Stream,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';
import { seen } from './seen-columns.ts';
import { declared as imported } from './suite-verdicts.ts';

const logTime = 1_700_000_000_000;

const trips = stream('trips', {
  fields: {
    id: text(),
    from: record({
      at: instant('ms'),
      place: record({ lat: decimal(2).between(-90, 90), lon: decimal(2).optional() }).optional(),
    }).from('origin'),
    driver: record({ name: text().maxLength(5), tags: list(text()).optional() }).optional(),
    fare: int().optional(),
  },
  id: ['id', 'fromAt'],
  eventTime: 'fromAt',
});

const sound = {
  id: 'a',
  origin: { at: logTime, place: { lat: 1.5, lon: null }, other: [] },
  driver: { name: 'Ann', tags: ['x'] },
  fare: 3,
};

function decoded(stream: Stream, ...values: readonly unknown[]): { fields: unknown; code: string | undefined }[] {
  const decoder = createDecoder(stream);
  return values.map((value) => {
    const columns = decoder.decode(memoryBatch(0, 0, [{ value, time: logTime }]));
    const [rejection] = columns.rejections;
    const fields = columns.fields.map((column) => {
      if (column.kind === 'number') return column.valid[0] === 1 ? column.values[0] : null;
      return (column.ids[0] ?? -1) < 0 ? null : column.dictionary.text(column.ids[0] ?? 0);
    });
    return { fields, code: rejection === undefined ? undefined : `${rejection.field} ${rejection.code}` };
  });
}

function problems(declare: () => unknown): string[] {
  try {
    declare();
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return (error.facts.problems as { path: string; code: string }[]).map(({ path, code }) => `${path} ${code}`);
  }
  return [];
}

describe('a record', () => {
  it('is declared as fields of its own, with the names of what is around them', () => {
    expect(trips.fields.map(({ name, source, optional }) => [name, source, optional])).toEqual([
      ['id', 'id', false],
      ['fromAt', 'at', false],
      ['fromPlaceLat', 'lat', true],
      ['fromPlaceLon', 'lon', true],
      ['driverName', 'name', true],
      ['driverTags', 'tags', true],
      ['fare', 'fare', true],
    ]);
    const names: readonly FieldName<typeof trips>[] = ['id', 'fromAt', 'fromPlaceLat', 'driverName', 'fare'];
    expect(names).toHaveLength(5);
    // @ts-expect-error a record is no field
    const record_: FieldName<typeof trips> = 'from';
    // @ts-expect-error a member has the name of its record before it
    const member: FieldName<typeof trips> = 'lat';
    expect([record_, member]).toEqual(['from', 'lat']);
  });

  it('can not give an id where it may be null, and the compiler says so', () => {
    const fields = { at: instant('ms'), who: record({ name: text() }).optional() };
    // @ts-expect-error the record may be null, so its members may
    expect(problems(() => stream('s', { fields, id: ['whoName'], eventTime: 'at' }))).toEqual(['id[0] FIELD_OPTIONAL']);
  });

  it('gives its members, and nulls where it is null or not there', () => {
    const all = decoded(
      trips,
      sound,
      { id: 'a', origin: { at: logTime } },
      { id: 'a', origin: { place: null, at: logTime }, driver: null, fare: null },
    );
    expect(all.map(({ fields }) => fields)).toEqual([
      ['a', logTime, 150, null, 'Ann', '["x"]', 3],
      ['a', logTime, null, null, null, null, null],
      ['a', logTime, null, null, null, null, null],
    ]);
  });

  it('rejects what is wrong in it, and says where', () => {
    const codes = (change: object): string | undefined => decoded(trips, { ...sound, ...change })[0]?.code;
    expect(codes({ origin: null })).toBe('origin MISSING_FIELD');
    expect(codes({ origin: [] })).toBe('origin WRONG_TYPE');
    expect(codes({ origin: { place: {} } })).toBe('origin.at MISSING_FIELD');
    expect(codes({ origin: { at: logTime, place: {} } })).toBe('origin.place.lat MISSING_FIELD');
    expect(codes({ origin: { at: logTime, place: { lat: 90.01 } } })).toBe('origin.place.lat OUT_OF_RANGE');
    expect(codes({ driver: { name: 'Anselm' } })).toBe('driver.name TOO_LONG');
    expect(codes({ driver: 'Ann' })).toBe('driver WRONG_TYPE');
    expect(codes({ origin: { at: logTime + 10 * 86_400_000 } })).toBe('origin.at FUTURE_EVENT_TIME');
    const twice = `{"id":"a","origin":{"at":${logTime},"at":${logTime}}}`;
    expect(decoded(trips, twice)[0]?.code).toBe('origin.at DUPLICATE_KEY');
    // A key that no field reads may stand there as often as it likes.
    expect(decoded(trips, `{"id":"a","origin":{"at":${logTime},"x":1,"x":2}}`)[0]?.code).toBeUndefined();
  });

  it('is read by the fast path, in blocks too, with members in any order', () => {
    const decoder = createDecoder(trips);
    const exact = createDecoder(trips, { path: 'exact' });
    const values = Array.from({ length: 500 }, (_, i) => {
      const place = i % 7 === 0 ? 'null' : `{"lon":${i / 100},"lat":1.25,"alt":{"m":[1,{"a":2}]}}`;
      const origin = `{ "place" : ${place}, "at": ${logTime - i} }`;
      return i % 200 < 100
        ? `{"id":"t${i % 9}","origin":${origin}}`
        : `{"driver":{"name":"D${i % 3}"},"fare":${i},"origin":${origin},"id":"x"}`;
    });
    const batch = memoryBatch(
      0,
      0,
      values.map((value) => ({ value, time: logTime })),
    );
    expect(seen(decoder.decode(batch))).toEqual(seen(exact.decode(batch)));
    expect(decoder.exactRecords).toBe(0);
  });

  it('is left to the exact path where containers stand too deep', () => {
    const deep = `${'['.repeat(62)}${']'.repeat(62)}`;
    const at = (value: string): string | undefined =>
      decoded(trips, `{"id":"a","origin":{"at":${logTime},"x":${value}}}`)[0]?.code;
    expect(at(deep)).toBeUndefined();
    expect(at(`[${deep}]`)).toBe('null TOO_DEEP');
  });

  it('is refused without members, within too many others, and where two read one key', () => {
    const around = (depth: number, inner: ReturnType<typeof record>): ReturnType<typeof record> =>
      depth === 0 ? inner : around(depth - 1, record({ r: inner }));
    const declare = (extra: object): string[] =>
      problems(() => stream('s', { fields: { id: text(), at: instant('ms'), ...extra }, id: ['id'], eventTime: 'at' }));
    expect(declare({ r: record({}) })).toEqual(['fields.r RECORD_INVALID']);
    expect(declare({ r: around(7, record({ n: int() })) })).toEqual([]);
    expect(declare({ r: around(8, record({ n: int() })) })).toEqual(['fields.r.r.r.r.r.r.r.r.r RECORD_INVALID']);
    expect(declare({ r: record({ n: int(), m: int().from('n') }) })).toEqual(['fields.rM.from SOURCE_DUPLICATE']);
    expect(declare({ r: record({ n: int() }), s: int().from('r') })).toEqual(['fields.s.from SOURCE_DUPLICATE']);
    expect(declare({ r: record({ n: int() }), rN: int() })).toEqual(['fields.rN NAME_CLASHES']);
    expect(declare({ r: record({ Bad: int() }) })).toEqual(['fields.r.Bad NAME_INVALID']);
    // The same key at other places, and one with a dot, are others.
    expect(declare({ r: record({ at: int(), r: int() }), dotted: int().from('r.at') })).toEqual([]);
  });

  it('comes back from JSON Schema as the same stream', () => {
    const { source, problems: refused } = importJsonSchema(JSON.parse(JSON.stringify(toJsonSchema(trips))));
    expect(refused).toEqual([]);
    expect(imported(source ?? '')).toEqual(trips);
  });

  it('is imported from an object in a schema, also by reference, and refused where that goes round', () => {
    const point = { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } }, required: ['x'] };
    const schema = {
      type: 'object',
      $defs: { point },
      properties: {
        'key-id': { type: 'string', maxLength: 9 },
        at: { type: 'string', format: 'date-time' },
        'start-point': { $ref: '#/$defs/point' },
        end: { anyOf: [{ $ref: '#/$defs/point' }, { type: 'null' }] },
      },
      required: ['key-id', 'at', 'start-point'],
    };
    const options = { name: 'moves', id: ['keyId', 'startPointX'] };
    const { source, problems: refused } = importJsonSchema(schema, options);
    expect(refused).toEqual([]);
    expect(source).toContain("startPoint: record({ x: int(), y: int().optional() }).from('start-point'),");
    expect(source).toContain('end: record({ x: int(), y: int().optional() }).optional(),');
    expect(imported(source ?? '').id).toEqual(['keyId', 'startPointX']);
    const round = { ...schema, $defs: { point: { ...point, properties: { x: { $ref: '#/$defs/point' } } } } };
    expect(importJsonSchema(round, options).problems[0]?.message).toContain('circles');
  });

  it('that moves, appears or may be missing later is judged as what it does to old events', () => {
    const versions = (...fields: readonly object[]): Stream[] =>
      fields.map((more, i) =>
        stream('s', {
          version: i + 1,
          ...({ fields: { id: text(), at: instant('ms'), ...more }, id: ['id'], eventTime: 'at' } as object),
        } as never),
      );
    const verdict = (before: object, after: object): string[] => {
      const [from, to] = versions(before, after).map(streamFacts);
      if (from === undefined || to === undefined) return [];
      return streamChanges(from, to).map(({ path, effect }) => `${path} ${effect}`);
    };
    const lat = decimal(2);
    expect(verdict({ r: record({ lat: lat.optional() }) }, { r: record({ lat: lat.optional() }).optional() })).toEqual([
      'fields.rLat.record.path.r.optional backfill',
    ]);
    expect(verdict({ r: record({ lat }).optional() }, { r: record({ lat }) })).toContain(
      'fields.rLat.record.path.r.optional breaking',
    );
    expect(verdict({ r: record({ lat }) }, { r: record({ lat }).from('other') })).toEqual([
      'fields.rLat.record.path.r.source breaking',
    ]);
    expect(verdict({}, { r: record({ lat }).optional() })).toEqual(['fields.rLat additive']);
    expect(verdict({ rLat: lat }, { r: record({ lat }) })).toContain('fields.rLat.record breaking');
  });

  it('is part of a change stream, whose rows may be put together of several restatements', () => {
    const changes = upsert('trip-changes', { of: trips, key: ['id'], revision: 'fromAt', keep: ['driverTags'] });
    const name = changes.fields.find((field) => field.name === 'driverName');
    expect(name).toMatchObject({ source: 'name', optional: true, record: { optional: true } });
    expect(
      decoded(changes, {
        ...{ changeSign: 1, changeOffset: 0, changeOrdinal: 0, id: 'a', from: { at: logTime } },
        driver: { tags: ['x'] },
      })[0],
    ).toEqual({ fields: ['a', logTime, null, null, null, '["x"]', null, 1, 0, 0], code: undefined });
  });
});

describe('a list', () => {
  const tagged = stream('tagged', {
    fields: { at: instant('ms'), tags: list(text().maxLength(4)).unique(), marks: list(decimal(1)).optional() },
    id: ['at'],
    eventTime: 'at',
  });

  it('that was accepted as it stands is not checked again, and every other one is', () => {
    const decoder = createDecoder(tagged);
    const columns = (tags: string): unknown => {
      const { classes, fields } = decoder.decode(
        memoryBatch(0, 0, [{ value: `{"at":${logTime},"tags":${tags}}`, time: logTime }]),
      );
      const column = fields[1];
      return [
        classes[0],
        column?.kind === 'text' ? column.dictionary.text(column.ids[0] ?? -1) : null,
        decoder.exactRecords,
      ];
    };
    expect(columns('["a","é]"]')).toEqual([0, '["a","é]"]', 1]);
    expect(columns('["a","é]"]')).toEqual([0, '["a","é]"]', 1]);
    expect(columns('["a", "é]"]')).toEqual([0, '["a","é]"]', 2]);
    expect(columns('[]')).toEqual([0, '[]', 3]);
    expect(columns('[]')).toEqual([0, '[]', 3]);
    expect(columns('["a,b"]')).toEqual([0, '["a\\u002cb"]', 4]);
    // What is kept of it, found in a message, is spelt with an escape: never taken unseen.
    expect(columns('["a\\u002cb"]')).toEqual([0, '["a\\u002cb"]', 5]);
  });

  it('of numbers in units is never taken for what it was kept as', () => {
    const decoder = createDecoder(tagged);
    const marks = [1, 2].map(() => {
      const { fields } = decoder.decode(
        memoryBatch(0, 0, [{ value: `{"at":${logTime},"tags":[],"marks":[15]}`, time: logTime }]),
      );
      const column = fields[2];
      return column?.kind === 'text' ? column.dictionary.text(column.ids[0] ?? -1) : null;
    });
    expect(marks).toEqual(['[150]', '[150]']);
  });
});
