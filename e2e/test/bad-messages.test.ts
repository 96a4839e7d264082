import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PLANT, runTwofold, TwofoldProcess } from '@twofold/e2e';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'twofold-bad-messages-'));
const plant = (...args: string[]): string[] => [
  ...args,
  '--project',
  PLANT,
  '--data-folder',
  path.join(folder, 'data'),
];
let running: TwofoldProcess;
beforeAll(async () => {
  running = new TwofoldProcess(plant('dev', '--port', '0'));
  await running.ready();
}, 180_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const TIME = '2026-01-01T00:00:00Z';
const good = (sensor: string, more = ''): string =>
  `{"sensor_id":"${sensor}","timestamp":"${TIME}","temperature":20.5,"vibration":1${more}}`;
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** A message that is bad in one way, the reason, and the field at fault. */
const bad: readonly (readonly [string | Buffer, string, string | null])[] = [
  ['this is not JSON', 'INVALID_JSON', null],
  [good('s-1').slice(0, -1), 'INVALID_JSON', null],
  [Buffer.from(good('s-\xff\xfe'), 'latin1'), 'INVALID_UTF8', null],
  ['[1, 2, 3]', 'NOT_AN_OBJECT', null],
  [good('s-1', `,"note":${nested(100)}`), 'TOO_DEEP', null],
  [good('s-1', ',"vibration":2'), 'DUPLICATE_KEY', 'vibration'],
  [`{"timestamp":"${TIME}","temperature":20.5,"vibration":1}`, 'MISSING_FIELD', 'sensor_id'],
  [`{"sensor_id":"s-1","timestamp":"${TIME}","temperature":"warm","vibration":1}`, 'WRONG_TYPE', 'temperature'],
  [`{"sensor_id":"s-1","timestamp":"${TIME}","temperature":900,"vibration":1}`, 'OUT_OF_RANGE', 'temperature'],
  [`{"sensor_id":"s-1","timestamp":"${TIME}","temperature":20.5,"vibration":1e400}`, 'INEXACT_NUMBER', 'vibration'],
  [`{"sensor_id":"s-1","timestamp":"${TIME}","temperature":20.12345,"vibration":1}`, 'TOO_MANY_DIGITS', 'temperature'],
  [good('s'.repeat(65)), 'TOO_LONG', 'sensor_id'],
  [good('s-\\ud800'), 'INVALID_TEXT', null],
  [good('s-1').replace(TIME, 'yesterday'), 'INVALID_INSTANT', 'timestamp'],
  [good('s-1').replace(TIME, '2999-01-01T00:00:00Z'), 'FUTURE_EVENT_TIME', 'timestamp'],
];

interface Status {
  readonly streams: readonly {
    readonly stream: string;
    readonly logged: number;
    readonly ledger: Readonly<Record<'read' | 'applied' | 'duplicate' | 'rejected' | 'control', number>>;
    readonly deadLetters: readonly {
      readonly partition: number;
      readonly offset: number;
      readonly code: string;
      readonly field: string | null;
      readonly detail: string;
      readonly bytes: string;
    }[];
  }[];
}

/** What `twofold status --json` says of the sensors once the speed layer has read all `count` positions. */
async function statusOf(count: number): Promise<Status['streams'][number]> {
  for (;;) {
    const { stdout, stderr } = await runTwofold(plant('status', '--json', '--limit', '100'));
    expect(stderr).toBe('');
    const sensors = (JSON.parse(stdout) as Status).streams.find(({ stream }) => stream === 'sensor-readings');
    if (sensors !== undefined && sensors.ledger.read >= count) return sensors;
  }
}

describe('E10 X5: messages of every bad kind, through the real twofold send', () => {
  test(
    'each is a dead letter with position, bytes and reason; the good ones count, and the ledger closes',
    { timeout: 240_000 },
    async () => {
      const lines = [good('s-1'), ...bad.map(([message]) => message), good('s-2'), good('s-1'), '', good('s-3')];
      const file = path.join(folder, 'events.ndjson');
      writeFileSync(file, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r\n')])));
      const sent = await runTwofold(plant('send', 'sensor-readings', file));
      expect(sent.stdout).toContain(`${bad.length + 4} events are in the log`);
      expect(sent.code).toBe(0);
      const { logged, ledger, deadLetters } = await statusOf(bad.length + 4);
      expect(logged).toBe(bad.length + 4);
      expect(ledger).toEqual({ read: bad.length + 4, applied: 3, duplicate: 1, rejected: bad.length, control: 0 });
      const found = deadLetters.map(({ bytes, code, field }) => [
        Buffer.from(bytes, 'base64').toString('latin1'),
        code,
        field,
      ]);
      const expected = bad.map(([message, code, field]) => [Buffer.from(message).toString('latin1'), code, field]);
      expect(found.sort()).toEqual(expected.sort());
      expect(new Set(deadLetters.map(({ partition, offset }) => `${partition}:${offset}`)).size).toBe(bad.length);
      const shown = await runTwofold(plant('status', '--limit', '100'));
      for (const { partition, offset, code, detail } of deadLetters) {
        expect(shown.stdout).toContain(` ${partition}:${offset} `);
        expect(shown.stdout).toContain(code);
        expect(shown.stdout).toContain(detail);
      }
      expect(shown.stdout).toContain('  this is not JSON\n');
      expect(shown.stdout).toContain('s-\\xff\\xfe');
      expect(shown.code).toBe(0);
    },
  );

  test(
    'a line that is larger than the log takes is named and left out, the others are sent, and the exit code says so',
    { timeout: 120_000 },
    async () => {
      const file = path.join(folder, 'large.ndjson');
      writeFileSync(file, `${good('s-7')}\n${good('s'.repeat(1_200_000))}\n${good('s-8')}\n`);
      const { code, stdout, stderr } = await runTwofold(plant('send', 'sensor-readings', file));
      expect(stderr).toMatch(/line 2 has 12\d{5} bytes, the log takes 1048576: not sent/);
      expect(stdout).toContain('2 events are in the log');
      expect(code).toBe(1);
    },
  );

  test('a file that is not there is named, with exit code 2', { timeout: 120_000 }, async () => {
    const missing = path.join(folder, 'missing.ndjson');
    const { code, stderr } = await runTwofold(plant('send', 'sensor-readings', missing));
    expect(stderr).toContain(missing);
    expect(code).toBe(2);
  });
});
