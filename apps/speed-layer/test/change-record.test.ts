import { createDecoder, decimal, instant, int, record, stream, text, upsert } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import { expect, test } from 'vitest';
import { ChangeRecords } from '../src/operators/change-record.ts';

const trips = stream('trips', {
  fields: {
    id: text(),
    revision: int(),
    at: instant('ms'),
    place: record({ lat: decimal(2), site: record({ name: text() }).optional().from('S') }).optional(),
    car: record({ seats: int().optional() }).from('vehicle'),
  },
  id: ['id', 'revision'],
  eventTime: 'at',
  skew: null,
});
const changes = upsert('trip-changes', { of: trips, key: ['id'], revision: 'revision', keep: ['placeLat'] });

test('E27: a change of rows with records decodes to the very values it holds', () => {
  const records = new ChangeRecords(changes);
  const rows = [
    ['a', 1, 5, 150, 'north', 4],
    ['a', 2, 6, null, null, null],
    // The place is kept of a restatement before, the site is not there any more.
    ['a', 3, 7, 150, null, null],
    ['a', 4, 8, null, 'south', null],
  ];
  const decoder = createDecoder(changes);
  const read = rows.map((values) => {
    const { value } = records.record({ sign: 1, offset: 3, ordinal: 1, values }, 0);
    const columns = decoder.decode(memoryBatch(0, 0, [{ value, time: 0 }]));
    expect(columns.rejections).toEqual([]);
    return columns.fields.map((column) => {
      if (column.kind === 'number') return column.valid[0] === 1 ? column.values[0] : null;
      return (column.ids[0] ?? -1) < 0 ? null : column.dictionary.text(column.ids[0] ?? 0);
    });
  });
  expect(read).toEqual(rows.map((values) => [...values, 1, 3, 1]));
});
