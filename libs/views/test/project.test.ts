import { describe, expect, expectTypeOf, it } from 'vitest';
import { decimal, instant, stream, text } from '@twofold/schemas';
import { alarm, count, project, tumbling, view, ViewError, type Alarm, type View } from '../src/index.ts';

const fields = { machine: text(), at: instant('ms'), speed: decimal(1).between(0, 900).optional() };
const ticks = stream('ticks', { fields, id: ['machine', 'at'], eventTime: 'at' });
const others = stream('others', { fields, id: ['machine', 'at'], eventTime: 'at' });

const tickView = (name: string): View =>
  view(name, {
    from: ticks,
    version: 1,
    dimensions: (e) => ({ machine: e.machine }),
    window: tumbling('1m'),
    measures: () => ({ events: count() }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['machine'] }],
  });
const tooFast = alarm('tooFast', { from: ticks, when: (e) => e.speed.greaterThan(700), key: 'machine' });

function problemsOf(declare: () => unknown): readonly string[] {
  try {
    declare();
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    expect(error.message).toMatch(/is declared wrongly/);
    return (error.facts.problems as { path: string; code: string }[]).map(({ path, code }) => `${path} ${code}`);
  }
  return [];
}

describe('an alarm', () => {
  it('is a tree of values with literals in column units, a warning unless told', () => {
    expect(tooFast).toMatchObject({ name: 'tooFast', key: 'machine', severity: 'warning', description: null });
    expect(tooFast.when).toMatchObject({ op: 'gt', left: { op: 'field', field: 'speed' }, right: { value: 7000 } });
    expect(Object.isFrozen(tooFast)).toBe(true);
    expectTypeOf(tooFast).toEqualTypeOf<Alarm>();
  });

  it('names every fault at once', () => {
    expect(
      problemsOf(() =>
        alarm('Too fast', {
          from: ticks,
          when: (e) => e.speed.greaterThan(0.25),
          // @ts-expect-error no field of the stream
          key: 'engine',
          // @ts-expect-error no severity
          severity: 'loud',
        }),
      ),
    ).toEqual(['name NAME_INVALID', 'key NOT_DECLARED', 'severity SEVERITY_INVALID', 'when LITERAL_INEXACT']);
  });

  it('refuses a field that the stream does not have', () => {
    expect(
      problemsOf(() =>
        alarm('tooFast', {
          from: ticks,
          // A declaration that no compiler saw may name anything.
          when: (e) =>
            (e as unknown as Readonly<Record<string, typeof e.speed>>).noise?.greaterThan(3) ?? e.speed.isNull(),
          key: 'machine',
        }),
      ),
    ).toEqual(['when NOT_DECLARED']);
  });
});

describe('a project', () => {
  it('keeps streams, views and alarms as they were named', () => {
    const plant = project('plant', { streams: [ticks, others], views: [tickView('a')], alarms: [tooFast] });
    expect(plant.streams.map(({ name }) => name)).toEqual(['ticks', 'others']);
    expect(plant.alarms).toEqual([tooFast]);
    expect(project('plant-2', { streams: [ticks], views: [] }).alarms).toEqual([]);
  });

  it('names every fault at once: id, names given twice, streams it does not have', () => {
    expect(
      problemsOf(() =>
        project('Plant', {
          streams: [others],
          views: [tickView('perMachine'), tickView('permachine')],
          alarms: [tooFast],
        }),
      ),
    ).toEqual([
      'id NAME_INVALID',
      'views[1] NAME_CLASHES',
      'views[0] NOT_DECLARED',
      'views[1] NOT_DECLARED',
      'alarms[0] NOT_DECLARED',
    ]);
    expect(problemsOf(() => project('plant', { streams: [], views: [] }))).toEqual(['streams NOT_DECLARED']);
  });

  it('refuses a view of another declaration of its stream', () => {
    const newer = stream('ticks', { fields, id: ['machine', 'at'], eventTime: 'at', version: 2 });
    expect(problemsOf(() => project('plant', { streams: [newer], views: [tickView('a')] }))).toEqual([
      'views[0] NOT_DECLARED',
    ]);
  });
});
