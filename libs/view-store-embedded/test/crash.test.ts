import { noise, progressRecord, view } from '@twofold/view-store/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { startChild } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { clock, ids } from './test-ports.ts';

const project = 'plant';

test(
  'E5 E6: after kill -9 every acknowledged row and progress record is there, five times over',
  { timeout: 120_000 },
  async () => {
    const directory = temporaryFolder();
    let before = 0;
    for (let round = 0; round < 5; round++) {
      const child = startChild('write-for-ever.program.ts', [directory, project]);
      const enough = (): boolean => child.lines().length >= 10 + round * 17;
      while (!enough() && child.process.exitCode === null) await sleep(3);
      child.process.kill('SIGKILL');
      const { errors } = await child.ended();
      expect(errors).toBe('');
      const acknowledged = Number(child.lines().at(-1) ?? 0);
      expect(acknowledged).toBeGreaterThan(before);
      before = acknowledged;

      const store = await openEmbeddedStore({ directory, project, ids, clock, mode: 'write' });
      const next = (await store.progress.read(progressRecord()))[0]?.next ?? 0;
      expect(next).toBeGreaterThanOrEqual(acknowledged);
      const rows = await store.speedRows.read({
        ...view,
        partition: 0,
        buckets: null,
        startFrom: 0,
        startBelow: Infinity,
      });
      for (const row of rows) {
        // E6: rows before progress, so what progress claims is in the rows: the whole slice, or up to `next`.
        expect(row.appliedOffset).toBeGreaterThanOrEqual(Math.min(row.end - 1, next));
        expect(Buffer.compare(row.bytes, noise(row.appliedOffset * 4 + row.bucket, 9_000))).toBe(0);
      }
      expect(rows.length).toBeGreaterThanOrEqual(4 * Math.floor(next / 20 + 1));
      await store.close();
    }
  },
);
