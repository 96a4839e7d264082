import { bytes, createDecoder, decimal, instant, int, list, record, stream, text } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import {
  alarm,
  avg,
  count,
  createAccumulator,
  createFold,
  decodeKey,
  foldSql,
  presentWindows,
  tumbling,
  view,
  ViewError,
  type RowOf,
} from '@twofold/views';
import { describe, expect, expectTypeOf, it } from 'vitest';

const trips = stream('trips', {
  fields: {
    id: text(),
    at: instant('ms'),
    place: record({
      lat: decimal(2).between(-90, 90),
      site: record({ name: text(), floor: int().optional(), photo: bytes().optional() }),
      tags: list(text()).optional(),
    }).optional(),
    car: record({ plate: text(), seats: int() }),
  },
  id: ['id', 'carPlate'],
  eventTime: 'at',
});

const bySite = view('bySite', {
  from: trips,
  version: 1,
  where: (e) => e.place.tags.contains('x').or(e.car.seats.atLeast(4)),
  dimensions: (e) => ({ site: e.place.site.name, plate: e.car.plate, high: e.place.site.floor.atLeast(10) }),
  window: tumbling('1m'),
  measures: (e) => ({ trips: count(), lat: avg(e.place.lat), seats: avg(e.car.seats) }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['site'] }],
});

describe('fields of a record', () => {
  it('are expressions under the name of the record, and null where the record may be', () => {
    expectTypeOf<RowOf<typeof bySite>['site']>().toEqualTypeOf<string | null>();
    expectTypeOf<RowOf<typeof bySite>['plate']>().toEqualTypeOf<string>();
    expectTypeOf<RowOf<typeof bySite>['high']>().toEqualTypeOf<boolean | null>();
    expect(bySite.dimensions[0]?.expr).toEqual({
      op: 'field',
      field: 'placeSiteName',
      type: { kind: 'text', nullable: true },
    });
  });

  it('are counted, compared and grouped by, from the bytes of a message to the answer', () => {
    const messages = [
      {
        id: 'a',
        at: 1,
        place: { lat: 10.5, site: { name: 'north', floor: 12 }, tags: ['x'] },
        car: { plate: 'P', seats: 2 },
      },
      { id: 'b', at: 2, place: { lat: 11.5, site: { name: 'north', floor: 10 } }, car: { plate: 'P', seats: 5 } },
      { id: 'c', at: 3, place: { lat: 1, site: { name: 'south' }, tags: ['y'] }, car: { plate: 'P', seats: 2 } },
      { id: 'd', at: 4, place: null, car: { plate: 'Q', seats: 4 } },
    ];
    const columns = createDecoder(trips).decode(
      memoryBatch(
        0,
        0,
        messages.map((value) => ({ value, time: 10 })),
      ),
    );
    const fold = createFold(bySite);
    fold.apply(columns, 0, columns.count);
    const accumulator = createAccumulator(bySite, { widthMs: 60_000 });
    for (const { bytes: chunk } of fold.takeDirty()) accumulator.addChunk(chunk);
    const answer = presentWindows(bySite, accumulator, { from: -Infinity, to: Infinity });
    expect(answer.keys.map((key) => decodeKey(bySite, key))).toEqual([
      [null, 'Q', null],
      ['north', 'P', true],
    ]);
    expect(answer.measures).toEqual({ trips: [1, 2], lat: [null, 11], seats: [4, 3.5] });
  });

  it('are columns of their own in SQL', () => {
    const { sql } = foldSql(bySite, { widthMs: 60_000, relation: 'events', panes: null, sliceSize: null });
    expect(sql).toContain('f_placeSiteName');
  });

  it('are known by name only, in whatever record they stand', () => {
    const wrong = (): unknown =>
      view('wrong', {
        ...{ from: trips, version: 1, window: tumbling('1m'), levels: { '1m': 'forever' }, serve: [{ key: [] }] },
        dimensions: (e) => {
          // @ts-expect-error the record has no such field
          void e.place.lon;
          return {};
        },
        measures: () => ({ trips: count() }),
      });
    expect(wrong).toThrow("The record 'place' has no field 'lon'. There are: lat, site, tags.");
    const flat = (): unknown =>
      view('wrong', {
        ...{ from: trips, version: 1, window: tumbling('1m'), levels: { '1m': 'forever' }, serve: [{ key: [] }] },
        dimensions: (e) => {
          // @ts-expect-error a member is read under its record
          void e.placeLat;
          return {};
        },
        measures: () => ({ trips: count() }),
      });
    expect(flat).toThrow(ViewError);
  });

  it('are no dimension together', () => {
    const wrong = (): unknown =>
      view('wrong', {
        ...{ from: trips, version: 1, window: tumbling('1m'), levels: { '1m': 'forever' }, serve: [{ key: [] }] },
        // @ts-expect-error a record is no value
        dimensions: (e) => ({ place: e.place }),
        measures: () => ({ trips: count() }),
      });
    expect(wrong).toThrow(ViewError);
  });

  it('ring alarms, and name what they are about', () => {
    const ringing = alarm('farNorth', { from: trips, when: (e) => e.place.lat.greaterThan(80), key: 'carPlate' });
    expect(ringing.key).toBe('carPlate');
    // @ts-expect-error a record is no field that an alarm is about
    expect(() => alarm('wrong', { from: trips, when: (e) => e.car.seats.atLeast(1), key: 'car' })).toThrow(ViewError);
  });
});
