import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { ServerProject, until } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { history } from '@twofold/plant';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const RIG_MESSAGES = 12_000;
const SENSOR_MESSAGES = 12_000;

overServers('three processes over real servers', (servers) => {
  test(
    'answer as the oracle does, by layer and merged, before and after a promotion',
    { timeout: 300_000 },
    async () => {
      const files = mkdtempSync(path.join(tmpdir(), 'twofold-servers-'));
      const plant = await ServerProject.make(servers);
      try {
        const lines = { 'rig-readings': linesOf(history(), RIG_MESSAGES), 'sensor-readings': sensorLines() };
        const send = async (from: number, to: number): Promise<void> => {
          for (const [stream, all] of Object.entries(lines)) {
            const file = path.join(files, `${stream}.ndjson`);
            const part = all.slice(from * all.length, to * all.length);
            writeFileSync(file, part.join(''));
            const { code, stdout, stderr } = await plant.send(stream, file);
            expect([code, stderr]).toEqual([0, '']);
            expect(JSON.parse(stdout)).toMatchObject({ stream, sent: part.length, refused: [] });
          }
        };
        const running = [await plant.start('speed'), await plant.start('batch'), await plant.start('serve')];
        const readyMs = await Promise.all(running.map((each) => each.ready()));
        expect(running.map(({ command, pid }) => `${command} ${getPriority(pid)}`)).toEqual([
          'speed 0',
          'batch 10',
          'serve 0',
        ]);
        const platform = await plant.follow();
        await send(0, 0.5);
        const freshMs = await plant.fresh(platform);
        const recomputeMs = await until('history is answered from the archive', () => plant.promoted(platform), {
          patienceMs: 200_000,
          state: () => plant.tails(),
        });
        await send(0.5, 1);
        await plant.fresh(platform);
        for (const stream of Object.keys(lines)) {
          const proof = await plant.compare(platform, stream);
          expectEqual(proof, ['MERGED', 'BATCH', 'SPEED']);
          console.log(`${stream}: ${proof.applied} applied; rows merged/batch/speed: ${rowsOf(proof)}`);
        }
        const answer = await fetch(`${running[2]?.url ?? ''}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ __typename }' }),
        });
        expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
        const ended = await Promise.all(running.map((each) => each.kill('SIGTERM')));
        expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
        await platform.close();
        const rounded = readyMs.map(Math.round);
        console.log(
          `ready ${rounded.join(', ')} ms; fresh ${freshMs.toFixed(0)} ms; promoted ${recomputeMs.toFixed(0)} ms`,
        );
      } finally {
        await plant.remove();
        rmSync(files, { recursive: true, force: true });
      }
    },
  );
});

function linesOf(messages: Iterable<{ readonly value: Uint8Array }>, count: number): string[] {
  const lines: string[] = [];
  for (const { value } of messages) {
    if (lines.length === count) break;
    lines.push(`${Buffer.from(value).toString()}\n`);
  }
  return lines;
}

function sensorLines(): string[] {
  const events = new SensorEvents({ seed: 7, sensors: 50, ratePerSecond: 200, malformed: 0, duplicate: 0.01 });
  return linesOf(events.take(SENSOR_MESSAGES), SENSOR_MESSAGES);
}
