import { expect, it } from 'vitest';
import type { BuildIndex } from '../view-store.ts';
import { bytesOf, hostileNames, noise, partChunk, view } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

const indexOf = (build: string): BuildIndex => ({
  ...view,
  build,
  parts: [{ part: 'p1', widthMs: 60_000, from: 0, to: 600_000, rows: 12, sha256: 'abc', chunks: 2 }],
});

export function partsCases(t: StoreContext): void {
  it('gives the chunks of a part by number, and its directory without their bytes, also after reopening', async () => {
    const chunks = [0, 1, 2, 10].map((number) => partChunk(number, { bytes: noise(number, 5_000) }));
    await t.store.parts.writeChunks('p1', [...chunks].reverse().slice(0, 2));
    await t.store.parts.writeChunks('p1', chunks);
    await t.store.parts.writeChunks('p2', [partChunk(0)]);
    await t.reopen();
    expect(await t.store.parts.directory('p1')).toEqual(chunks.map(({ bytes: _, ...entry }) => entry));
    for (const { number, bytes } of chunks) expect(await t.store.parts.chunk('p1', number)).toEqual(bytes);
    expect(await t.store.parts.chunk('p2', 0)).toEqual(bytesOf('chunk 0'));
    expect(await t.store.parts.chunk('p1', 3)).toBeNull();
    expect(await t.store.parts.chunk('p3', 0)).toBeNull();
    expect(await t.store.parts.directory('p3')).toEqual([]);
  });

  it('keeps chunks of several megabytes, empty first keys and panes before 1970', async () => {
    const chunk = partChunk(0, { bytes: noise(3, 5 * 2 ** 20), firstKey: new Uint8Array(), firstPane: -60_000 });
    await t.store.parts.writeChunks('p1', [chunk]);
    expect(await t.store.parts.directory('p1')).toMatchObject([{ firstPane: -60_000, firstKey: new Uint8Array() }]);
    const found = (await t.store.parts.chunk('p1', 0)) ?? new Uint8Array();
    expect(Buffer.compare(found, chunk.bytes)).toBe(0);
  });

  it('E14: never changes what is written, and reports who tries', async () => {
    await t.store.parts.writeChunks('p1', [partChunk(0)]);
    await t.store.parts.writeIndex(indexOf('b1'));
    await t.store.parts.writeChunks('p1', [partChunk(0)]);
    await t.store.parts.writeIndex(indexOf('b1'));
    expect(t.conflicts).toEqual([]);
    await t.store.parts.writeChunks('p1', [partChunk(0, { bytes: bytesOf('other') })]);
    await t.store.parts.writeIndex({ ...indexOf('b1'), parts: [] });
    expect(t.conflicts.map((each) => each.facts)).toMatchObject([{ what: 'chunk', part: 'p1' }, { what: 'index' }]);
    expect(await t.store.parts.chunk('p1', 0)).toEqual(bytesOf('chunk 0'));
    expect(await t.store.parts.index('b1')).toEqual(indexOf('b1'));
  });

  it('gives the index of a build whole, and null for one that is not there', async () => {
    await t.store.parts.writeIndex(indexOf('b1'));
    await t.store.parts.writeIndex({ ...indexOf('b2'), parts: [] });
    await t.reopen();
    expect(await t.store.parts.index('b1')).toEqual(indexOf('b1'));
    expect(await t.store.parts.index('b2')).toEqual({ ...indexOf('b2'), parts: [] });
    expect(await t.store.parts.index('b3')).toBeNull();
  });

  it('E14: lists every part and build there is, with an index or without', async () => {
    await t.store.parts.writeChunks('p1', [partChunk(0), partChunk(1)]);
    await t.store.parts.writeChunks('p2', [partChunk(0)]);
    await t.store.parts.writeIndex(indexOf('b1'));
    const { parts, builds } = await t.store.parts.list();
    expect([[...parts].sort(), [...builds].sort()]).toEqual([['p1', 'p2'], ['b1']]);
  });

  it('E14: keeps a removed part or build invisible when it is written late, also after reopening', async () => {
    for (const part of ['p1', 'p2']) await t.store.parts.writeChunks(part, [partChunk(0), partChunk(1)]);
    for (const build of ['b1', 'b2']) await t.store.parts.writeIndex(indexOf(build));
    await t.store.parts.remove({ parts: ['p1', 'never-written'], builds: ['b1', 'never-written'] });
    const late = async (): Promise<void> => {
      for (const part of ['p1', 'never-written']) await t.store.parts.writeChunks(part, [partChunk(0), partChunk(7)]);
      for (const build of ['b1', 'never-written']) await t.store.parts.writeIndex(indexOf(build));
    };
    await late();
    await t.reopen();
    await late();
    expect(await t.store.parts.list()).toEqual({ parts: ['p2'], builds: ['b2'] });
    expect(await t.store.parts.directory('p1')).toEqual([]);
    expect(await t.store.parts.chunk('p1', 0)).toBeNull();
    expect(await t.store.parts.index('b1')).toBeNull();
    expect(await t.store.parts.index('never-written')).toBeNull();
    expect((await t.store.parts.directory('p2')).length).toBe(2);
    await t.store.parts.remove({ parts: ['p1'], builds: ['b1'] });
  });

  it('E14: forgets removed ids, and still no late write brings one of them back, also after reopening', async () => {
    for (const part of ['1.p', '2.p', '3.p', '5.p']) await t.store.parts.writeChunks(part, [partChunk(0)]);
    for (const build of ['1.b', '2.b', '5.b']) await t.store.parts.writeIndex(indexOf(build));
    await t.store.parts.remove({ parts: ['1.p', '3.p', '5.p', '2.never'], builds: ['1.b', '5.b', '2.never'] });
    expect(await t.store.parts.forgetRemoved('4')).toBe(5);
    expect(await t.store.parts.forgetRemoved('4')).toBe(0);
    const late = async (): Promise<void> => {
      for (const part of ['1.p', '3.p', '5.p', '2.never', '2.other'])
        await t.store.parts.writeChunks(part, [partChunk(0), partChunk(7)]);
      for (const build of ['1.b', '5.b', '2.never', '2.other']) await t.store.parts.writeIndex(indexOf(build));
    };
    await late();
    await t.reopen();
    await late();
    expect(await t.store.parts.list()).toEqual({ parts: ['2.p'], builds: ['2.b'] });
    expect(await t.store.parts.directory('3.p')).toEqual([]);
    expect(await t.store.parts.index('1.b')).toBeNull();
  });

  it('E14: goes on with what is there below the mark, and takes new ids at or above it', async () => {
    await t.store.parts.writeChunks('1.p', [partChunk(0)]);
    await t.store.parts.writeIndex(indexOf('1.b'));
    await t.store.parts.forgetRemoved('4');
    await t.store.parts.forgetRemoved('2');
    await t.store.parts.writeChunks('1.p', [partChunk(0), partChunk(1)]);
    await t.store.parts.writeIndex(indexOf('1.b'));
    expect(t.conflicts).toEqual([]);
    await t.store.parts.writeChunks('3.p', [partChunk(0)]);
    for (const part of ['4', '4.p', '9.p']) await t.store.parts.writeChunks(part, [partChunk(0)]);
    await t.store.parts.writeIndex(indexOf('4.b'));
    expect((await t.store.parts.directory('1.p')).length).toBe(2);
    const { parts, builds } = await t.store.parts.list();
    expect([[...parts].sort(), [...builds].sort()]).toEqual([
      ['1.p', '4', '4.p', '9.p'],
      ['1.b', '4.b'],
    ]);
  });

  it('forgets thousands of removed ids', async () => {
    const ids = Array.from({ length: 2_500 }, (_, i) => `1.${i}`);
    await t.store.parts.remove({ parts: ids, builds: ids });
    expect(await t.store.parts.forgetRemoved('2')).toBe(5_000);
  });

  it('removes parts of many chunks completely', async () => {
    const chunks = Array.from({ length: 300 }, (_, i) => partChunk(i, { bytes: noise(i, 2_000) }));
    await t.store.parts.writeChunks('p1', chunks);
    await t.store.parts.remove({ parts: ['p1'], builds: [] });
    for (const number of [0, 150, 299]) expect(await t.store.parts.chunk('p1', number)).toBeNull();
    expect((await t.store.parts.list()).parts).toEqual([]);
  });

  it('tells hostile ids apart and gives them back as they were', async () => {
    for (const id of hostileNames) {
      await t.store.parts.writeChunks(id, [partChunk(0, { bytes: bytesOf(id) })]);
      await t.store.parts.writeIndex(indexOf(id));
    }
    for (const id of hostileNames) {
      expect(await t.store.parts.chunk(id, 0)).toEqual(bytesOf(id));
      expect(await t.store.parts.index(id)).toEqual(indexOf(id));
    }
    const { parts, builds } = await t.store.parts.list();
    expect([...parts].sort()).toEqual([...hostileNames].sort());
    expect([...builds].sort()).toEqual([...hostileNames].sort());
  });
}
