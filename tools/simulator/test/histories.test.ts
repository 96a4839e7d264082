import { globSync, readFileSync } from 'node:fs';
import { patchesOf, PLANTED_BUGS, randomProject, runHistory, versionsModel } from '@twofold/simulator';
import { describe, expect, test } from 'vitest';

describe('a history', () => {
  test('is the same, step by step, whenever its seed is run', async () => {
    const traceOf = async (): Promise<{ lines: string[]; hash: number }> => {
      const lines: string[] = [];
      const { hash } = await runHistory(7, { raised: true, trace: (line) => lines.push(line) });
      return { lines, hash };
    };
    const [first, second] = [await traceOf(), await traceOf()];
    expect(first.lines.length).toBeGreaterThan(1_000);
    expect(second.hash).toBe(first.hash);
    expect(second.lines).toEqual(first.lines);
  });

  test.each([1, 2, 3])(
    'X1 X2 X3 X4 X8 X9: with seed %i breaks no invariant, at plain and at raised fault rates',
    async (seed) => {
      for (const raised of [false, true]) {
        const { violation, coverage } = await runHistory(seed, { raised });
        expect(violation === null ? null : `${violation.invariant}: ${violation.message}`).toBeNull();
        expect(coverage.readsChecked).toBeGreaterThan(0);
      }
    },
  );
});

test.each([2, 5])(
  'E9: with seed %i streams get a second version under way, and each version answers as the oracle reads the log by it',
  async (seed) => {
    const shown = { promotions: 0, files: 0 };
    for (const raised of [false, true]) {
      const { violation, coverage } = await runHistory(seed, { raised, model: versionsModel });
      expect(violation === null ? null : `${violation.invariant}: ${violation.message}`).toBeNull();
      shown.promotions += coverage.versionPromotions;
      shown.files += coverage.filesDerived;
    }
    // A store that is lost may have been registered anew with the new version only.
    expect([shown.promotions > 0, shown.files > 0]).toEqual([true, true]);
  },
  120_000,
);

test('X1: a random project with crashes, three promotions and two view versions answers as the oracle does', async () => {
  const model = randomProject(1);
  const { violation, coverage } = await runHistory(1, { raised: false, model });
  expect(violation === null ? null : `${violation.invariant}: ${violation.message}`).toBeNull();
  expect(coverage.promotions).toBeGreaterThanOrEqual(3);
  expect(coverage.versionPromotions).toBeGreaterThanOrEqual(1);
  expect(coverage.cutsInsideSlice).toBeGreaterThanOrEqual(1);
  expect(coverage.kills).toBeGreaterThanOrEqual(1);
  expect(coverage.rowsCompared).toBeGreaterThan(0);
}, 120_000);

test('every planted bug has its place exactly once in the sources', () => {
  const sources = globSync('../../../{libs,apps}/*/src/**/*.ts', { cwd: import.meta.dirname });
  const lost = PLANTED_BUGS.filter((bug) =>
    patchesOf(bug).some(({ file, find }) => {
      const path = sources.find((each) => each.endsWith(`/${file}`));
      const source = path === undefined ? '' : readFileSync(new URL(path, import.meta.url), 'utf8');
      return source.split(find).length !== 2;
    }),
  );
  expect(lost.map(({ name }) => name)).toEqual([]);
  expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(25);
});
