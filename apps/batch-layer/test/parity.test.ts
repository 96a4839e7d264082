import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeChunk, decodeChunk } from '@twofold/views';
import { cancelCandidate } from '@twofold/releases';
import type { SpeedRow } from '@twofold/view-store';
import { BatchLayer } from '../src/batch-layer.ts';
import { sealedSlices } from '../src/parity.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { events, foldSpeed, liveEntry, never, perSensor, SLICE, TOPIC, type World } from './sample.ts';

const all = events(400, 5);

/** Release 1 at a cut inside a slice; then more, folded by both layers. */
async function world(): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, all.slice(0, 37));
  const batch = new BatchLayer(sample.project(), around.ports);
  await batch.recompute([perSensor], never);
  await around.log.append(TOPIC, all.slice(37, 200));
  await batch.archiveAll(never);
  await foldSpeed(around);
  return around;
}

async function rows({ store }: World): Promise<SpeedRow[]> {
  const query = { view: perSensor.name, version: 1, partition: 0, buckets: null, startFrom: 0, startBelow: 1e9 };
  return [...(await store.speedRows.read(query))];
}

/** One partial of the row counts one event more. */
function wrong(row: SpeedRow): SpeedRow {
  const { columns, widthMs } = decodeChunk(perSensor, row.bytes);
  const first = columns.components[0];
  if (first?.kind === 'count') first.values[0] = (first.values[0] ?? 0) + 1;
  return { ...row, bytes: encodeChunk(perSensor, columns, widthMs).bytes };
}

/** The same store with one row read back otherwise than it was written. */
function planted(around: World, where: (row: SpeedRow) => boolean, as: (row: SpeedRow) => SpeedRow[]): World['ports'] {
  const { store } = around;
  let done = false;
  const read: World['store']['speedRows']['read'] = async (query, signal) =>
    (await store.speedRows.read(query, signal)).flatMap((row) => {
      if (done || !where(row)) return [row];
      done = true;
      return as(row);
    });
  return { ...around.ports, store: { ...store, speedRows: { ...store.speedRows, read } } };
}

test('E18: layers that agree are compared slice by slice, remainder included, and the candidate is promoted', async () => {
  const around = await world();
  const result = await recomputeViews([perSensor], around.ports, never);
  expect(result.release).not.toBeNull();
  // [37,48) and [48,64) ... [176,192).
  expect(result.facts).toMatchObject({ slicesCompared: 10, slicesNotReached: 0 });
});

test.each([
  ['a base slice', 64],
  ['the remainder at the cut', 37],
  ['the last sealed slice', 176],
])('E18: one wrong partial in %s blocks promotion and names view, key and pane', async (_, start) => {
  const around = await world();
  const before = await liveEntry(around.store);
  const ports = planted(
    around,
    (row) => row.start === start,
    (row) => [wrong(row)],
  );
  const error = await recomputeViews([perSensor], ports, never).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'PARITY_DIFFERS' });
  const message = error instanceof Error ? error.message : '';
  expect(message).toContain('perSensor@1');
  expect(message).toContain(`positions [${start}, `);
  expect(message).toMatch(/key \["s\d"\], pane \d+: batch rows \d+/);
  expect(await liveEntry(around.store)).toEqual(before);
});

test('E18: a speed row that is missing is a difference, and so is one that ought not to be there', async () => {
  const missing = await world();
  const without = planted(
    missing,
    (row) => row.start === 80,
    () => [],
  );
  await expect(recomputeViews([perSensor], without, never)).rejects.toMatchObject({ code: 'PARITY_DIFFERS' });
  const added = await world();
  const copied = (await rows(added)).find((row) => row.start === 96);
  if (copied === undefined) throw new RangeError('no row');
  const free = [...Array(perSensor.buckets).keys()].find((bucket) => bucket !== copied.bucket) ?? 0;
  const more = planted(
    added,
    (row) => row.start === 96,
    (row) => [row, { ...row, bucket: free }],
  );
  await expect(recomputeViews([perSensor], more, never)).rejects.toMatchObject({ code: 'PARITY_DIFFERS' });
});

test('E18: rows swept under a candidate that was cancelled meanwhile are no difference: the next run takes a new id', async () => {
  const around = await world();
  const { store } = around;
  const read: World['store']['speedRows']['read'] = async (query, signal) => {
    const row = await store.control.read();
    const [candidate] = row?.candidates ?? [];
    if (row === null || candidate === undefined) return store.speedRows.read(query, signal);
    const cancelled = cancelCandidate(row, candidate.id);
    if (cancelled.ok) await store.control.compareAndSet(cancelled.row);
    await store.speedRows.sweep({ view: perSensor.name, version: 1 }, 0, 1e9);
    return store.speedRows.read(query, signal);
  };
  const ports = { ...around.ports, store: { ...store, speedRows: { ...store.speedRows, read } } };
  await expect(recomputeViews([perSensor], ports, never)).rejects.toMatchObject({
    code: 'CANDIDATE_LOST',
    retryable: true,
  });
});

test('E18: slices that the speed layer has not reached are counted as such and block nothing', async () => {
  const around = await world();
  await around.log.append(TOPIC, all.slice(200, 300));
  await new BatchLayer(sample.project(), around.ports).archiveAll(never);
  const result = await recomputeViews([perSensor], around.ports, never);
  expect(result.release).not.toBeNull();
  expect(result.facts).toMatchObject({ slicesCompared: 10, slicesNotReached: 6 });
});

test('E18: the slices compared tile what lies between the cuts, up to the last edge', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }), (from, length) => {
      const to = from + length;
      let at = from;
      for (const { start, end } of sealedSlices(0, from, to, SLICE)) {
        expect(start).toBe(at);
        expect(end % SLICE).toBe(0);
        expect(end - start).toBeLessThanOrEqual(SLICE);
        at = end;
      }
      expect(to - at).toBeLessThan(SLICE);
      expect(at).toBeLessThanOrEqual(Math.max(from, to));
    }),
  );
});
