import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { classify, oracleAnswer, type ClassifiedRecord, type OracleRow } from '@twofold/oracle';
import { coolerByCycle, rigCycles, rigEndMs, rigMessages, rigMinute, rigReadings, rigStartMs } from '@twofold/plant';

interface Minute {
  readonly sensor: string;
  readonly windowStart: number;
  readonly readings: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

interface Facts {
  readonly cycles: number;
  readonly readingsPerSensor: number;
  readonly cyclesByCooler: Readonly<Record<string, number>>;
  readonly sensors: Readonly<
    Record<
      string,
      {
        readonly mean: number;
        readonly min: number;
        readonly max: number;
        readonly firstCycleMean: number;
        readonly meanByCooler: Readonly<Record<string, number>>;
      }
    >
  >;
}

const facts = JSON.parse(readFileSync(new URL('../facts.json', import.meta.url), 'utf8')) as Facts;
const sensors = Object.keys(facts.sensors);
let log: ClassifiedRecord[] = [];
let rows: OracleRow[] = [];

beforeAll(() => {
  const next = [0, 0];
  const records = [...rigMessages()].map(({ key, value, timeMs }) => {
    const partition = key[2] === 50 ? 1 : 0; // the 2 of TS2
    const offset = next[partition] ?? 0;
    next[partition] = offset + 1;
    return { partition, offset, key, value, logTime: timeMs };
  });
  log = classify(rigReadings, records, [0, 0]);
  rows = oracleAnswer(rigMinute, log, { from: rigStartMs, to: rigEndMs });
}, 120_000);

const rowsOf = (sensor: string): OracleRow[] => rows.filter((row) => row.key[0] === sensor);

/** A mean that minutes of 60 readings have together, to the six digits of the published facts. */
function meanOf(some: readonly OracleRow[]): number {
  const thousandths = some.reduce((sum, row) => sum + Math.round(Number(row.values.temperature) * 60_000), 0);
  return Number((thousandths / (some.length * 60_000)).toFixed(6));
}

describe('the hydraulic rig, real data', () => {
  it('is accepted whole: 132,300 readings of each sensor, none twice', () => {
    expect(log.filter((record) => record.class !== 'applied')).toEqual([]);
    for (const sensor of sensors) {
      const readings = rowsOf(sensor).reduce((sum, row) => sum + Number(row.values.readings), 0);
      expect(readings).toBe(facts.readingsPerSensor);
      expect(rowsOf(sensor)).toHaveLength(facts.cycles);
    }
  });

  it('has in every one of its 4,410 minutes what the second witness reads from the files', () => {
    const script = fileURLToPath(new URL('../witness/rig-minutes.js', import.meta.url));
    const output = execFileSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const witness = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Minute);
    expect(witness).toHaveLength(2 * rigCycles);
    expect(
      rows.map(({ key, windowStart, values }): Minute => ({
        sensor: String(key[0]),
        windowStart,
        readings: Number(values.readings),
        mean: Number(values.temperature),
        min: Number(values.coldest),
        max: Number(values.hottest),
      })),
    ).toEqual(witness);
  }, 60_000);

  it.each(sensors)('has the published mean, least and greatest value of %s', (sensor) => {
    const of = rowsOf(sensor);
    const fact = facts.sensors[sensor];
    expect(meanOf(of)).toBe(fact?.mean);
    expect(meanOf(of.slice(0, 1))).toBe(fact?.firstCycleMean);
    expect(Math.min(...of.map(({ values }) => Number(values.coldest)))).toBe(fact?.min);
    expect(Math.max(...of.map(({ values }) => Number(values.hottest)))).toBe(fact?.max);
  });

  it.each(sensors)('tells the states of the cooler apart by the minutes of %s', (sensor) => {
    const cooler = coolerByCycle();
    for (const [state, cycles] of Object.entries(facts.cyclesByCooler)) {
      const some = rowsOf(sensor).filter((_, cycle) => cooler[cycle] === Number(state));
      expect(some).toHaveLength(cycles);
      expect(meanOf(some)).toBe(facts.sensors[sensor]?.meanByCooler[state]);
    }
  });

  it('counts the same readings by the hour', () => {
    const hours = oracleAnswer(rigMinute, log, { from: rigStartMs, to: Infinity, grainMs: 3_600_000 });
    expect(hours).toHaveLength(2 * Math.ceil(rigCycles / 60));
    expect(hours.reduce((sum, row) => sum + Number(row.values.readings), 0)).toBe(2 * facts.readingsPerSensor);
  });
});
