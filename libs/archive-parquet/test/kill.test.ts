import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { archivedEnd } from '@twofold/archive';
import { describeBatch, faultsOf, freshSeed, machineStream, makeRows, seededRandom } from '@twofold/archive/testing';
import { describe, expect, it } from 'vitest';
import { withArchive } from './temporary-archive.ts';

const script = fileURLToPath(new URL('archive-forever.ts', import.meta.url));
const seed = freshSeed();
console.info(`kill -9: seed ${seed}`);

/** Runs the child until `afterMs` after its first acknowledgement, kills it, and gives the last end it acknowledged. */
async function runAndKill(directory: string, run: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--conditions=@twofold/source', script, directory, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  let armed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    if (armed || !printed.includes('\n')) return;
    armed = true;
    setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...ended: [number | null, string | null]) => resolve(ended));
  });
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  const lines = printed.slice(0, printed.lastIndexOf('\n')).split('\n');
  return Number(lines[lines.length - 1]);
}

describe('kill -9', () => {
  it(
    'of an archiving process loses nothing acknowledged and leaves nothing half done',
    { timeout: 60_000 },
    async () => {
      const random = seededRandom(seed);
      await withArchive({}, async ({ directory, reopen }) => {
        let before = 0;
        for (let run = 0; run < 8; run++) {
          const acknowledged = await runAndKill(directory, run, random() * 60);
          const archive = reopen();
          expect(await faultsOf(archive), `seed ${seed}, run ${run}`).toEqual([]);
          const state = await archive.head(machineStream.name);
          const end = archivedEnd(state, 0);
          expect(acknowledged).toBeGreaterThan(before);
          expect(end).toBeGreaterThanOrEqual(acknowledged);
          before = end;
          const records: unknown[] = [];
          for (const file of state.files) {
            const batch = describeBatch(await archive.read(machineStream, file, file.from, file.to)) as {
              records: unknown[];
            };
            records.push(...batch.records);
          }
          const expected: unknown[] = [];
          for (let from = 0; from < end; from += 30) {
            expected.push(...(describeBatch(makeRows(from, 0, from, 30).batch) as { records: unknown[] }).records);
          }
          expect(records).toEqual(expected);
        }
      });
    },
  );
});
