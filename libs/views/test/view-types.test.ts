import { describe, expect, it } from 'vitest';
import { avg, count, distinct, max, min, sliding, stddev, sum, tumbling, view, when } from '@twofold/views';
import { readings } from './sensor-streams.ts';

/** A declaration that is right, to be spoiled in one place at a time. */
const right = {
  from: readings,
  version: 1,
  window: tumbling('1m'),
  levels: { '1s': '2d' },
} as const;

/** The compiler is the test: only some of these are refused at run time as well. */
function compiled(declare: () => unknown): void {
  try {
    declare();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
}

describe('a wrong definition does not compile', () => {
  it('sums no text, no condition and no time', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        measures: (e) => ({
          // @ts-expect-error a text has no sum
          a: sum(e.sensorId),
          // @ts-expect-error an enumeration is a text
          b: avg(e.state),
          // @ts-expect-error a boolean is no number
          c: sum(e.tested),
          // @ts-expect-error an instant has no sum
          d: stddev(e.at),
          // @ts-expect-error booleans have no order
          f: max(e.tested),
          // @ts-expect-error a sum needs an expression
          g: sum(),
          // @ts-expect-error counting a condition counts where it is known: say when(…, 1)
          h: count(e.tested),
          // @ts-expect-error a condition has two values: say when(…, 1)
          i: distinct(e.tested),
          // @ts-expect-error there is no such precision
          j: distinct(e.note, { precision: 12.5 }),
          // @ts-expect-error the precision is an option by name
          k: distinct(e.note, 12),
          // @ts-expect-error distinct of nothing
          l: distinct(),
          // @ts-expect-error a field of the event, not its name
          m: distinct('note'),
        }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('knows the fields of its stream', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        where: (e) => {
          // @ts-expect-error there is no such field
          void e.humidity;
          return e.temperature.isNotNull();
        },
        dimensions: (e) => {
          // @ts-expect-error there is no such field
          void e.temperatur;
          return {};
        },
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('compares like with like', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error a value outside the enumeration
        where: (e) => e.state.equals('of'),
        dimensions: (e) => {
          // @ts-expect-error a text has no product
          void e.note.times;
          // @ts-expect-error a condition has no sum
          void e.tested.plus;
          // @ts-expect-error event expressions divide in whole numbers: quotient
          void e.temperature.dividedBy;
          return {};
        },
        measures: (e) => ({ readings: count(e.sensorId) }),
        serve: [{ key: [] }],
      }),
    );
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: (e) => ({
          // @ts-expect-error a value outside the enumeration
          a: e.state.isOneOf(['on', 'broken']),
          // @ts-expect-error a number is no text
          b: e.sensorId.equals(5),
          // @ts-expect-error a text is no number
          c: e.temperature.greaterThan('20'),
          // @ts-expect-error a number and a text field
          d: e.temperature.equals(e.sensorId),
          // @ts-expect-error a date and an instant
          f: e.at.lessThan(e.installed),
          // @ts-expect-error a condition, not a number
          i: when(e.temperature, 1, 0),
          // @ts-expect-error both answers are of one kind
          j: when(e.tested, e.temperature, e.note),
        }),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('filters by a condition, not by a number', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error a number is no condition
        where: (e) => e.temperature,
        dimensions: () => ({}),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('serves by dimensions only', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: (e) => ({ sensor: e.sensorId }),
        measures: () => ({ readings: count() }),
        // @ts-expect-error 'readings' is a measure
        serve: [{ key: ['readings'] }],
      }),
    );
  });

  it('takes measures for measures', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        // @ts-expect-error a field is no measure
        measures: (e) => ({ temperature: e.temperature }),
        serve: [{ key: [] }],
      }),
    );
  });

  it('derives from declared measures that are numbers', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        dimensions: () => ({}),
        measures: (e) => ({ readings: count(), firstNote: min(e.note), latest: max(e.at) }),
        derived: (m) => {
          // @ts-expect-error no such measure
          void m.worst;
          // @ts-expect-error a text is no number
          void m.firstNote;
          // @ts-expect-error an instant is no number
          void m.latest;
          return {
            // @ts-expect-error a condition is no number
            c: m.readings.plus(m.readings.greaterThan(3)),
          };
        },
        serve: [{ key: [] }],
      }),
    );
  });

  it('writes durations with a unit', () => {
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error no unit
        window: sliding('60', { every: '1s' }),
        // @ts-expect-error no unit
        levels: { '1': '2d' },
        // @ts-expect-error not a length of time
        freshness: { warnAfter: 'soon', errorAfter: '30s' },
        dimensions: () => ({}),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
    // @ts-expect-error a sliding window says how often
    compiled(() => sliding('1m'));
    compiled(() =>
      view('wrong', {
        ...right,
        // @ts-expect-error a level is kept for a length of time, or for ever
        levels: { '1s': 'always' },
        dimensions: () => ({}),
        measures: () => ({ readings: count() }),
        serve: [{ key: [] }],
      }),
    );
  });
});
