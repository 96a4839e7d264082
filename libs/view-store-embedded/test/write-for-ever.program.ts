import { noise, progressRecord, speedRow } from '@twofold/view-store/testing';
import { openEmbeddedStore } from '../src/index.ts';
import { clock, ids } from './test-ports.ts';

/** Writes rows and progress for ever, and says after each what was acknowledged. Ended by a kill. */
const [, , directory = '', project = ''] = process.argv;
const store = await openEmbeddedStore({ directory, project, ids, clock, mode: 'write' });
const first = (await store.progress.read(progressRecord()))[0]?.next ?? 0;
for (let next = first + 1; ; next++) {
  const place = { start: Math.floor(next / 20) * 20, end: Math.floor(next / 20) * 20 + 20, appliedOffset: next };
  const rows = [0, 1, 2, 3].map((bucket) => speedRow({ ...place, bucket, bytes: noise(next * 4 + bucket, 9_000) }));
  await store.speedRows.write(rows);
  await store.progress.write([progressRecord({ next })]);
  process.stdout.write(`${next}\n`);
}
