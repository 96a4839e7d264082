import type { ArchivedColumns } from '@twofold/archive';
import { createJsEngine } from '@twofold/batch-engine';
import {
  archivedColumnsOf,
  chunkHex,
  engineView,
  eventFiles,
  foldAll,
  sampleFiles,
  states,
  type EngineUnderTest,
  type EventFile,
  type FieldName,
  type SpecKind,
} from '@twofold/batch-engine/testing';
import {
  avg,
  count,
  distinct,
  max,
  min,
  quantile,
  stddev,
  sum,
  tumbling,
  variance,
  view,
  when,
  type View,
} from '@twofold/views';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/** A declared view with conditions, arithmetic on nulls, choices, sketches and texts of expressions. */
const declared = view('loads', {
  from: states,
  version: 1,
  where: (e) =>
    e.load
      .isNotNull()
      .or(e.state.isOneOf(['idle', 'down']))
      .or(e.machine.startsWith('a')),
  dimensions: (e) => ({ site: e.site, alarm: e.alarm, state: e.state }),
  window: tumbling('1m'),
  measures: (e) => ({
    events: count(),
    loaded: count(e.load),
    load: avg(e.load),
    doubled: sum(e.load.plus(e.load)),
    spread: variance(e.wide),
    deviation: stddev(e.load),
    lowest: min(e.whole),
    highest: max(e.load.minus(1)),
    firstMachine: min(e.machine),
    lastSite: max(e.site),
    machines: distinct(e.machine, { precision: 5 }),
    loads: distinct(e.load.plus(1), { precision: 4 }),
    sites: distinct(e.site),
    usualLoad: quantile(e.load, 0.5),
    highWhole: quantile(e.whole, 0.99, { error: 0.1 }),
  }),
  levels: { '1s': '2d', '1m': '30d' },
  serve: [{ key: ['site'] }],
});

const common = {
  from: states,
  version: 1,
  window: tumbling('1m'),
  measures: () => ({ events: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
} as const;

/** Operators as dimensions: their values in every row decide the groups. */
const arithmetic = view('arithmetic', {
  ...common,
  dimensions: (e) => ({
    plus: e.load.plus(0.125),
    minus: e.wide.minus(e.load),
    times: e.load.times(-1).times(e.wide.remainder(2)),
    quotient: e.wide.quotient(e.load.remainder(5)),
    byLiteral: e.load.quotient(-0.007),
    remainder: e.whole.remainder(e.wide),
    modulo: e.whole.modulo(e.wide.remainder(7)),
    byNegative: e.wide.modulo(-7),
    negated: e.whole.negated().abs(),
    orElse: e.load.orElse(-5),
    choice: when(e.alarm, e.load, e.load.negated()),
    across: e.load.remainder(9).lessThan(e.wide),
    among: e.wide.isOneOf([0, 1, -1, 2 ** 43]),
    compared: e.whole.greaterThan(e.wide),
  }),
});

const logic = view('logic', {
  ...common,
  dimensions: (e) => ({
    either: e.site.orElse(e.machine).orElse('?'),
    text: when(e.load.atMost(0), e.site, 'it\'s \\ \0 ${user} \u{10000} "`'),
    isNull: e.site.isNull(),
    equalText: e.machine.equals('\0').or(e.site.notEquals('')),
    lessText: e.machine.lessThan('\u{10000}'),
    textAtLeast: e.machine.atLeast(e.site),
    starts: e.machine.startsWith('a').or(e.machine.startsWith('\0')),
    ends: e.site.endsWith('é'),
    contains: e.machine.contains('%').or(e.machine.contains('\u{10000}')),
    day: e.day.atLeast('1970-01-01'),
    at: e.at.lessThan('1970-01-01T00:00:00.001Z'),
    both: e.alarm.and(e.load.greaterThan(0), e.site.isNotNull()).not(),
    any: e.alarm.or(e.load.lessThan(3).and(e.site.lessThan('b'))),
    state: e.state.isOneOf(['busy', 'down']),
  }),
});

const names: readonly FieldName[] = ['machine', 'site', 'load', 'whole', 'wide', 'day', 'alarm', 'state'];
const numbers: readonly FieldName[] = ['load', 'whole', 'wide'];

const allMeasures: (readonly [SpecKind, FieldName | null])[] = [
  ['count', null],
  ...names.map((name) => ['count', name] as const),
  ...numbers.flatMap((name) => [['sum', name] as const, ['avg', name] as const]),
  ['variance', 'wide'],
  ...names.flatMap((name) => [['min', name] as const, ['max', name] as const]),
  ['distinct', 'site'],
  ['distinct', 'whole'],
  ['quantile', 'load'],
];

/** Some of the measures that there are. */
const measures = fc.subarray(allMeasures, { minLength: 1, maxLength: 5 });

const randomView: fc.Arbitrary<View> = fc
  .tuple(fc.subarray([...names], { maxLength: 3 }), measures)
  .map(([dimensions, some]) => engineView({ dimensions, measures: some }));

const seed = 20_261_121;

/** What Spark folds is what the speed layer's own fold makes of the same rows, byte for byte (E14). */
export function parityCases(make: () => EngineUnderTest): void {
  it.each([declared, arithmetic, logic].map((of): [string, View] => [of.name, of]))(
    'gives the same bytes as the JS engine for random events of view %s, whole and slice by slice',
    async (_, of) => {
      const property = fc.asyncProperty(eventFiles(of, 200), fc.constantFrom(60_000, 3_600_000), (files, widthMs) =>
        expectParity(make(), of, files, widthMs),
      );
      await fc.assert(property, { numRuns: 4, seed });
    },
  );

  it('gives the same bytes as the JS engine for random views', async () => {
    const files = fc.integer({ min: 1, max: 1_000 });
    const property = fc.asyncProperty(randomView, files, (of, events) =>
      expectParity(make(), of, sampleFiles(of, events), 60_000),
    );
    await fc.assert(property, { numRuns: 12, seed });
  });
}

async function expectParity(
  made: EngineUnderTest,
  of: View,
  files: readonly EventFile[],
  widthMs: number,
): Promise<void> {
  const sources = await made.makeSource(states, files);
  const stored = new Map<string, ArchivedColumns>();
  for (const [index, file] of files.entries()) stored.set(sources[index]?.path ?? '', archivedColumnsOf(states, file));
  const js = createJsEngine(({ path }) => Promise.resolve(stored.get(path) ?? expect.fail(`no file ${path}`)));
  const job = { view: of, widthMs, files: sources, panes: null };
  const hex = async (engine: typeof js, sliceSize: number | null): Promise<string> =>
    chunkHex(of, widthMs, await foldAll(engine, { ...job, sliceSize }));
  const expected = await hex(js, null);
  expect(await hex(made.engine, null)).toBe(expected);
  expect(await hex(made.engine, 16)).toBe(expected);
  await made.dispose();
}
