import {
  ask,
  dueSlot,
  hold,
  isSettled,
  keep,
  latestSlot,
  LeaseWatch,
  newJob,
  nextSlot,
  parseCron,
  pieceOf,
  plainSchedule,
  release,
  schedule,
  settle,
  takeOver,
  type AskedBackfill,
  type JobRow,
  type RunRecord,
  type Schedule,
  type SlotRange,
} from '@twofold/schedules';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 0, 1);
const table = parseCron('*/5 * * * *');
const SLOT_MS = 5 * MINUTE_MS;

function timetable(of: Partial<Schedule> = {}) {
  return { schedule: { ...plainSchedule('*/5 * * * *'), ...of }, table };
}

function runOf(row: JobRow, slot: number | null, of: Partial<RunRecord> = {}): RunRecord {
  return {
    ...{ id: `run ${row.fence + 1}`, job: row.job, subjects: [], slot, trigger: 'SCHEDULE', state: 'RUNNING' },
    ...{ startedAt: slot ?? START, endedAt: null, release: null, error: null, facts: {}, attempt: 1 },
    fence: row.fence + 1,
    ...of,
  };
}

function present(row: JobRow | null): JobRow {
  if (row === null) throw new RangeError('nothing was changed');
  return row;
}

const looking = (now: number) => ({ now, upSince: START - 10 * MINUTE_MS });

test('settled ranges hold just what was settled, in order and apart', () => {
  const step = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 4 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let ranges: readonly SlotRange[] = [];
      const settled = new Set<number>();
      for (const [at, more] of steps) {
        ranges = settle(ranges, START + at * SLOT_MS, START + (at + more) * SLOT_MS, table);
        for (let i = at; i <= at + more; i++) settled.add(i);
      }
      for (let i = -2; i < 70; i++) expect(isSettled(ranges, START + i * SLOT_MS)).toBe(settled.has(i));
      for (const [i, range] of ranges.entries())
        expect((nextSlot(table, ranges[i - 1]?.to ?? 0) ?? 0) < range.from).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('gaps are remembered up to a bound; then the oldest is closed', () => {
  let ranges: readonly SlotRange[] = [];
  for (let i = 0; i < 200; i += 2) ranges = settle(ranges, START + i * SLOT_MS, START + i * SLOT_MS, table);
  expect(ranges).toHaveLength(50);
  expect([1, 99, 101, 197].map((i) => isSettled(ranges, START + i * SLOT_MS))).toEqual([true, true, false, false]);
});

test('a clock that ran ahead and is put back leaves no slot without a run, and runs none twice', () => {
  const clocks = fc.array(fc.integer({ min: -20, max: 40 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(clocks, fc.constantFrom('all' as const, 'latest' as const), (jumps, missed) => {
      const of = timetable({ missed, missedAtMost: 1_000 });
      let row = newJob('j', 'i', of, START);
      const ran: number[] = [];
      const run = (now: number): boolean => {
        const due = dueSlot(row, of, looking(now));
        if (due === null) return false;
        ran.push(due.slot);
        const held = runOf(row, due.slot);
        row = present(hold(row, held, null, table));
        row = present(release(row, { ...held, state: 'SUCCEEDED', endedAt: now }, of, now));
        return true;
      };
      jumps.forEach((jump, i) => {
        for (const slots of [i + jump, i]) while (run(START + slots * SLOT_MS + 1_000));
      });
      expect(new Set(ran).size).toBe(ran.length);
      const last = START + (jumps.length - 1) * SLOT_MS;
      expect(ran).toContain(last);
      if (missed === 'all') for (let slot = START; slot <= last; slot += SLOT_MS) expect(ran).toContain(slot);
    }),
    { numRuns: 60 },
  );
});

describe('a job', () => {
  test('is held by one run; a sign of life, an end and a take-over of another fence change nothing', () => {
    const of = timetable();
    const free = newJob('j', 'i', of, START);
    const run = runOf(free, START);
    const held = present(hold(free, run, null, table));
    expect(hold(held, runOf(held, START), null, table)).toBeNull();
    expect(hold(free, { ...run, fence: 7 }, null, table)).toBeNull();
    expect(dueSlot(held, of, looking(START + SLOT_MS))).toBeNull();
    const closed = present(takeOver(held, START + MINUTE_MS, of));
    expect(closed.last).toMatchObject({ id: run.id, state: 'ABANDONED' });
    expect([keep(closed, run), release(closed, run, of, START), takeOver(closed, START, of)]).toEqual([
      null,
      null,
      null,
    ]);
    const next = present(hold(closed, runOf(closed, START, { attempt: 2 }), null, table));
    expect([keep(next, run), release(next, run, of, START)]).toEqual([null, null]);
    expect(next.clean).toBe(false);
  });

  test('tries a slot as often as its schedule says; crashes count, being asked to end does not', () => {
    const of = timetable({ attempts: 2 });
    const start = newJob('j', 'i', of, START);
    const attempt = (row: JobRow, state: RunRecord['state'] | 'CRASH'): JobRow => {
      const due = dueSlot(row, of, looking(START));
      if (due === null) throw new RangeError('no slot is due');
      const run = runOf(row, due.slot, { attempt: due.attempt });
      const held = present(hold(row, run, null, table));
      return present(state === 'CRASH' ? takeOver(held, START, of) : release(held, { ...run, state }, of, START));
    };
    const due = (row: JobRow): number | null => dueSlot(row, of, looking(START))?.attempt ?? null;
    expect(due(attempt(start, 'ABANDONED'))).toBe(1);
    expect(due(attempt(start, 'CRASH'))).toBe(2);
    expect(due(attempt(attempt(start, 'FAILED'), 'CRASH'))).toBeNull();
    expect(due(attempt(start, 'REFUSED'))).toBeNull();
    expect(due(attempt(attempt(attempt(start, 'WAITING'), 'WAITING'), 'FAILED'))).toBe(2);
  });

  test('has a lease that ends only when its watcher has seen no sign of life for that long', () => {
    const watch = new LeaseWatch(1_000);
    const of = timetable();
    const free = newJob('j', 'i', of, START);
    const run = runOf(free, START);
    const held = present(hold(free, run, null, table));
    const alive = present(keep(held, run));
    expect([watch.isOver(free, 0), watch.isOver(held, 5_000), watch.isOver(held, 5_999)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([watch.isOver(alive, 6_500), watch.isOver(alive, 7_400), watch.isOver(alive, 7_500)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('asked twice for the same is asked once', () => {
    const row = newJob('j', 'i', timetable(), START);
    const asked: AskedBackfill = {
      ...{ kind: 'BACKFILL', id: 'a', at: 0, by: 'ann', failures: 0, views: ['v', 'w'], from: 0, to: 9, next: 9 },
      ...{ pieceMs: 4, restMs: 0, pieces: 0 },
    };
    const once = ask(row, asked);
    if (!once.ok) throw new RangeError(once.message);
    expect(ask(once.row, { ...asked, id: 'b', views: ['w', 'v'] })).toMatchObject({ ok: false, code: 'ALREADY_ASKED' });
    expect([pieceOf(asked), pieceOf({ ...asked, next: 8 }), pieceOf({ ...asked, from: 5, next: 8 })]).toEqual([
      { from: 8, to: 9 },
      { from: 4, to: 8 },
      { from: 5, to: 8 },
    ]);
  });
});

describe('a schedule', () => {
  test('is declared with usual policies, in UTC', () => {
    expect(schedule('nightly', { cron: '@daily', ready: { rejectedShare: 0.05, within: '1h' } })).toEqual({
      ...{ name: 'nightly', cron: '@daily', overlap: 'queue', missed: 'latest', missedAtMost: 24, attempts: 3 },
      ready: { rejectedShare: 0.05, withinMs: 3_600_000 },
    });
    expect(latestSlot(parseCron('@daily'), START + 7 * MINUTE_MS)).toBe(START);
  });

  test.each([
    ['Nightly', { cron: '@daily' }, 'SCHEDULE_INVALID'],
    ['nightly', { cron: 'TZ=Europe/Vienna 0 2 * * *' }, 'CRON_ZONED'],
    ['nightly', { cron: '0 0 30 2 *' }, 'CRON_INVALID'],
    ['nightly', { cron: '@daily', missedAtMost: 0 }, 'SCHEDULE_INVALID'],
    ['nightly', { cron: '@daily', attempts: 1.5 }, 'SCHEDULE_INVALID'],
    ['nightly', { cron: '@daily', ready: { rejectedShare: 2 } }, 'SCHEDULE_INVALID'],
  ] as const)('%s %o is refused with %s', (name, declaration, code) => {
    expect(() => schedule(name, declaration)).toThrow(expect.objectContaining({ code }));
  });
});
