import { RecordClass } from '@twofold/schemas';
import { surveySql } from '@twofold/views';
import type { MemoryEvent } from '@twofold/views/testing';
import { describe, expect, it } from 'vitest';
import { relationOf, rowsOf } from './duckdb-relation.ts';
import { readings } from './sensor-streams.ts';

describe('the survey', () => {
  it('counts applied records by bucket, whatever the view leaves out', async () => {
    const times = [-1, 0, 999, 1_000, 5_500, 5_600];
    const events = times.map((time, i): MemoryEvent => ({
      time,
      values: { sensorId: 'a', at: time, temperature: 0, vibration: 0, serial: 0, state: 'on' },
      class: i === 3 ? RecordClass.duplicate : i === 5 ? RecordClass.rejected : RecordClass.applied,
    }));
    const { connection, relation } = await relationOf(readings, events);
    const rows = await rowsOf(connection, `${surveySql({ relation, bucketMs: 1_000 })} ORDER BY 1`);
    expect(rows).toEqual([
      [-1_000, -1, 1],
      [0, 999, 2],
      [5_000, 5_500, 1],
    ]);
  });
});
