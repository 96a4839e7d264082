import { describe, expect, it } from 'vitest';
import {
  boolean,
  createDecoder,
  decimal,
  enumeration,
  float,
  instant,
  int,
  SchemaError,
  stream,
  text,
  type FieldBuilders,
  type FieldNameOfKind,
  type SchemaProblem,
  type ShapesOf,
  type Stream,
  type StreamDeclaration,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

const fields = {
  sensorId: text().from('sensor_id').maxLength(64),
  at: instant('ms').from('timestamp'),
  temperature: decimal(3).unit('°C').between(-90, 400),
  pressure: decimal(3).unit('kPa').optional().description('Absolute.'),
  vibration: float({ quantum: 2 ** -20 })
    .unit('mm/s')
    .between(0, 1000),
  state: enumeration(['up', 'down']),
};
const roles = { id: ['sensorId', 'at'], eventTime: 'at' } as const;

/** The faults of a declaration that the compiler would not let through. */
function problems(name: string, declaration: object): string[] {
  try {
    stream(name, declaration as StreamDeclaration<FieldBuilders>);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    expect(error.code).toBe('INVALID_STREAM');
    const list = error.facts.problems as SchemaProblem[];
    for (const problem of list) expect(error.message).toContain(problem.message);
    return list.map((problem) => `${problem.path} ${problem.code}`);
  }
  return [];
}

describe('a stream', () => {
  it('is a frozen tree of values with the stated defaults', () => {
    const declared = stream('sensor-readings', { fields, ...roles });
    expect(declared).toMatchObject({
      name: 'sensor-readings',
      version: 1,
      description: null,
      partitionKey: 'sensorId',
      latenessMs: 60_000,
      skewMs: 300_000,
      dedupeHorizon: 100_000,
      sliceSize: 16_384,
      maxRecordBytes: 2 ** 20,
      compatibility: 'BACKWARD_TRANSITIVE',
    });
    expect(declared.fields[0]).toEqual({
      name: 'sensorId',
      source: 'sensor_id',
      type: { kind: 'text', maxLength: 64, matches: null },
      optional: false,
      min: null,
      max: null,
      unit: null,
      description: null,
    });
    expect(declared.fields[2]).toMatchObject({ min: -90_000, max: 400_000, unit: '°C' });
    expect(declared.fields[3]).toMatchObject({
      min: -(2 ** 53),
      max: 2 ** 53,
      optional: true,
      description: 'Absolute.',
    });
    expect(declared.fields[4]).toMatchObject({ min: 0, max: 1000 * 2 ** 20 });
    expect(
      Object.isFrozen(declared) && Object.isFrozen(declared.fields) && Object.isFrozen(declared.fields[0]?.type),
    ).toBe(true);
    expect(JSON.parse(JSON.stringify(declared))).toEqual(declared);
  });

  it('lets the type checker know each field, and what it may not do', () => {
    const declared = stream('sensor-readings', { fields, ...roles });
    const shape: ShapesOf<typeof declared>['state'] = { kind: 'enumeration', optional: false, values: 'up' };
    const name: FieldNameOfKind<ShapesOf<typeof declared>, 'decimal' | 'float'> = 'pressure';
    const general: Stream = declared;
    expect([shape.kind, name, general.name]).toEqual(['enumeration', 'pressure', 'sensor-readings']);
    // @ts-expect-error text is not summed: it is no name of a number
    const wrong: FieldNameOfKind<ShapesOf<typeof declared>, 'decimal'> = 'sensorId';
    expect(wrong).toBe('sensorId');
    // @ts-expect-error an event time is an instant or a date
    expect(() => stream('s', { fields, id: ['sensorId'], eventTime: 'sensorId' })).toThrow(SchemaError);
    // @ts-expect-error an id is never optional
    expect(() => stream('s', { fields, id: ['pressure'], eventTime: 'at' })).toThrow(SchemaError);
    // @ts-expect-error a duration has a unit
    expect(() => stream('s', { fields, ...roles, lateness: '60' })).toThrow(SchemaError);
  });

  it('names every fault at once, with the way to mend it', () => {
    expect(
      problems('Sensor_Readings', {
        fields: {
          Bad: int(),
          constructor: int(),
          twice: int().from('x'),
          again: int().from('x'),
          sensorid: int(),
          sensorId: int().from('other'),
          void: text().from(''),
          long: text().maxLength(0),
          pattern: text().matches('a.b'),
          scale: decimal(16),
          quantum: float({ quantum: 0.1 }),
          values: enumeration(['a', 'a']),
          low: int().between(5, 1),
          fine: decimal(1).between(0.05, 1),
          huge: int().between(0, 1e300),
          when: instant('s').between('2024-02-30T00:00:00Z', 0),
          maybe: boolean().optional(),
        },
        id: ['nothing', 'maybe', 'low', 'low'],
        eventTime: 'low',
        partitionKey: 'none',
        lateness: '1 minute',
        sliceSize: 1000,
        dedupeHorizon: -1,
        version: 0,
      }),
    ).toEqual([
      'name NAME_INVALID',
      'fields.Bad NAME_INVALID',
      'fields.constructor NAME_RESERVED',
      'fields.void.from SOURCE_INVALID',
      'fields.long.maxLength NUMBER_INVALID',
      'fields.pattern.matches PATTERN_INVALID',
      'fields.scale.scale SCALE_INVALID',
      'fields.quantum.quantum QUANTUM_INVALID',
      'fields.values.values VALUES_INVALID',
      'fields.low.between BOUNDS_INVALID',
      'fields.fine.between BOUNDS_INVALID',
      'fields.huge.between BOUNDS_INVALID',
      'fields.when.between BOUNDS_INVALID',
      'fields.sensorId NAME_CLASHES',
      'fields.again.from SOURCE_DUPLICATE',
      'id[0] FIELD_UNKNOWN',
      'id[1] FIELD_OPTIONAL',
      'id[3] FIELD_REPEATED',
      'eventTime FIELD_KIND',
      'partitionKey FIELD_UNKNOWN',
      'sliceSize NUMBER_INVALID',
      'version NUMBER_INVALID',
      'lateness DURATION_INVALID',
      'dedupeHorizon NUMBER_INVALID',
    ]);
    expect(problems('s', { fields: {}, id: [], eventTime: 'at' })).toEqual([
      'fields FIELD_COUNT',
      'id FIELD_COUNT',
      'eventTime FIELD_UNKNOWN',
    ]);
  });

  it('has a fingerprint that follows what decides classes and columns, and nothing else', () => {
    const base = stream('s', { fields, ...roles }).fingerprint;
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    const same = [
      stream('s', { fields, ...roles, description: 'x', lateness: '2m', compatibility: 'NONE' }),
      stream('s', { fields, ...roles, maxRecordBytes: 2 ** 20 }),
      stream('s', { fields: { ...fields, pressure: fields.pressure.unit('bar').description('y') }, ...roles }),
    ];
    const other = [
      stream('t', { fields, ...roles }),
      stream('s', { fields, ...roles, version: 2 }),
      stream('s', { fields, ...roles, skew: null }),
      stream('s', { fields, ...roles, dedupeHorizon: 5 }),
      stream('s', { fields, ...roles, sliceSize: 8 }),
      stream('s', { fields, ...roles, maxRecordBytes: 2_000 }),
      stream('s', { fields, id: ['at', 'sensorId'], eventTime: 'at' }),
      stream('s', { fields: { ...fields, pressure: decimal(3).optional().between(0, 5) }, ...roles }),
      stream('s', { fields: { ...fields, pressure: decimal(3).optional().round() }, ...roles }),
      stream('s', { fields: { ...fields, pressure: decimal(3).optional().from('p') }, ...roles }),
    ].map((declared) => declared.fingerprint);
    for (const declared of same) expect(declared.fingerprint).toBe(base);
    expect(new Set([base, ...other]).size).toBe(other.length + 1);
  });

  it('keeps the fingerprint that data of earlier releases were written under, unless it bounds records otherwise', () => {
    const ticks = { fields: { sensor: text(), at: instant('ms') }, id: ['sensor', 'at'], eventTime: 'at' } as const;
    expect(stream('ticks', ticks).fingerprint).toBe('b0bb9a9889313c88');
    expect(stream('ticks', { ...ticks, maxRecordBytes: 100 }).fingerprint).not.toBe('b0bb9a9889313c88');
  });

  it('rejects a longer value, and only a longer one, for what its own bound says', () => {
    const ticks = { fields: { sensor: text(), at: instant('ms') }, id: ['sensor', 'at'], eventTime: 'at' } as const;
    const value = JSON.stringify({ sensor: 'a', at: 1 });
    const decoded = (maxRecordBytes: number) =>
      createDecoder(stream('ticks', { ...ticks, maxRecordBytes })).decode(memoryBatch(0, 0, [{ value, time: 1 }]));
    expect(decoded(value.length).rejections).toEqual([]);
    expect(decoded(value.length - 1).rejections.map(({ code }) => code)).toEqual(['TOO_LARGE']);
  });
});
