import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calendar,
  calendarGrains,
  calendarOf,
  similarZones,
  ViewError,
  zoneNamed,
  zoneNames,
  zoneTableVersion,
  type Calendar,
  type CalendarGrain,
} from '../src/index.ts';
import { folded, rowOf, rowsOf, summed, visitView, type Visit, type VisitRow } from './window-views.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;

function of(grain: CalendarGrain, zone: string): Calendar {
  return calendarOf(grain, zone) ?? expect.fail(`there is no zone ${zone}`);
}

/** Length of the window that an instant is in, in hours. */
function hoursOf(grain: CalendarGrain, zone: string, at: string): number {
  const windows = of(grain, zone);
  return (windows.endOf(Date.parse(at)) - windows.startOf(Date.parse(at))) / hourMs;
}

describe('calendars', () => {
  it.each([
    ['Europe/Berlin', '2015-03-29T12:00Z', 23],
    ['Europe/Berlin', '2015-10-25T12:00Z', 25],
    ['Europe/Berlin', '2015-07-01T00:00Z', 24],
    ['America/New_York', '2024-03-10T12:00Z', 23],
    ['America/New_York', '2024-11-03T12:00Z', 25],
    ['Australia/Lord_Howe', '2024-04-06T14:00Z', 24.5],
    ['Australia/Lord_Howe', '2024-10-05T20:00Z', 23.5],
    // Clocks go forward over midnight: the day begins at one o'clock.
    ['America/Sao_Paulo', '2018-11-04T12:00Z', 23],
    ['America/Sao_Paulo', '2018-02-17T12:00Z', 25],
    ['Asia/Kathmandu', '2024-01-01T00:00Z', 24],
  ])('a day in %s at %s has %d hours', (zone, at, hours) => {
    expect(hoursOf('day', zone, at)).toBe(hours);
  });

  it('leave out a day that a zone left out: there was no 30 December 2011 in Samoa', () => {
    const days = of('day', 'Pacific/Apia');
    const start = days.startOf(Date.parse('2011-12-29T20:00-10:00'));
    expect(new Date(start).toISOString()).toBe('2011-12-29T10:00:00.000Z');
    expect(new Date(days.endOf(start)).toISOString()).toBe('2011-12-30T10:00:00.000Z');
    expect(days.endOf(days.endOf(start)) - days.endOf(start)).toBe(dayMs);
  });

  it('count the hour twice that clocks show twice, and no hour that they leave out', () => {
    const hours = of('hour', 'Europe/Berlin');
    const edges = (from: string, to: string): number => {
      let count = 0;
      for (let at = Date.parse(from); at < Date.parse(to); at = hours.endOf(at)) count++;
      return count;
    };
    expect(edges('2015-03-28T23:00Z', '2015-03-29T22:00Z')).toBe(23);
    expect(edges('2015-10-24T22:00Z', '2015-10-25T23:00Z')).toBe(25);
    expect(hoursOf('hour', 'Asia/Kolkata', '2024-01-01T00:00Z')).toBe(1);
    expect(new Date(of('hour', 'Asia/Kolkata').startOf(Date.parse('2024-01-01T00:00Z'))).toISOString()).toBe(
      '2023-12-31T23:30:00.000Z',
    );
  });

  it('have weeks from Monday, and months, quarters and years by their first midnight', () => {
    const start = (grain: CalendarGrain): string =>
      new Date(of(grain, 'Europe/Berlin').startOf(Date.parse('2015-09-12T10:00Z'))).toISOString();
    expect(start('week')).toBe('2015-09-06T22:00:00.000Z');
    expect(start('month')).toBe('2015-08-31T22:00:00.000Z');
    expect(start('quarter')).toBe('2015-06-30T22:00:00.000Z');
    expect(start('year')).toBe('2014-12-31T23:00:00.000Z');
  });

  it('follow one another without a gap in every zone, whatever window is asked for first', () => {
    const instants = fc.integer({ min: Date.UTC(1965, 0, 1), max: Date.UTC(2060, 0, 1) });
    fc.assert(
      fc.property(fc.constantFrom(...zoneNames), fc.constantFrom(...calendarGrains), instants, (zone, grain, at) => {
        const windows = of(grain, zone);
        const [start, end] = [windows.startOf(at), windows.endOf(at)];
        expect(start <= at && at < end).toBe(true);
        expect(windows.startOf(start)).toBe(start);
        expect(windows.startOf(end)).toBe(end);
        expect(windows.endOf(start - 1)).toBe(start);
        expect(Math.abs(start % windows.widestPaneMs) + Math.abs(end % windows.widestPaneMs)).toBe(0);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are those of the runtime, where it has the same tables: local dates at 20,000 instants of all zones', ({
    skip,
  }) => {
    const version = process.versions.tz;
    if (version !== zoneTableVersion)
      skip(`this runtime has the time-zone database ${version}, the tables are of ${zoneTableVersion}`);
    let seed = 1;
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
    for (const zone of zoneNames) {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
      for (let i = 0; i < 34; i++) {
        const at = (next() % (80 * 365)) * dayMs + (next() % dayMs);
        const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
          /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(at)) ?? [];
        const offset = (sign === '-' ? -1000 : 1000) * (+hours * 3600 + +minutes * 60 + +seconds);
        expect([zone, at, zoneNamed(zone)?.offsetAt(at)]).toEqual([zone, at, offset + 0]);
      }
    }
  });

  it('name what may have been meant by a zone that there is not', () => {
    expect(zoneNamed('Europe/Berln')).toBeNull();
    expect(similarZones('Europe/Berln')).toContain('Europe/Berlin');
    expect(similarZones('berlin')[0]).toBe('Europe/Berlin');
    expect(similarZones('New York')[0]).toBe('America/New_York');
  });
});

describe('a view of calendar windows', () => {
  const times = fc.integer({ min: Date.UTC(2015, 2, 25), max: Date.UTC(2015, 3, 5) });
  const visits: fc.Arbitrary<Visit[]> = fc.array(
    fc.record({ user: fc.constantFrom('a', 'b'), time: times, value: fc.integer({ min: -9, max: 9 }) }),
    { maxLength: 40 },
  );

  it.each(['hour', 'day', 'week', 'month', 'quarter', 'year'] as const)(
    'sums panes to every %s, those with an event and that end in the range, at every cut',
    (grain) => {
      const view = visitView(calendar(grain, { zone: 'Europe/Berlin' }), '1h');
      const windows = of(grain, 'Europe/Berlin');
      const [least, most] = [Date.UTC(2015, 0, 1), Date.UTC(2016, 1, 1)];
      fc.assert(
        fc.property(
          visits,
          fc.nat(40),
          fc.integer({ min: least, max: most }),
          fc.nat(most - least),
          (list, cut, from, length) => {
            const to = from + length;
            const panes = summed(view, [...folded(view, list.slice(0, cut)), ...folded(view, list.slice(cut))]);
            const expected: VisitRow[] = [];
            for (const user of ['a', 'b']) {
              const own = list.filter((one) => one.user === user);
              for (const start of [...new Set(own.map(({ time }) => windows.startOf(time)))].sort((a, b) => a - b)) {
                const held = own.filter(({ time }) => windows.startOf(time) === start);
                const end = windows.endOf(start);
                if (end > from && end <= to) expected.push(rowOf(start, end, held));
              }
            }
            expect(rowsOf(view, panes, { from, to })).toEqual(expected);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  const declared =
    (zone: string, width: '1h' | '30m' | '15m' | '1d', grain: CalendarGrain = 'day') =>
    (): unknown =>
      visitView(calendar(grain, { zone }), width);

  it('is refused in a zone that does not exist, with what may have been meant', () => {
    expect(declared('Europe/Berln', '1h')).toThrow(/no time zone 'Europe\/Berln'.*Did you mean 'Europe\/Berlin'/);
    expect(declared('Mars/Olympus', '1h')).toThrow(/no time zone 'Mars\/Olympus'.*Write an IANA name/);
    expect(declared('europe/berlin', '1h')).toThrow(ViewError);
  });

  it('is refused over panes that do not meet its edges, with the width that does', () => {
    expect(declared('Asia/Kathmandu', '1h')).toThrow(
      /panes of 1h do not meet the edges of every day in Asia\/Kathmandu.*'15m' do/,
    );
    expect(declared('Asia/Kathmandu', '15m')).not.toThrow();
    expect(declared('Asia/Kolkata', '1h')).toThrow(/'30m' do/);
    expect(declared('Asia/Kolkata', '30m', 'month')).not.toThrow();
    expect(declared('Europe/Berlin', '1d')).toThrow(/'1h' do/);
    expect(declared('UTC', '1d', 'year')).not.toThrow();
  });

  it('has the offsets of its zone in its fingerprint, and not those of others', () => {
    const of = (zone: string): string => visitView(calendar('day', { zone }), '1h').fingerprint;
    expect(of('Europe/Berlin')).not.toBe(of('Europe/Paris'));
    expect(of('Europe/Berlin')).toBe(of('Europe/Berlin'));
    expect(visitView(calendar('day', { zone: 'Europe/Berlin' }), '1h').window).toMatchObject({
      offsets: zoneNamed('Europe/Berlin')?.digest,
    });
  });
});
