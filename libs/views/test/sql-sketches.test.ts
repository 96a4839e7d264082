import { distinct, foldSql, quantile, tumbling, view } from '@twofold/views';
import { naiveBins, naiveDistinct, type MemoryEvent } from '@twofold/views/testing';
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

it.each([0.2, 0.1, 0.05, 0.02, 0.01, 0.004, 0.002, 0.001])(
  'counts by bin are the same in SQL at every power of two, of both signs: error %f',
  async (error) => {
    const of = view('bins', {
      from: readings,
      version: 1,
      dimensions: () => ({}),
      window: tumbling('1m'),
      measures: (e) => ({ usual: quantile(e.serial, 0.5, { error }) }),
      levels: { '1m': 'forever' },
      serve: [{ key: [] }],
    });
    const powers = Array.from({ length: 54 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1]).flat();
    const spread = Array.from({ length: 2_000 }, (_, i) => Math.floor(1.0175 ** i) + (i % 7));
    const sizes = [...powers, ...spread].filter((size) => size <= 2 ** 53);
    const serials = sizes.flatMap((size) => [size, -size + 0]);
    const events = serials.map((serial, at): MemoryEvent => ({
      time: at,
      values: { sensorId: 'a', at, temperature: 0, vibration: 0, state: 'on', serial },
    }));
    const { connection, relation } = await relationOf(readings, events);
    const { sql } = foldSql(of, { widthMs: 60_000, relation, panes: null, sliceSize: null });
    const [row] = await rowsOf(connection, sql);
    connection.closeSync();
    const bits = of.components.find((component) => component.kind === 'bins')?.bits ?? 0;
    expect(row?.at(-1)).toEqual(hexOf(naiveBins(serials, bits)));
  },
  60_000,
);
