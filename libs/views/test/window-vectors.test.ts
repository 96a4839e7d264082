import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { presentTotal } from '../src/answer.ts';
import { session, sliding, tumbling } from '../src/index.ts';
import type { View } from '../src/view.ts';
import { folded, rowsOf, summed, visitView, type Visit, type VisitRow } from './window-views.ts';

/*
 * Windows of Kafka Streams, Flink and Beam (data/README.md). Partials are sums, so what those tests concatenate is
 * compared as a bag: how many, their total, the least and the greatest. Twofold drops nothing for being late: what they
 * drop is asked for by name, and has to be in the answer (docs/WINDOWS.md).
 */

type Update = readonly [key: string, start: number, end: number, value: string | number, time: number];

interface KafkaVector {
  readonly id: string;
  readonly window: {
    readonly size: number;
    readonly advance: number;
    readonly gap: number;
    readonly grace: number;
    readonly size_s: number;
    readonly advance_s: number;
    readonly step_s: number;
    readonly offset_s: number;
    readonly allowed_lateness: number;
  };
  readonly input: readonly { readonly key: string; readonly value: string; readonly ts: number }[];
  readonly updates: readonly Update[];
  readonly final?: readonly Update[];
  readonly late?: { readonly dropped_record_window_pairs: number };
  readonly state_after: readonly (readonly [key: string, start: number, last: number, count: number])[];
}

interface RowsVector {
  readonly window: KafkaVector['window'];
  readonly input: readonly (readonly [time: string, price: number, item: string])[];
  readonly rows: readonly (readonly [start: string, end: string, total: number])[];
}

interface BeamVector {
  readonly window: KafkaVector['window'];
  readonly script: readonly (readonly ['add', readonly (number | string)[], number] | readonly ['watermark', number])[];
  readonly final_sum: number;
  readonly dropped: readonly number[];
}

const all = JSON.parse(readFileSync(new URL('data/window-vectors.json', import.meta.url), 'utf8')) as { id: string }[];
const tested = new Set<string>();

function vector<T>(id: string): T {
  tested.add(id);
  return (all.find((one) => one.id === id) ?? expect.fail(`there is no vector ${id}`)) as unknown as T;
}

function answerOf(view: View, visits: readonly Visit[]): VisitRow[] {
  // Each event by itself, as if it came alone to a slice of its own.
  return rowsOf(
    view,
    summed(
      view,
      visits.flatMap((visit) => folded(view, [visit])),
    ),
  );
}

/** A row as the updates of Kafka Streams have it: the bag of values in order of size, and the latest event time. */
function asUpdate({ user, start, end, events, total, least, most, latest }: VisitRow): unknown[] {
  return [user, start, end, { events, total, least, most }, latest];
}

function ofConcatenation([key, start, end, text, time]: Update): unknown[] {
  // The aggregate begins with "0", or with nothing, and each value stands behind a "+".
  const values = String(text).split('+').slice(1).map(Number);
  const total = values.reduce((sum, value) => sum + value, 0);
  const bag = { events: values.length, total, least: Math.min(...values), most: Math.max(...values) };
  return [key, start, end, bag, time];
}

function visitsOf(vector: KafkaVector): Visit[] {
  return vector.input.map(({ key, value, ts }) => ({ user: key, time: ts, value: Number(value.replace(/^\D+/, '')) }));
}

describe('hopping and tumbling windows of Kafka Streams', () => {
  it.each(['kafka-hop-basic', 'kafka-hop-no-grace', 'kafka-hop-grace5'])(
    '%s: after each record, the windows that it is in are those that were updated',
    (id) => {
      const hop = vector<KafkaVector>(id);
      const { size, advance, grace } = hop.window;
      const view = visitView(sliding(`${size}ms`, { every: `${advance}ms` }), `${advance}ms`);
      const visits = visitsOf(hop);
      const updates = [...hop.updates];
      let streamTime = -Infinity;
      visits.forEach((visit, i) => {
        streamTime = Math.max(streamTime, visit.time);
        const touched = answerOf(view, visits.slice(0, i + 1)).filter(
          ({ user, start, end }) => user === visit.user && start <= visit.time && visit.time < end,
        );
        // Kafka Streams has no window that begins before 1970, and updates none whose grace is over.
        const updated = touched.filter(({ start, end }) => start >= 0 && end + grace > streamTime);
        expect(updated.map(asUpdate)).toEqual(updates.splice(0, updated.length).map(ofConcatenation));
      });
      expect(updates).toEqual([]);
    },
  );

  it.each(['kafka-hop-late-drop', 'kafka-tumble-late-drop'])(
    '%s: every pair of record and window that is dropped there is counted here',
    (id) => {
      const late = vector<KafkaVector>(id);
      const { size, advance, grace } = late.window;
      const view = visitView(sliding(`${size}ms`, { every: `${advance}ms` }), `${advance}ms`);
      const visits = visitsOf(late);
      let streamTime = -Infinity;
      let dropped = 0;
      const kept: Visit[] = [];
      for (const visit of visits) {
        streamTime = Math.max(streamTime, visit.time);
        for (let start = Math.floor(visit.time / advance) * advance; start > visit.time - size; start -= advance) {
          if (start < 0) continue;
          if (start + size + grace <= streamTime) dropped++;
          else kept.push({ ...visit, user: `${start}` });
        }
      }
      expect(dropped).toBe(late.late?.dropped_record_window_pairs);
      const rows = answerOf(view, visits).filter(({ start }) => start >= 0);
      expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(kept.length + dropped);
      // Windows in which nothing was dropped are the same in both.
      const last = new Map(late.updates.map((update) => [`${update[1]}`, update]));
      for (const row of rows) {
        const update = last.get(`${row.start}`);
        if (update !== undefined) expect(asUpdate(row)).toEqual(ofConcatenation(update));
      }
    },
  );

  it('kafka-tumble-final: counts what was final there, and the one record that came after its grace', () => {
    const tumble = vector<KafkaVector>('kafka-tumble-final');
    const view = visitView(tumbling('2ms'), '1ms');
    const rows = answerOf(view, visitsOf(tumble)).map(({ user, start, end, events, latest }) => [
      user,
      start,
      end,
      events,
      latest,
    ]);
    const finals = tumble.final ?? [];
    expect(rows).toEqual([['k1', 0, 2, Number(finals[0]?.[3]) + 1, finals[0]?.[4]], finals[1], ['k1', 4, 6, 1, 5]]);
  });
});

describe('session windows of Kafka Streams', () => {
  it.each(['kafka-session-merge', 'kafka-session-separate'])('%s: are those that are left, ends included', (id) => {
    const { window, input, state_after: state } = vector<KafkaVector>(id);
    const visits = input.map(({ key, ts }) => ({ user: key, time: ts, value: 1 }));
    for (const width of ['1m', '1h', '1d'] as const) {
      const rows = answerOf(visitView(session(`${window.gap}ms`), width), visits);
      expect(rows.map(({ user, start, end, events }) => [user, start, end - 1, events])).toEqual(state);
    }
  });
});

describe('an upsert table of Kafka Streams', () => {
  it('kafka-table-correction: a correction is one less of the old value and one more of the new', () => {
    const table = vector<KafkaVector>('kafka-table-correction');
    const view = visitView(tumbling('1h'), '1h');
    const changes: Visit[] = [];
    const values = new Map<string, string>();
    const counts: unknown[] = [];
    for (const { key, value, ts } of table.input) {
      const old = values.get(key);
      const pair = [...(old === undefined ? [] : [{ user: old, value: -1 }]), { user: value, value: 1 }];
      values.set(key, value);
      for (const change of pair) {
        changes.push({ ...change, time: ts });
        const row = answerOf(view, changes).find(({ user }) => user === change.user);
        counts.push([change.user, null, null, row?.total, ts]);
      }
    }
    expect(counts).toEqual(table.updates);
  });
});

const item = (rows: RowsVector): Visit[] =>
  rows.input.map(([time, price]) => ({ user: 'all', time: Date.parse(time), value: price }));
const spans = (rows: readonly VisitRow[]): unknown[] =>
  rows.map(({ start, end, total }) => [
    new Date(start).toISOString().replace('.000Z', 'Z'),
    new Date(end).toISOString().replace('.000Z', 'Z'),
    total,
  ]);

describe('windows of Flink', () => {
  it('flink-tumble: ten minutes side by side', () => {
    const rows = vector<RowsVector>('flink-tumble');
    expect(spans(answerOf(visitView(tumbling('10m'), '10m'), item(rows)))).toEqual(rows.rows);
  });

  it('flink-hop: ten minutes, every five', () => {
    const rows = vector<RowsVector>('flink-hop');
    expect(spans(answerOf(visitView(sliding('10m', { every: '5m' }), '1m'), item(rows)))).toEqual(rows.rows);
  });

  /** Windows that Twofold has no kind for are sums of its panes all the same. */
  const totals = (rows: RowsVector): unknown[] => {
    const view = visitView(tumbling('1m'), '1m');
    const panes = summed(view, folded(view, item(rows)));
    return rows.rows.map(([start, end]) => {
      const total = presentTotal(view, panes, { paneFrom: Date.parse(start), paneBelow: Date.parse(end) });
      return [start, end, total.measures['total']?.[0]];
    });
  };

  it.each(['flink-tumble-offset1m', 'flink-cumulate'])('%s: sums of the same panes', (id) => {
    const rows = vector<RowsVector>(id);
    expect(totals(rows)).toEqual(rows.rows);
  });

  it('flink-offset-assign: the window that holds a record is a range of panes at every offset', () => {
    const assign = vector<{
      readonly record_ts: string;
      readonly assign: readonly { readonly offset_s: number; readonly start: string; readonly end: string }[];
    }>('flink-offset-assign');
    const record = Date.parse(assign.record_ts);
    const view = visitView(tumbling('1m'), '1m');
    const panes = summed(view, folded(view, [{ user: 'all', time: record, value: 7 }]));
    for (const { offset_s: offset, start, end } of assign.assign) {
      const [paneFrom, paneBelow] = [Date.parse(start), Date.parse(end)];
      expect((((paneFrom / 1000 - offset) % 600) + 600) % 600).toBe(0);
      expect(presentTotal(view, panes, { paneFrom, paneBelow }).measures['total']).toEqual([7]);
    }
  });
});

describe('late elements of Beam', () => {
  const at = (time: number, values: readonly (number | string)[]): Visit[] =>
    values.map((value) => ({ user: 'all', time, value: typeof value === 'number' ? value : 1 }));
  const added = (beam: BeamVector): Visit[] =>
    beam.script.flatMap((step) => (step[0] === 'add' ? at(step[2], step[1]) : []));

  it('beam-late-accumulating: what is accumulated there, and then what is dropped there', () => {
    const beam = vector<BeamVector>('beam-late-accumulating');
    const view = visitView(tumbling('5m'), '1m');
    const visits = added(beam);
    const inTime = visits.filter(({ value }) => !beam.dropped.includes(value));
    expect(answerOf(view, inTime).map(({ total }) => total)).toEqual([beam.final_sum]);
    const dropped = beam.dropped.reduce((sum, value) => sum + value, 0);
    expect(answerOf(view, visits).map(({ total }) => total)).toEqual([beam.final_sum + dropped]);
  });

  it('beam-first-element-late: the element that has no window there has one here', () => {
    const beam = vector<BeamVector>('beam-first-element-late');
    const rows = answerOf(visitView(tumbling('1s'), '1s'), added(beam));
    expect(rows.map(({ start, end, events }) => [start, end, events])).toEqual([
      [-1_000_000, -999_000, 1],
      [0, 1_000, 1],
    ]);
  });
});

it('every vector is compared', () => {
  expect([...tested].sort()).toEqual(all.map(({ id }) => id).sort());
});
