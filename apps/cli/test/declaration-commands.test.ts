import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EXIT } from '../src/output.ts';
import { runCli } from '../src/run-cli.ts';

const plant = path.join(import.meta.dirname, '../../../examples/plant');

let folder = '';
let output: () => string;
let talk: () => string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-schema-'));
  const listen = (stream: NodeJS.WriteStream): (() => string) => {
    const spy = vi.spyOn(stream, 'write').mockImplementation(() => true);
    return () => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  };
  output = listen(process.stdout);
  talk = listen(process.stderr);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...argv: string[]): Promise<number> => runCli([...argv, '--project', plant]);

describe('twofold compile', () => {
  test('prints the fold of each level as SQL, and says what each column is', async () => {
    expect(await run('compile', 'sensorMinute', '--sql', 'duckdb')).toBe(EXIT.done);
    expect(output().match(/^SELECT .* GROUP BY .*;$/gm)).toHaveLength(3);
    for (const told of ['panes of 1s', 'panes of 1h', 'dimension sensor', 'sum of temperature', 'max of vibration'])
      expect(output()).toContain(told);
  });

  test('prints one level, and the same as a document', async () => {
    expect(await run('compile', 'sensorMinute', '--sql', 'duckdb', '--level', '60s', '--json')).toBe(EXIT.done);
    const found = JSON.parse(output()) as { statements: { level: string; sql: string; columns: unknown[] }[] };
    expect(found.statements.map(({ level }) => level)).toEqual(['1m']);
    expect(found.statements[0]?.sql).toContain('FROM "sensor-readings"');
  });

  test('prints the GraphQL schema of the view and of no other', async () => {
    expect(await run('compile', 'rigMinute', '--sdl')).toBe(EXIT.done);
    expect(output()).toMatch(/^type Query \{/);
    expect(output()).toContain('rigMinute(');
    expect(output()).not.toContain('sensorMinute(');
  });

  test('prints the tables of the Cassandra store in their keyspace, and where the rows of the view are', async () => {
    expect(await run('compile', 'rigMinute', '--cql', '--cassandra-keyspace', 'elsewhere')).toBe(EXIT.done);
    expect(output()).toContain('CREATE TABLE IF NOT EXISTS elsewhere.speed_rows (');
    expect(output()).toContain(`"view" = 'rigMinute', version = 1`);
    expect(output()).not.toContain('$.');
  });

  test('prints the declaration with --json alone, members by name', async () => {
    expect(await run('compile', 'rigMinute', '--json')).toBe(EXIT.done);
    const { view } = JSON.parse(output()) as { view: Record<string, unknown> };
    expect(view).toMatchObject({ name: 'rigMinute', version: 1, stream: { name: 'rig-readings' } });
    expect(Object.keys(view)).toEqual(Object.keys(view).sort());
  });

  test("prints Spark's SQL of the same columns", async () => {
    expect(await run('compile', 'rigMinute', '--sql', 'spark', '--level', '1m')).toBe(EXIT.done);
    expect(output()).toMatch(/^-- View rigMinute.*`rig-readings`\n/);
    expect(output()).toMatch(/-- {3}c3 DECIMAL\(38,0\): sum of temperature\n/);
    expect(output()).toMatch(/SELECT .*sum\(CAST\(`x0` AS DECIMAL\(19,0\)\)\).* FROM `rig-readings` .* GROUP BY /);
  });

  test.each([
    [['compile', 'rigMinute'], 'Give --sql duckdb'],
    [['compile', 'nothing', '--sdl'], 'There are: rigMinute, sensorMinute, plantMinute'],
    [['compile', 'rigMinute', '--sql', 'oracle'], 'There are: duckdb, spark'],
    [['compile', 'rigMinute', '--sql', 'duckdb', '--level', '7m'], 'It stores: 1m, 1h'],
    [['compile', 'rigMinute', '--sdl', '--cql'], 'give one of'],
    [['compile', 'rigMinute', '--sdl', '--level', '1m'], 'give --sql too'],
    [['schema', 'nothing'], 'There are: rig-readings, sensor-readings'],
    [['schema', '--import', 'no-such-file.json'], 'can not be read'],
    [['schema', '--import', 'x', '--numbers', 'few'], 'decimal:<0 to 15>'],
  ])('refuses %j and says why', async (argv, why) => {
    expect(await run(...argv)).toBe(EXIT.usage);
    expect(talk()).toContain(why);
  });
});

describe('twofold schema', () => {
  const given = (document: unknown): string => {
    const file = path.join(folder, 'given.json');
    writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
    return file;
  };

  test('prints a stream as JSON Schema, which comes back as its declaration', async () => {
    expect(await run('schema', 'sensor-readings')).toBe(EXIT.done);
    const text = output();
    expect(JSON.parse(text)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
    expect(await run('schema', '--import', given(text))).toBe(EXIT.done);
    expect(output().slice(text.length)).toContain(
      "temperature: decimal(3).between(-90, 400).unit('°C'),\n    pressure: decimal(3).optional().unit('kPa'),",
    );
  });

  const order = {
    type: 'object',
    properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' }, amount: { type: 'number' } },
    required: ['id', 'at'],
  };

  test('asks for what the schema does not say, by its place, and takes it from flags', async () => {
    expect(await run('schema', '--import', given(order))).toBe(EXIT.check);
    expect(output()).toBe('');
    for (const told of ['refused: #/properties/amount/type', 'refused: #/title', 'which fields identify an event'])
      expect(talk()).toContain(told);
    const flags = ['--numbers', 'decimal:2', '--id', 'id', '--event-time', 'at'];
    expect(await run('schema', 'orders', '--import', given(order), ...flags)).toBe(EXIT.done);
    expect(output()).toContain("export const orders = stream('orders', {");
    expect(output()).toContain('amount: decimal(2).optional(),');
    expect(talk()).toContain('note: #/properties/id/maxLength');
  });

  test('tells problems and notes in one document with --json', async () => {
    expect(await run('schema', '--import', given(order), '--json')).toBe(EXIT.check);
    expect(JSON.parse(output())).toMatchObject({
      source: null,
      problems: [{ path: '#/properties/amount/type' }, {}, {}],
    });
  });

  test('refuses what is no JSON', async () => {
    expect(await run('schema', '--import', given('{'))).toBe(EXIT.failed);
    expect(talk()).toContain('SCHEMA_INVALID');
  });
});
