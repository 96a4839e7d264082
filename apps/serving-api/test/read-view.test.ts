import { storeGone } from '@twofold/view-store';
import { encodeKey } from '@twofold/views';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerRows, BatchReader, ByteCache, ReadError, type ReadRequest } from '../src/index.ts';
import { naive } from './naive.ts';
import { bySensor, fill, Plant, plantMinute, T0 } from './plant.ts';

const FROM = T0 - 60_000;
const TO = T0 + 3_600_000;
const MINUTE = { sizeMs: 60_000, everyMs: 10_000 };

let plant: Plant;
let cache: ByteCache;

beforeEach(async () => {
  plant = new Plant();
  cache = new ByteCache(1 << 24);
  fill(plant, 100);
  await plant.register();
});

function ports(store: Plant['store'] = plant.store) {
  return { store, batch: new BatchReader(store, cache), cache, clock: { now: () => T0 } };
}

const all: ReadRequest = {
  view: bySensor,
  layer: 'MERGED',
  keys: null,
  from: FROM,
  to: TO,
  grainMs: null,
  release: null,
  positions: null,
};

async function rows(request: Partial<ReadRequest> = {}, from = ports()) {
  const { windows, merged } = await answerRows({ ...all, ...request }, from);
  const text = new TextDecoder();
  const list = Array.from(windows.keyOfRow, (key, i) => ({
    sensor: text.decode(windows.keys[key]?.subarray(2)),
    windowEnd: windows.windowEnds[i],
    events: windows.measures['events']?.[i],
    total: windows.measures['total']?.[i],
  }));
  return { list, claims: merged.partitions.map(({ claim }) => claim) };
}

/** Sums over the first so many events of each partition. */
function sums(...ends: readonly number[]) {
  const events = plant.log.flatMap((list, partition) => list.slice(0, ends[partition]));
  return naive(events, MINUTE.sizeMs, MINUTE.everyMs, FROM, TO);
}

describe('a merged answer', () => {
  it('is the speed view alone at release 0', async () => {
    await plant.foldBase(0, 10);
    await plant.foldBase(1, 7);
    expect(await rows()).toEqual({ list: sums(10, 7), claims: [10, 7] });
  });

  it('E3: is the sum of batch and speed at a cut inside a slice, whose remainder is read instead of the slice', async () => {
    await plant.foldBase(0, 50);
    await plant.foldBase(1, 40);
    await plant.promote([22, 16], 'r1');
    await plant.foldRemainder(0, 22, 24);
    expect(await rows()).toEqual({ list: sums(50, 40), claims: [50, 40] });
    expect((await rows({ layer: 'BATCH' })).list).toEqual(sums(22, 16));
  });

  it('E3 E22: ends at the remainder while that lags, and goes on once it has ended, whatever was remembered', async () => {
    await plant.foldBase(0, 50);
    await plant.promote([22, 0], 'r1');
    expect(await rows()).toEqual({ list: sums(22, 0), claims: [22, 0] });
    await plant.foldRemainder(0, 22, 23);
    expect(await rows()).toEqual({ list: sums(23, 0), claims: [23, 0] });
    await plant.foldRemainder(0, 22, 24);
    expect(await rows()).toEqual({ list: sums(50, 0), claims: [50, 0] });
    await plant.foldBase(0, 51, { from: 48 });
    expect(await rows()).toEqual({ list: sums(51, 0), claims: [51, 0] });
  });

  it('E24: counts narrow and wide rows of the same positions once', async () => {
    await plant.foldBase(0, 99);
    await plant.mergeWide(0, 0);
    expect(await rows()).toEqual({ list: sums(99, 0), claims: [99, 0] });
    await plant.promote([64, 0], 'r1');
    expect(await rows()).toEqual({ list: sums(99, 0), claims: [99, 0] });
  });

  it('E16: has a snapshot that stays what it was while slices fill and are merged into wide ones', async () => {
    await plant.foldBase(0, 50);
    const first = await rows({ positions: 'SLICE_ENDS' });
    expect(first).toEqual({ list: sums(48, 0), claims: [48, 0] });
    await plant.foldBase(0, 99);
    await plant.mergeWide(0, 0);
    expect(await rows({ positions: first.claims })).toEqual(first);
    await plant.promote([60, 0], 'r1');
    expect(await rows({ positions: first.claims, release: 'release-0' })).toEqual(first);
    await expect(rows({ positions: first.claims })).rejects.toMatchObject({ code: 'SNAPSHOT_EXPIRED' });
  });

  it('has a snapshot at its cut when no slice has ended above it', async () => {
    await plant.foldBase(0, 23);
    await plant.promote([22, 0], 'r1');
    await plant.foldRemainder(0, 22, 23);
    expect(await rows({ positions: 'SLICE_ENDS' })).toEqual({ list: sums(22, 0), claims: [22, 0] });
  });

  it('reads named keys only', async () => {
    await plant.foldBase(0, 50);
    await plant.foldBase(1, 50);
    await plant.promote([30, 30], 'r1');
    await plant.foldRemainder(0, 30, 32);
    await plant.foldRemainder(1, 30, 32);
    const keys = [encodeKey(bySensor, ['s1']), encodeKey(bySensor, ['s2'])];
    const wanted = sums(50, 50).filter(({ sensor }) => sensor === 's1' || sensor === 's2');
    expect((await rows({ keys })).list).toEqual(wanted);
    expect((await rows({ keys })).list).toEqual(wanted);
    expect((await rows({ accepts: (key) => new TextDecoder().decode(key).endsWith('s3') })).list).toEqual(
      sums(50, 50).filter(({ sensor }) => sensor === 's3'),
    );
  });

  it('reads a coarser grain from the coarser level, and refuses one that the panes do not divide', async () => {
    await plant.foldBase(0, 50);
    await plant.promote([20, 0], 'r1');
    const events = plant.log[0]?.slice(0, 50) ?? [];
    expect((await rows({ grainMs: 60_000 })).list).toEqual(naive(events, 60_000, 60_000, FROM, TO));
    await expect(rows({ grainMs: 15_000 })).rejects.toMatchObject({ code: 'GRAIN_NOT_EXPRESSIBLE' });
    await expect(rows({ view: plantMinute, grainMs: 10_000 })).rejects.toMatchObject({ code: 'GRAIN_NOT_EXPRESSIBLE' });
  });

  it('is empty, and so are its totals, when no window ends in the range', async () => {
    await plant.foldBase(0, 50);
    const { merged, windows } = await answerRows({ ...all, from: T0 + 20_001, to: T0 + 20_002 }, ports());
    expect([windows.rows, merged.panes.rows]).toEqual([0, 0]);
  });

  it('is refused when it would hold more panes than it may', async () => {
    await plant.foldBase(0, 50);
    await expect(rows({ maxPanes: 5 })).rejects.toMatchObject({ code: 'TOO_MANY_ROWS' });
  });

  it('is refused while the view has no release', async () => {
    const empty = new Plant();
    await expect(rows({}, ports(empty.store))).rejects.toMatchObject({ code: 'VIEW_NOT_READY', retryable: true });
  });

  it('E5: is refused with STORE_GONE when the store was lost meanwhile, whatever the reads gave', async () => {
    await plant.foldBase(0, 50);
    const { store } = plant;
    const { unproved } = store;
    const lost = { ...store.control, read: () => Promise.reject(storeGone(store.incarnation)) };
    await expect(rows({}, ports({ ...store, control: lost }))).rejects.toMatchObject({ code: 'STORE_GONE' });
    const nothing = { ...unproved, control: async () => null };
    const gone = ports({ ...store, control: lost, unproved: nothing });
    await expect(rows({}, gone)).rejects.toMatchObject({ code: 'STORE_GONE' });
    const failing = { ...unproved, speedRows: () => Promise.reject(new TypeError('no such table')) };
    const dropped = ports({ ...store, control: lost, unproved: failing });
    await expect(rows({}, dropped)).rejects.toMatchObject({ code: 'STORE_GONE' });
    // Without a loss it is what failed that is told.
    await expect(rows({}, ports({ ...store, unproved: failing }))).rejects.toThrow('no such table');
  });

  it('names the part that a damaged store does not have', async () => {
    await plant.foldBase(0, 50);
    await plant.promote([20, 0], 'r1');
    await plant.store.parts.remove({ builds: [], parts: ['r1-bySensor-10000'] });
    await expect(rows()).rejects.toMatchObject({ code: 'PART_MISSING', retryable: false });
  });
});

describe('a release that is dropped while it is read', () => {
  beforeEach(async () => {
    await plant.foldBase(0, 50);
    await plant.promote([20, 0], 'r1');
  });

  /** Ports whose speed rows are read only after something has happened, the first so many times. */
  function interrupted(times: number, happen: (time: number) => Promise<void>) {
    const { store } = plant;
    let time = 0;
    const { unproved } = store;
    const speedRows = async (...args: Parameters<typeof unproved.speedRows>) => {
      if (time < times && args[0].partition === 0) await happen(time++);
      // A store that has let go of what was swept.
      return store.speedRows.read(...args);
    };
    return ports({ ...store, unproved: { ...unproved, speedRows } });
  }

  const replace = async (time: number): Promise<void> => {
    await plant.promote([40 + 4 * time, 0], `next-${time}`);
    await plant.dropOld();
  };

  it('E16: is read again once, on the release that is live then', async () => {
    expect(await rows({}, interrupted(1, replace))).toEqual({ list: sums(50, 0), claims: [50, 0] });
  });

  it('E16: is read again also when all that the store lacks by then are rows that nobody would miss', async () => {
    await plant.foldRemainder(0, 20, 24);
    const from = interrupted(1, replace);
    // The batch side is remembered, so nothing asks for a part that has gone.
    expect((await rows({ layer: 'BATCH' }, from)).list).toEqual(sums(20, 0));
    expect(await rows({}, from)).toEqual({ list: sums(50, 0), claims: [50, 0] });
  });

  it('E16: is refused when it happens again, and at once when a cursor names the release', async () => {
    await expect(rows({}, interrupted(2, replace))).rejects.toMatchObject({ code: 'RELEASE_EXPIRED' });
    const live = (await plant.row()).live;
    const expired = rows(
      { release: live },
      interrupted(1, () => replace(2)),
    );
    await expect(expired).rejects.toBeInstanceOf(ReadError);
    await expect(rows({ release: 'r1' })).rejects.toMatchObject({ code: 'RELEASE_EXPIRED' });
  });
});
