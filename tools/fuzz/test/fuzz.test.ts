import { ENGINES, runCases, type OpenEngine } from '@twofold/fuzz';
import { expect, it } from 'vitest';

const duckdb = ENGINES['duckdb'];

async function run(cases: number, seed: number, engines: Readonly<Record<string, OpenEngine>>) {
  const lines: string[] = [];
  const failed = await runCases({ cases, seed, from: 0, atOnce: 2, engines, print: (line) => void lines.push(line) });
  return { failed, lines };
}

/** DuckDB, but for one event too many wherever there are more than a few. */
const miscounting: OpenEngine = async (folder) => {
  const engine = await duckdb?.(folder);
  if (engine === undefined) return expect.fail('no engine');
  return {
    survey: (job, signal) => engine.survey(job, signal),
    close: () => engine.close(),
    async *fold(job, signal) {
      for await (const block of engine.fold(job, signal)) {
        const [rows, ...others] = block.components;
        if (rows?.kind !== 'count') return expect.fail('no number of events');
        const values = rows.values.map((count) => (count > 2 ? count + 1 : count));
        yield { ...block, components: [{ ...rows, values }, ...others] };
      }
    },
  };
};

it('random views over random streams give the same bytes by the fold, DuckDB and the oracle', async () => {
  expect(await run(40, 7, duckdb === undefined ? {} : { duckdb })).toMatchObject({
    failed: 0,
    lines: [expect.any(String), '40 passed, 0 failed'],
  });
});

it('an engine that miscounts is found, by a log that is as small as it can be', async () => {
  const { failed, lines } = await run(30, 3, { miscounting });
  expect(failed).toBeGreaterThan(0);
  expect(lines[0]).toMatch(/^case \d+ of seed 3: key .*\n {2}the oracle.*: rows \d+.*\n {2}miscounting.*: rows \d+/);
  expect(lines.find((line) => line.startsWith('  of '))).toMatch(/^ {2}of [34] records:$/);
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}again: npm run fuzz -- --seed 3 --from \d+ --cases 1$/));
}, 120_000);

it('the same seed is the same run', async () => {
  const [first, again] = [await run(5, 11, {}), await run(5, 11, {})];
  expect(first).toEqual(again);
  expect((await run(5, 12, {})).lines).not.toEqual(first.lines);
});
