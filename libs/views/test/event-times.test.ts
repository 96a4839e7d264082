import { RecordClass } from '@twofold/schemas';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommonReads } from '../src/common-reads.ts';
import { latestTime } from '../src/event-times.ts';
import { memoryColumns, type MemoryEvent } from '../src/testing/memory-columns.ts';
import { readings } from './sample-views.ts';

const columns = memoryColumns(
  readings,
  Array.from({ length: 5_000 }, (_, i): MemoryEvent => ({
    time: (i * 7_919) % 1_009 === 0 ? i * 100 : (i * 31) % 977,
    class: i % 5 === 0 ? RecordClass.duplicate : RecordClass.applied,
    values: { sensorId: 'a' },
  })),
);
const row = fc.nat(columns.count - 1);

it('bounds of event times leave out no applied row, and are of no row that is far away', () => {
  const property = fc.property(row, row, row, row, (...rows) => {
    const [from = 0, first = 0, last = 0, end = 0] = rows.sort((a, b) => a - b);
    const reads = new CommonReads(readings);
    reads.begin(columns, from, end + 1);
    const { earliest, latest } = reads.times.boundsOf(first, last);
    const applied = (a: number, b: number): number[] =>
      [...columns.eventTimes.subarray(Math.max(from, a), Math.min(end, b) + 1)].filter(
        (_, i) => columns.classes[Math.max(from, a) + i] === RecordClass.applied,
      );
    for (const time of applied(first, last)) expect(time >= earliest && time <= latest).toBe(true);
    const around = applied(first - 1_024, last + 1_024);
    if (applied(first, last).length > 0) expect(around).toEqual(expect.arrayContaining([earliest, latest]));
    expect(reads.times.latestOf(first, last + 1)).toBe(latestTime(columns, first, last + 1));
    expect(reads.times.latestOf(first, last + 1)).toBe(
      applied(first, last).reduce((a, b) => Math.max(a, b), -Infinity),
    );
  });
  fc.assert(property);
});

it('event times are read anew of each batch', () => {
  const reads = new CommonReads(readings);
  const of = (time: number) => memoryColumns(readings, [{ time, values: { sensorId: 'a' } }]);
  for (const time of [5, 3, 7]) {
    reads.begin(of(time));
    expect(reads.times.boundsOf(0, 0)).toEqual({ earliest: time, latest: time });
    expect(reads.times.latestOf(0, 1)).toBe(time);
  }
});
