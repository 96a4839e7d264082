import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemoryLog } from '@twofold/event-log';
import { instant, stream, text } from '@twofold/schemas';
import { systemClock } from '@twofold/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appendThroughSocket, listenForRecords } from '../src/ingest-socket.ts';
import { loadExample } from '../src/example-feed.ts';
import { EXIT, iso, print, table } from '../src/output.ts';
import { runCli } from '../src/run-cli.ts';
import { settings } from '../src/settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-cli-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** What the command writes to one of its outputs from now on. */
function listenTo(output: NodeJS.WriteStream): () => string {
  const spy = vi.spyOn(output, 'write').mockImplementation(() => true);
  return () => spy.mock.calls.map(([text]) => String(text)).join('');
}

test('every wrong setting is told at once, by name', () => {
  const read = () =>
    settings.read({
      flags: { port: 'many', partitions: '0' },
      environment: { TWOFOLD_LOG_LEVEL: 'loud' },
      file: { engineThreads: -1 },
    });
  expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  for (const name of ['port', 'partitions', 'engine', 'log']) expect(read).toThrow(new RegExp(name, 'i'));
});

test('a flag comes before the environment, the environment before the file, the file before the default', () => {
  const environment = { TWOFOLD_PORT: '4002' };
  const file = { port: 4003 };
  expect(settings.read({ flags: { port: '4001' }, environment, file }).values.port).toBe(4001);
  expect(settings.read({ flags: {}, environment, file }).values.port).toBe(4002);
  expect(settings.read({ flags: {}, environment: {}, file }).values.port).toBe(4003);
  expect(settings.read({ flags: {}, environment: {}, file: {} }).values.port).toBe(4000);
});

test('wrong usage ends with 2 and an error in one line; help ends with 0', async () => {
  const errors = listenTo(process.stderr);
  const output = listenTo(process.stdout);
  expect(await runCli(['dev', '--port', 'many'])).toBe(EXIT.usage);
  expect(errors()).toMatch(/^twofold: .*\(CONFIG_INVALID\)$/ms);
  expect(await runCli(['fly'])).toBe(EXIT.usage);
  expect(await runCli(['status', '--project', folder])).toBe(EXIT.usage);
  expect(errors()).toContain('PROJECT_NOT_FOUND');
  expect(await runCli(['--help'])).toBe(EXIT.done);
  expect(output()).toMatch(/speed\|speed-layer[^]*batch\|batch-layer[^]*serve\|serving-api/);
});

test.each(['nothing', '../plant', 'Plant', ''])(
  'the example "%s" is refused, and one that there is is named',
  async (name) => {
    await expect(loadExample(name)).rejects.toMatchObject({ code: 'WRONG_USAGE' });
    await expect(loadExample(name)).rejects.toThrow('plant');
  },
);

test('a table is aligned by its widest cells, without blanks at line ends', () => {
  expect(
    table([
      ['view', 'rows'],
      ['sensorMinute', '12'],
      ['v', ''],
    ]),
  ).toEqual(['view          rows', 'sensorMinute  12', 'v']);
  expect(table([])).toEqual([]);
  expect([iso(null), iso(0)]).toEqual(['-', '1970-01-01T00:00:00.000Z']);
});

test('with --json one versioned document is printed, without it lines', () => {
  const output = listenTo(process.stdout);
  print(true, { n: 2n ** 64n }, () => ['never']);
  print(false, {}, () => ['a', 'b']);
  expect(output()).toBe('{"schemaVersion":1,"n":"18446744073709551616"}\na\nb\n');
});

const readings = stream('sensor-readings', {
  fields: { sensor: text(), at: instant('ms') },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
});

test('records go through the socket of the running platform into its log, byte for byte', async () => {
  const log = createMemoryLog({ clock: systemClock() });
  await log.ensureTopic('t', { partitions: 1 });
  expect(await appendThroughSocket(folder, readings.name, [])).toBeNull();
  const server = await listenForRecords(folder, [{ stream: readings, topic: 't' }], log);
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  try {
    expect(
      await appendThroughSocket(folder, readings.name, [
        { key: null, value },
        { key: value, value },
      ]),
    ).toBe(2);
    await expect(appendThroughSocket(folder, 'other', [{ key: null, value }])).rejects.toThrow('no such stream');
  } finally {
    await server.close();
  }
  const batch = await log.open('t', 0).read(0);
  expect(batch.count).toBe(2);
  for (const row of [0, 1])
    expect(Buffer.compare(batch.bytes.subarray(batch.valueStarts[row], batch.valueEnds[row]), value)).toBe(0);
  expect(Buffer.compare(batch.bytes.subarray(batch.keyStarts[1], batch.keyEnds[1]), value)).toBe(0);
});

test('what the log refuses comes back with its code, and the platform goes on', async () => {
  const log = createMemoryLog({ clock: systemClock(), maxRecordBytes: 100 });
  await log.ensureTopic('t', { partitions: 1 });
  const server = await listenForRecords(folder, [{ stream: readings, topic: 't' }], log);
  try {
    const send = (size: number): Promise<number | null> =>
      appendThroughSocket(folder, readings.name, [{ key: null, value: new Uint8Array(size) }]);
    await expect(send(1_000)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    expect(await send(10)).toBe(1);
  } finally {
    await server.close();
  }
});

test('a file that a killed process left where its socket was does not stop the next', async () => {
  writeFileSync(path.join(folder, 'records.sock'), '');
  expect(await appendThroughSocket(folder, readings.name, [])).toBeNull();
  const log = createMemoryLog({ clock: systemClock() });
  await log.ensureTopic('t', { partitions: 1 });
  const server = await listenForRecords(folder, [{ stream: readings, topic: 't' }], log);
  expect(await appendThroughSocket(folder, readings.name, [])).toBe(0);
  await server.close();
});
