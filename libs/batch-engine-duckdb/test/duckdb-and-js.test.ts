import type { ArchivedColumns } from '@twofold/archive';
import { createJsEngine } from '@twofold/batch-engine';
import { archivedColumnsOf, chunkHex, engineView, eventFiles, foldAll, states } from '@twofold/batch-engine/testing';
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
  type View,
} from '@twofold/views';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeTestEngine, type TestEngine } from './test-engine.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A declared view with conditions, arithmetic on nulls, choices and texts of expressions. */
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
    wide: quantile(e.whole, 0.99, { error: 0.002 }),
  }),
  levels: { '1s': '2d', '1m': '30d' },
  serve: [{ key: ['site'] }],
});

const views: readonly View[] = [declared, engineView({ dimensions: ['machine', 'whole', 'day'] })];

describe('DuckDB and the JS engine', () => {
  let made: TestEngine;
  beforeAll(() => {
    made = makeTestEngine({ threads: 2 });
  });
  afterAll(async () => {
    await made.dispose();
  });

  it.each(views.map((of): [string, View] => [of.name, of]))(
    'give the same bytes for random events of view %s, whole and slice by slice',
    async (_, of) => {
      const property = fc.asyncProperty(
        eventFiles(of, 200),
        fc.constantFrom(1_000, 60_000),
        fc.constantFrom(null, { from: -60_000, to: 1_700_000_060_000 }),
        async (files, widthMs, panes) => {
          const sources = await made.makeSource(states, files);
          const stored = new Map<string, ArchivedColumns>();
          for (const [index, file] of files.entries())
            stored.set(sources[index]?.path ?? '', archivedColumnsOf(states, file));
          const js = createJsEngine(({ path }) => Promise.resolve(stored.get(path) ?? expect.fail(`no file ${path}`)));
          const job = { view: of, widthMs, files: sources, panes };
          const hex = async (engine: typeof js, sliceSize: number | null): Promise<string> =>
            chunkHex(of, widthMs, await foldAll(engine, { ...job, sliceSize }));
          const expected = await hex(js, null);
          expect(await hex(made.engine, null)).toBe(expected);
          expect(await hex(made.engine, 16)).toBe(expected);
          const survey = { view: of, files: sources, bucketMs: 60_000 };
          expect(await made.engine.survey(survey)).toEqual(await js.survey(survey));
        },
      );
      await fc.assert(property, { numRuns: 25 });
    },
  );
});
