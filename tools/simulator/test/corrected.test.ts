import { applyCorrections, classify, type OracleCorrection } from '@twofold/oracle';
import { instant, int, stream, text } from '@twofold/schemas';
import { describe, expect, test } from 'vitest';
import { noCoverage } from '../src/coverage.ts';
import { runHistory } from '../src/index.ts';

const SEEDS = 8;

describe('histories with corrections', () => {
  test('E19, E20: answers are those of the log with the release’s corrections, and each difference is its correction’s alone', async () => {
    const sum = noCoverage();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation, coverage } = await runHistory(seed, { raised: seed % 3 === 0 });
      expect(`seed ${seed}: ${violation?.message ?? 'kept'}`).toBe(`seed ${seed}: kept`);
      for (const name of ['correctionsPromoted', 'correctionRowsCompared'] as const) sum[name] += coverage[name];
    }
    expect(sum.correctionsPromoted).toBeGreaterThan(0);
    expect(sum.correctionRowsCompared).toBeGreaterThan(0);
  }, 180_000);
});

const readings = stream('readings', {
  fields: { sensor: text(), at: instant('ms'), value: int() },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
});

const encode = (sensor: string, at: number, value: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ sensor, at, value }));

function correction(number: number, more: Partial<OracleCorrection>): OracleCorrection {
  return { id: `c${number}`, reverts: null, drops: [], source: 2 ** 30 + number, rows: [], rowTime: 0, ...more };
}

describe('the oracle of corrections', () => {
  const log = classify(
    readings,
    [encode('a', 1, 10), encode('a', 1, 11), encode('b', 2, 20)].map((value, offset) => ({
      ...{ partition: 0, offset, key: null, value, logTime: 100 },
    })),
    [0],
  );
  const classes = (list: readonly OracleCorrection[]): string[] =>
    applyCorrections(readings, log, list).map((record) => `${record.partition}:${record.offset} ${record.class}`);

  test('drops what is dropped, adds rows at places of their own, and leaves classes as they are', () => {
    expect(classes([])).toEqual(['0:0 applied', '0:1 duplicate', '0:2 applied']);
    const drop = correction(0, { drops: [{ source: 0, offset: 0 }] });
    expect(classes([drop])).toEqual(['0:1 duplicate', '0:2 applied']);
    const add = correction(1, { rows: [encode('c', 3, 1), encode('c', 4, 2)] });
    const some = correction(2, { drops: [{ source: 2 ** 30 + 1, offset: 0 }] });
    expect(classes([drop, add, some])).toEqual(['0:1 duplicate', '0:2 applied', `${2 ** 30 + 1}:1 applied`]);
  });

  test('takes back what is taken back, and that again', () => {
    const drop = correction(0, { drops: [{ source: 0, offset: 0 }] });
    const back = correction(1, { reverts: 'c0' });
    const again = correction(2, { reverts: 'c1' });
    expect(classes([drop, back])).toEqual(classes([]));
    expect(classes([drop, back, again])).toEqual(classes([drop]));
  });
});
