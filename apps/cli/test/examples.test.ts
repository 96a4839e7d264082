import { systemClock } from '@twofold/service';
import { describe, expect, it } from 'vitest';
import { checkTruths } from '../src/check-truths.ts';
import { chooseData, loadExample, type Example, type ExampleData } from '../src/example-feed.ts';
import { loggerOf } from '../src/logger-of.ts';
import { openEngine } from '../src/open-engine.ts';
import { settings } from '../src/settings.ts';

function dataSet(name: string, isThere: boolean): ExampleData {
  return { name, about: '', isThere: () => isThere, history: () => [], truths: [], isLarge: false };
}

function exampleOf(...dataSets: readonly ExampleData[]): Example {
  return { folder: '', dataSets, live: null, queries: [] };
}

describe('an example', () => {
  it.each(['plant', 'flights', 'web-log'])('is found by its name: %s', async (name) => {
    const { dataSets, queries } = await loadExample(name);
    expect(queries.length).toBeGreaterThan(0);
    expect(dataSets.at(-1)?.isThere()).toBe(true);
  });

  it('that is not there names those that are', async () => {
    await expect(loadExample('zoo')).rejects.toThrow(/flights.*plant.*web-log/);
  });

  it('has the fullest data that are there, and names those that are not', () => {
    const [large, small] = [dataSet('large', false), dataSet('small', true)];
    expect(chooseData(exampleOf(large, small), false)).toEqual({ data: small, missing: [large] });
    expect(chooseData(exampleOf(dataSet('large', true), small), true)).toEqual({ data: small, missing: [] });
    expect(() => chooseData(exampleOf(large), false)).toThrow('no data here');
  });

  it('without anything known asks nothing', async () => {
    expect(await checkTruths('http://127.0.0.1:1/graphql', [])).toEqual([]);
  });
});

describe('the engine', () => {
  const open = (flags: Record<string, string>) => {
    const { values } = settings.read({ flags, environment: {}, file: {}, alsoKnown: [] });
    return openEngine(values, { clock: systemClock(), logger: loggerOf(values, 'test') });
  };

  it('is DuckDB or Spark, as the settings say; neither starts a process before its first job', async () => {
    for (const engine of ['duckdb', 'spark']) await open({ engine }).close();
    expect(open({}).constructor.name).toBe('DuckDbEngine');
    expect(open({ engine: 'spark' }).constructor.name).toBe('SparkEngine');
  });

  it('is refused where the folder that is named has no Spark, with what fetches one', () => {
    expect(() => open({ engine: 'spark', sparkHome: 'docs' })).toThrow(/docs.*services -- up spark/);
  });
});
