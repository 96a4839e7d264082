import { runHistory, upsertModel } from '@twofold/simulator';
import { describe, expect, test } from 'vitest';

describe('an operator', () => {
  test.each([1, 2])(
    'E26 E27: with seed %i emits what the oracle does, and answers as the rows that are left',
    async (seed) => {
      const { violation, coverage } = await runHistory(seed, { raised: true, model: upsertModel });
      expect(violation === null ? null : `${violation.invariant}: ${violation.message}`).toBeNull();
      expect(coverage.changesEmitted).toBeGreaterThan(0);
      expect(coverage.rowsCompared).toBeGreaterThan(0);
    },
    120_000,
  );
});
