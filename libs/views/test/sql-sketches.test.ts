import { distinct, foldSql, tumbling, view } from '@twofold/views';
import { naiveDistinct, type MemoryEvent } from '@twofold/views/testing';
import { expect, it } from 'vitest';
import { hexOf, relationOf, rowsOf } from './duckdb-relation.ts';
import { readings } from './sensor-streams.ts';

it.each([4, 8, 12, 16] as const)(
  'sets of many values are the same in SQL, as texts and as numbers: precision %i',
  async (precision) => {
    const of = view('many', {
      from: readings,
      version: 1,
      dimensions: () => ({}),
      window: tumbling('1m'),
      measures: (e) => ({ notes: distinct(e.note, { precision }), serials: distinct(e.serial, { precision }) }),
      levels: { '1m': 'forever' },
      serve: [{ key: [] }],
    });
    const all = Array.from({ length: 9_000 }, (_, i) => (i % 3 === 0 ? -i : i * i * 7_919));
    for (const length of new Set([2 ** precision / 8, 2 ** precision / 8 + 1, all.length])) {
      const serials = [...all.slice(0, length), ...all.slice(0, Math.min(length, 100))];
      const events = serials.map((serial, at): MemoryEvent => ({
        time: at,
        values: { sensorId: 'a', at, temperature: 0, vibration: 0, state: 'on', serial, note: `é ${serial}` },
      }));
      const { connection, relation } = await relationOf(readings, events);
      const { sql } = foldSql(of, { widthMs: 60_000, relation, panes: null, sliceSize: null });
      const [row] = await rowsOf(connection, sql);
      connection.closeSync();
      const texts = serials.map((serial) => `é ${serial}`);
      expect(row?.slice(-2)).toEqual([texts, serials].map((values) => hexOf(naiveDistinct(values, precision))));
    }
  },
  120_000,
);
