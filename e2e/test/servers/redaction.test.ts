import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OperatorClient, ServerProject, until } from '@twofold/e2e';
import { tablesHolding } from '@twofold/view-store-cassandra';
import { expect, test } from 'vitest';
import { overServers } from './over-servers.ts';

const TOKEN = 'token-of-the-operators-of-this-test';
const CANARY = 'canary-7f3e';
const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

const reading = (sensor: string, minute: number, temperature: number): string => {
  const timestamp = new Date(START + minute * 60_000).toISOString().replace('.000Z', 'Z');
  return JSON.stringify({ sensor, timestamp, cycle: 1, temperature });
};

interface Place {
  readonly place: string;
  readonly goneBy: number | null;
}

overServers('corrections over real servers', (servers) => {
  test(
    'E21 X8: readings are replaced, told of on Kafka, rolled back, and a sensor erased: the certificate names the days',
    { timeout: 500_000 },
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'twofold-redaction-servers-'));
      const plant = await ServerProject.make(servers);
      try {
        const [speed, batch] = [await plant.start('speed'), await plant.start('batch')];
        const serve = await plant.start('serve', [], { TWOFOLD_OPERATOR_TOKEN: TOKEN });
        await Promise.all([speed, batch, serve].map((each) => each.ready()));
        const operator = new OperatorClient(() => `${serve.url}/graphql`, TOKEN);
        const told = async <T>(...args: string[]): Promise<T> => {
          const { code, stdout, stderr } = await plant.run(...args, '--json');
          expect(`${code} ${stderr.slice(0, 600)}`).toMatch(/^0 /);
          return JSON.parse(stdout) as T;
        };
        const hours = async (sensor: string): Promise<[number, number][]> => {
          const { nodes } = await operator.field<{ nodes: { readings: number; hottest: string }[] }>(
            `{ rigMinute(key: { sensor: { eq: "${sensor}" } }, grain: HOUR, first: 10
              timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T04:00:00Z" }) { nodes { readings hottest } } }`,
          );
          return nodes.map((node) => [Number(node.readings), Number(node.hottest)]);
        };
        const minutes = Array.from({ length: 90 }, (_, minute) => minute);
        const lines = minutes.flatMap((minute) => [reading('TS2', minute, 50), reading(CANARY, minute, 60)]);
        const file = path.join(folder, 'readings.ndjson');
        writeFileSync(file, `${[...lines, `{"sensor":"${CANARY}","timestamp":"${CANARY}"}`].join('\n')}\n`);
        expect((await plant.send('rig-readings', file)).code).toBe(0);
        const state = (): string => plant.tails();
        const answers = async (): Promise<boolean> => (await hours(CANARY)).length === 2;
        await until('all is answered', answers, { patienceMs: 120_000, state });

        const asked = ['correct', 'replace', 'rig-readings', '--where', "sensor = 'TS2'", '--set', 'temperature = 55'];
        const { plan } = await told<{ plan: { id: string; fingerprint: string } }>(...asked, '--reason', 'wrong scale');
        const applied = await told<{ diff: { base: string }; release: string }>(
          ...['apply', plan.id, '--fingerprint', plan.fingerprint],
        );
        const changed = await operator.changes('rigMinute', '-1', 90);
        expect(changed.every(({ cause, id }) => cause === 'CORRECTION' && id.startsWith(applied.release))).toBe(true);
        expect(await hours('TS2')).toEqual([
          [60, 55],
          [30, 55],
        ]);
        await told('rollback', applied.diff.base);
        const back = await operator.changes('rigMinute', changed.at(-1)?.position ?? '', 90);
        expect(new Set(back.map(({ cause }) => cause))).toEqual(new Set(['ROLLBACK']));
        await told('rollback', '--let-go');

        const note = ['--reason', 'ticket 12', '--author', 'ann', '--approver', 'bob'];
        const redact = await told<{ plan: { id: string; fingerprint: string } }>(
          ...['correct', 'redact', 'rig-readings', '--where', `sensor = '${CANARY}'`, ...note],
        );
        const { stdout: before } = await plant.run('scan', CANARY, '--json');
        const tables = ['chunks', 'speed_rows'].map((table) => `rows of table ${plant.keyspace}.${table}`);
        expect((JSON.parse(before) as { found: string[] }).found).toEqual(expect.arrayContaining(tables));
        const sentBy = Date.now();
        const { certificate } = await told<{ certificate: { places: Place[]; goneBy: number; correction: string } }>(
          ...['apply', redact.plan.id, '--fingerprint', redact.plan.fingerprint],
        );
        const goneBy = (place: string): number =>
          certificate.places.find((each) => each.place === place)?.goneBy ?? NaN;
        // Retention and segments of a week each, after the last of it was written.
        const source = goneBy(`log ${plant.topic('rig-readings')}`);
        expect(source).toBeGreaterThan(sentBy + 12 * DAY_MS);
        expect(source).toBeLessThan(sentBy + 15 * DAY_MS);
        expect(goneBy('store')).toBeGreaterThan(sentBy);
        expect(certificate.goneBy).toBe(Math.max(...certificate.places.map((each) => each.goneBy ?? 0)));
        expect(
          await operator.field(`{ redactionCertificate(correction: "${certificate.correction}") { gone goneBy } }`),
        ).toEqual({ gone: false, goneBy: new Date(certificate.goneBy).toISOString() });
        expect(await hours(CANARY)).toEqual([]);
        expect(await hours('TS2')).toEqual([
          [60, 50],
          [30, 50],
        ]);
        expect(await tablesHolding(plant.cassandra, plant.project.id, CANARY)).toEqual([]);
        const scanned = await plant.run('scan', CANARY, '--json');
        expect([scanned.code, JSON.parse(scanned.stdout)]).toMatchObject([0, { found: [] }]);

        // Whoever folds the log anew sees none of it either, though the broker has it still.
        await plant.dropKeyspace();
        for (const each of [speed, batch, serve]) {
          await each.kill('SIGKILL');
          each.restart();
        }
        await Promise.all([speed, batch, serve].map((each) => each.ready()));
        const platform = await plant.follow();
        await plant.fresh(platform);
        await platform.close();
        expect([await hours(CANARY), (await hours('TS2')).map(([count]) => count)]).toEqual([[], [60, 30]]);
        console.log(
          `gone by: ${certificate.places.map(({ place, goneBy: day }) => `${place} ${day === null ? 'now' : new Date(day).toISOString()}`).join(', ')}`,
        );
      } finally {
        await plant.remove();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
