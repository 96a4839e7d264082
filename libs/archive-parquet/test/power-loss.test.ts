import { archivedEnd } from '@twofold/archive';
import type { ColumnArchive } from '@twofold/archive';
import { createParquetArchive } from '@twofold/archive-parquet';
import {
  countingIds,
  describeBatch,
  faultsOf,
  freshSeed,
  machineStream,
  makeRows,
  seededRandom,
  writeFile,
} from '@twofold/archive/testing';
import type { Fs } from '@twofold/service';
import { describe, expect, it } from 'vitest';
import { PowerLossFs } from './power-loss-fs.ts';

let opened = 0;
const open = (fs: Fs): ColumnArchive =>
  createParquetArchive({ directory: '/archive', fs, ids: countingIds(`L${opened++}x`) });

const seed = freshSeed();
console.info(`power loss: seed ${seed}`);

/** Archives the next 40 positions; what was named before is 0 to `end`. */
async function archiveNext(archive: ColumnArchive): Promise<void> {
  const state = await archive.head(machineStream.name);
  const from = archivedEnd(state, 0);
  const file = await writeFile(archive, makeRows(from, 0, from, 40));
  const next = await archive.commit(state, { add: [file], origins: [0] });
  if (next === null) throw new RangeError('nobody else archives here');
}

/** Everything that the head names is there, whole, and what went in; gives the end of coverage. */
async function provenEnd(archive: ColumnArchive): Promise<number> {
  expect(await faultsOf(archive)).toEqual([]);
  const state = await archive.head(machineStream.name);
  for (const file of state.files) {
    const batch = await archive.read(machineStream, file, file.from, file.to);
    expect(describeBatch(batch)).toEqual(describeBatch(makeRows(file.from, 0, file.from, 40).batch));
  }
  return archivedEnd(state, 0);
}

/** Fails every operation from the one of this number on: to the process, the end of the world. */
function dyingAt(operation: number): { before: () => void; count: () => number } {
  let count = 0;
  return {
    before() {
      if (++count >= operation) throw new RangeError('the power is gone');
    },
    count: () => count,
  };
}

describe('loss of power', () => {
  it(
    'at any operation leaves the old state or the new one, and what was acknowledged stays',
    { timeout: 60_000 },
    async () => {
      const random = seededRandom(seed);
      let points = 0;
      for (let operation = 1; ; operation++) {
        let finished = false;
        for (let repeat = 0; repeat < 4; repeat++) {
          const disk = new PowerLossFs(random);
          await archiveNext(open(disk));
          // What was acknowledged is durable, so a loss of power here takes nothing.
          const dying = dyingAt(operation);
          const second = disk.afterPowerLoss(dying.before);
          let acknowledged = true;
          try {
            await archiveNext(open(second));
          } catch {
            acknowledged = false;
          }
          finished = dying.count() < operation;
          const place = `seed ${seed}, operation ${operation}`;
          const third = second.afterPowerLoss();
          const end = await provenEnd(open(third));
          expect(acknowledged ? [80] : [40, 80], place).toContain(end);
          await archiveNext(open(third));
          expect(await provenEnd(open(third)), place).toBe(end + 40);
          points++;
        }
        if (finished) break;
      }
      expect(points).toBeGreaterThan(80);
    },
  );

  it('at any operation of a compaction changes nothing that can be read', { timeout: 60_000 }, async () => {
    const random = seededRandom(seed + 1);
    const compactOnce = async (archive: ColumnArchive): Promise<void> => {
      const state = await archive.head(machineStream.name);
      const merged = await archive.compact(machineStream, state.files);
      await archive.commit(state, { add: [merged], remove: state.files.map((file) => file.name) });
    };
    for (let operation = 1; ; operation++) {
      const disk = new PowerLossFs(random);
      for (let i = 0; i < 3; i++) await archiveNext(open(disk));
      const dying = dyingAt(operation);
      const second = disk.afterPowerLoss(dying.before);
      await compactOnce(open(second)).catch(() => undefined);
      const archive = open(second.afterPowerLoss());
      expect(await faultsOf(archive), `seed ${seed}, operation ${operation}`).toEqual([]);
      const state = await archive.head(machineStream.name);
      expect([archivedEnd(state, 0), [1, 3].includes(state.files.length)]).toEqual([120, true]);
      if (dying.count() < operation) break;
    }
  });
});
