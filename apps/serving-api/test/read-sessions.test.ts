import { calendar, count, decodeKey, session, sum, tumbling, view, type View } from '@twofold/views';
import { afterEach, describe, expect, it } from 'vitest';
import { answerRows, BatchReader, ByteCache, schemaText, type ReadRequest } from '../src/index.ts';
import { startApi, type Row } from './api-client.ts';
import { Plant, readings, T0, type Event } from './plant.ts';

const visits = view('visits', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: session('1m'),
  measures: (e) => ({ events: count(), total: sum(e.value) }),
  levels: { '10m': '1d' },
  serve: [{ key: [] }, { key: ['sensor'] }],
});

const days = view('days', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: calendar('day', { zone: 'Europe/Berlin' }),
  measures: (e) => ({ events: count(), total: sum(e.value) }),
  levels: { '10m': 'forever', '1h': 'forever', '1d': 'forever' },
  serve: [{ key: [] }],
});

const hours = view('hours', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1h'),
  measures: () => ({ events: count() }),
  levels: { '1h': 'forever' },
  serve: [{ key: [] }],
});

const views: readonly View[] = [visits, days, hours];
const MINUTE = 60_000;

/** One sensor that sends every 50 s for three hours, then once after a pause of two minutes. */
function steady(): Event[] {
  const times = Array.from({ length: 216 }, (_, i) => T0 + i * 50_000);
  times.push((times.at(-1) ?? 0) + 2 * MINUTE);
  return times.map((atMs, n) => ({ sensor: 's', n, atMs, value: 1 }));
}

async function plantOf(events: readonly Event[], cut: number): Promise<Plant> {
  const plant = new Plant(views);
  plant.log[0]?.push(...events);
  await plant.register();
  await plant.foldBase(0, events.length);
  await plant.promote([cut, 0], 'r1');
  if (cut % 4 !== 0) await plant.foldRemainder(0, cut, Math.ceil(cut / 4) * 4);
  return plant;
}

function reader(plant: Plant) {
  const cache = new ByteCache(1 << 24);
  const ports = { store: plant.store, batch: new BatchReader(plant.store, cache), cache, clock: { now: () => T0 } };
  return async (request: Partial<ReadRequest> & Pick<ReadRequest, 'view' | 'from' | 'to'>) => {
    const whole = { layer: 'MERGED', keys: null, grainMs: null, release: null, positions: null } as const;
    const answer = await answerRows({ ...whole, ...request }, ports);
    const { windows, merged } = answer;
    const list = Array.from(windows.keyOfRow, (key, row) => ({
      key: decodeKey(request.view, windows.keys[key] ?? new Uint8Array(0))[0],
      start: windows.windowStarts[row] ?? NaN,
      end: windows.windowEnds[row] ?? NaN,
      events: windows.measures['events']?.[row],
    }));
    return { list, plan: merged.plan, answer };
  };
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const api of opened.splice(0)) await api.close();
});

/** Asks an API over the plant; gives the field's nodes and totals, or the first error. */
async function clientOf(plant: Plant) {
  const { api, query } = await startApi(plant, { views });
  opened.push(api);
  return async (field: string, more: string, below: string): Promise<Row | string> => {
    const { data, errors } = await query(`{ field: ${field}(${more}) { ${below} } }`);
    const [error] = errors;
    return error === undefined
      ? (data as unknown as { readonly field: Row }).field
      : `${String(error.extensions?.['code'])}: ${error.message}`;
  };
}

describe('sessions', () => {
  const first = { key: 's', start: T0, end: T0 + 215 * 50_000 + 1, events: 216 };
  const second = { key: 's', start: first.end - 1 + 2 * MINUTE, end: first.end + 2 * MINUTE, events: 1 };

  it.each([0, 2, 100, 101, 216])(
    'E25: of a range that begins in the middle of one, the reader reads back until it meets a gap; cut at %i',
    async (cut) => {
      const read = reader(await plantOf(steady(), cut));
      const end = first.end - 1;
      const { list, plan } = await read({ view: visits, from: end, to: end + MINUTE });
      expect(list).toEqual([first]);
      expect(plan.paneFrom).toBeLessThanOrEqual(T0 - MINUTE);
      expect((await read({ view: visits, from: end - 1, to: end })).list).toEqual([]);
      expect((await read({ view: visits, from: T0, to: end - MINUTE })).list).toEqual([]);
      expect((await read({ view: visits, from: end, to: end + 3 * MINUTE })).list).toEqual([first, second]);
      expect((await read({ view: visits, from: end + 1, to: end + 3 * MINUTE })).list).toEqual([second]);
    },
  );

  it('reads no further back than it has to', async () => {
    const read = reader(await plantOf(steady(), 100));
    const { plan } = await read({ view: visits, from: second.start, to: second.end });
    expect(plan.paneFrom).toBeGreaterThan(T0 + 2 * 60 * MINUTE);
  });

  it('are complete when nothing within the gap is expected any more, and when they can not have begun before what is kept', async () => {
    const plant = await plantOf(steady(), 216);
    const { answer } = await reader(plant)({ view: visits, from: T0, to: second.end });
    // The watermark is 10 s (lateness) behind the last event.
    expect(answer.completeUntil).toBe(second.start - 10_000 - MINUTE);
    expect(first.end).toBeLessThanOrEqual(answer.completeUntil ?? 0);
    await plant.promote([216, 0], 'r2', T0 + 86_400_000 + 20 * MINUTE);
    const kept = await reader(plant)({ view: visits, from: T0, to: second.end });
    expect(kept.list[0]?.start).toBe(T0 + 1_200_000);
    expect(kept.answer.completeFrom).toBe(T0 + 1_200_000 + MINUTE);
  });

  it('have no grain', async () => {
    const read = reader(await plantOf(steady(), 100));
    const range = { view: visits, from: T0, to: second.end };
    await expect(read({ ...range, grainMs: 3_600_000 })).rejects.toMatchObject({ code: 'GRAIN_NOT_EXPRESSIBLE' });
    expect(schemaText([visits], [readings])).not.toContain('grain:');
    expect(schemaText([days], [readings])).toContain('zone: String');
  });

  it('have totals of their own events only', async () => {
    const ask = await clientOf(await plantOf(steady(), 100));
    const range = `timeRange: { from: "${iso(first.end)}", to: "${iso(second.end)}" }`;
    expect(await ask('visits', range, 'nodes { windowStart windowEnd events } totals { events }')).toEqual({
      nodes: [{ windowStart: iso(second.start), windowEnd: iso(second.end), events: '1' }],
      totals: { events: '1' },
    });
  });
});

describe('calendar windows', () => {
  const events = [0, 13, 15, 17, 40].map((hour, n) => ({ sensor: 's', n, atMs: T0 + hour * 60 * MINUTE, value: 1 }));
  const range = { from: T0 - 48 * 60 * MINUTE, to: T0 + 96 * 60 * MINUTE };

  it('are summed from the coarsest panes that meet the edges of the zone', async () => {
    const read = reader(await plantOf(events, 2));
    const { list, plan } = await read({ view: days, ...range });
    expect(plan.widthMs).toBe(60 * MINUTE);
    expect(list.map(({ start, events: n }) => [iso(start), n])).toEqual([
      ['2026-01-04T23:00:00.000Z', 2],
      ['2026-01-05T23:00:00.000Z', 2],
      ['2026-01-06T23:00:00.000Z', 1],
    ]);
    const kathmandu = { calendar: { grain: 'day', zone: 'Asia/Kathmandu' } } as const;
    await expect(read({ view: days, ...range, ...kathmandu })).rejects.toThrow(/panes of 900000 ms would do/);
    const utc = await read({ view: days, ...range, grainMs: 24 * 60 * MINUTE });
    expect(utc.plan.widthMs).toBe(24 * 60 * MINUTE);
  });

  it('are asked for by grain and zone, of any view of panes, and refused where there is no such zone', async () => {
    const ask = await clientOf(await plantOf(events, 2));
    const times = `timeRange: { from: "${iso(range.from)}", to: "${iso(range.to)}" }`;
    const starts = (field: string, more: string): Promise<Row | string> =>
      ask(field, `${times}, ${more}`, 'nodes { windowStart events }');
    const days = [
      { windowStart: '2026-01-05T05:00:00.000Z', events: '4' },
      { windowStart: '2026-01-06T05:00:00.000Z', events: '1' },
    ];
    expect(await starts('hours', 'grain: DAY, zone: "America/New_York"')).toEqual({ nodes: days });
    expect(await starts('days', 'zone: "America/New_York"')).toEqual({ nodes: days });
    expect(await starts('hours', 'grain: MONTH')).toEqual({ nodes: [] });
    expect(await starts('hours', 'grain: DAY, zone: "Europe/Berln"')).toMatch(
      /ZONE_UNKNOWN: .*Did you mean 'Europe\/Berlin'/,
    );
    expect(await starts('hours', 'grain: DAY, zone: "Asia/Kolkata"')).toMatch(/GRAIN_NOT_EXPRESSIBLE/);
    expect(await starts('hours', 'grain: MINUTE, zone: "Europe/Berlin"')).toMatch(/zone: goes with/);
    expect(await starts('hours', 'zone: "Europe/Berlin"')).toMatch(/zone: goes with/);
  });
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
