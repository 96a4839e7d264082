import { appendFileSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendThroughSocket } from '@twofold/cli';
import { PLANT, runTwofold, TwofoldProcess } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const EVENTS = 5_000;
const parent = mkdtempSync(path.join(tmpdir(), 'twofold-damaged-log-'));
/** The data folder of a platform that was killed when it had taken `EVENTS` events; each test damages a copy. */
const original = path.join(parent, 'original');
let dataFolder = original;
let newest: string;

beforeAll(async () => {
  const running = new TwofoldProcess(plant('dev', '--port', '0'));
  await running.ready();
  const events = new SensorEvents({ sensors: 10, ratePerSecond: 100 });
  let sending = true;
  const beside = (async () => {
    // Also while it is written to: nothing that is not acknowledged yet is taken for damage.
    for (let look = 0; look < 2; look++) {
      const { code, stdout } = await verify();
      expect(stdout).toMatch(/log segments are whole: \d+ records/);
      expect(code).toBe(0);
    }
    sending = false;
  })();
  for (let sent = 0; sent < EVENTS || sending; sent += 100)
    await appendThroughSocket(dataFolder, 'sensor-readings', events.take(100));
  await beside;
  await running.kill('SIGKILL');
}, 120_000);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

let copies = 0;
beforeEach(() => {
  dataFolder = path.join(parent, `copy-${copies++}`);
  cpSync(original, dataFolder, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  [newest = ''] = globSync('log/topics/plant.sensor-readings/0/*.log', { cwd: dataFolder });
  newest = path.join(dataFolder, newest);
});

const plant = (...args: string[]): string[] => [...args, '--project', PLANT, '--data-folder', dataFolder];
const verify = (...args: string[]) => runTwofold(plant('verify', ...args));

interface Document {
  readonly log: {
    readonly records: number;
    readonly faults: readonly {
      readonly code: string;
      readonly file: string;
      readonly position: number;
      readonly from: number;
      readonly to: number;
    }[];
    readonly remarks: readonly { readonly code: string; readonly bytes: number }[];
  };
}

describe('twofold verify looks at the log too', () => {
  test(
    'a flipped bit: names file, byte and positions, exit code 3, and changes nothing',
    { timeout: 120_000 },
    async () => {
      const bytes = readFileSync(newest);
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] ?? 0) ^ 4;
      writeFileSync(newest, bytes);
      const { code, stdout } = await verify();
      const found =
        /^FILE_DAMAGED log plant\.sensor-readings partition 0 positions \[(\d+), (\d+)\) (.+) at byte (\d+): /m;
      const [, from, to, file, position] = found.exec(stdout) ?? [];
      expect(file).toBe(newest);
      expect(Number(position)).toBeLessThanOrEqual(middle);
      expect(Number(from)).toBeLessThan(Number(to));
      expect(code).toBe(3);
      const told = await verify('--json');
      const { log } = JSON.parse(told.stdout) as Document;
      const place = { position: Number(position), from: Number(from), to: Number(to) };
      expect(log.faults).toMatchObject([{ code: 'FILE_DAMAGED', file: newest, ...place }]);
      expect(told.code).toBe(3);
      expect(readFileSync(newest).equals(bytes)).toBe(true);
    },
  );

  test('a segment that is missing is named with its positions', { timeout: 120_000 }, async () => {
    rmSync(newest);
    const { code, stdout } = await verify();
    expect(stdout).toMatch(/^FILE_MISSING log plant\.sensor-readings partition 0 positions \[0, \d+\) .*\.log/m);
    expect(code).toBe(3);
  });

  test('a torn tail of the newest segment is no damage; the next start cuts it off', { timeout: 120_000 }, async () => {
    const before = JSON.parse((await verify('--json')).stdout) as Document;
    appendFileSync(newest, Buffer.alloc(100, 7));
    const { code, stdout } = await verify('--json');
    const { log } = JSON.parse(stdout) as Document;
    expect([log.faults, log.records]).toEqual([[], before.log.records]);
    expect(log.remarks.find((remark) => remark.code === 'TORN_TAIL')?.bytes).toBeGreaterThanOrEqual(100);
    expect(code).toBe(0);
    const again = new TwofoldProcess(plant('dev', '--port', '0'));
    await again.ready();
    expect((await again.kill('SIGTERM')).code).toBe(0);
    const after = JSON.parse((await verify('--json')).stdout) as Document;
    expect([after.log.remarks, after.log.records]).toEqual([[], before.log.records]);
  });
});
