import { expect, it } from 'vitest';
import { archivedEnd } from '../archive.ts';
import type { ArchiveFile } from '../archive.ts';
import { manifestName } from '../manifest.ts';
import { makeRows } from './archive-fixtures.ts';
import { commitAll, faultsOf, filled, readAll, refusal, stream, writeFile } from './archive-harness.ts';
import type { MakeArchive } from './archive-harness.ts';

/** The chain: who wins, what it refuses, what it remembers. */
export function manifestContract(make: MakeArchive): void {
  it('E12: lets exactly one of two archivers name its file; the other’s is an orphan that no reader sees', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const other = reopen();
    const mine = await writeFile(archive, makeRows(1, 0, 0, 50));
    const theirs = await writeFile(other, makeRows(2, 0, 0, 60));
    const heads = [await archive.head(stream.name), await other.head(stream.name)] as const;
    const won = await Promise.all([
      archive.commit(heads[0], { add: [mine], origins: [0] }),
      other.commit(heads[1], { add: [theirs], origins: [0] }),
    ]);
    expect(won.filter((state) => state !== null)).toHaveLength(1);
    const winner = won[0] === null ? theirs : mine;
    for (const reader of [archive, other, reopen()]) expect((await reader.head(stream.name)).files).toEqual([winner]);
    expect(await faultsOf(reopen())).toEqual([]);
  });

  it('numbers ten racing archivers’ commits without a gap, each exactly once', { timeout: 30_000 }, async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    await archive.commit(await archive.head(stream.name), { add: [], origins: [0] });
    const wins = await Promise.all(
      Array.from({ length: 10 }, async (_, who) => {
        const mine = reopen();
        let won = 0;
        while (won < 3) {
          const head = await mine.head(stream.name);
          const from = archivedEnd(head, 0);
          const file = await writeFile(mine, makeRows(who * 100 + won, 0, from, 10));
          if ((await mine.commit(head, { add: [file] })) !== null) won++;
        }
        return won;
      }),
    );
    expect(wins.reduce((a, b) => a + b, 0)).toBe(30);
    const state = await reopen().head(stream.name);
    expect([state.number, state.files.length, archivedEnd(state, 0)]).toEqual([30, 30, 300]);
    expect(await faultsOf(reopen())).toEqual([]);
  });

  it('settles a commit whose outcome was unknown when it is repeated', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const before = await archive.head(stream.name);
    const file = await writeFile(archive, makeRows(3, 0, 0, 50));
    const change = { add: [file], origins: [0] };
    const first = await archive.commit(before, change);
    expect(await reopen().commit(before, change)).toEqual(first);
    const another = await writeFile(archive, makeRows(3, 0, 0, 50));
    expect(await archive.commit(before, { add: [another], origins: [0] })).toBeNull();
  });

  it('refuses holes and overlaps with partition and range', async () => {
    const { archive } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 3, 10);
    const hole = await writeFile(archive, makeRows(14, 0, 230, 40));
    const overlap = await writeFile(archive, makeRows(15, 0, 210, 40));
    await expect(archive.commit(state, { add: [hole] })).rejects.toMatchObject({
      code: 'COVERAGE_HOLE',
      facts: { partition: 0, from: 220, to: 230 },
    });
    await expect(archive.commit(state, { add: [overlap] })).rejects.toMatchObject({
      code: 'COVERAGE_OVERLAP',
      facts: { partition: 0, from: 210, to: 220 },
    });
    const middle = files[1]?.name ?? '';
    expect(await refusal(archive.commit(state, { add: [], remove: [middle] }))).toBe('COVERAGE_HOLE');
    expect(await refusal(archive.commit(state, { add: [], remove: ['never-there'] }))).toBe('FILE_MISSING');
    expect((await archive.head(stream.name)).number).toBe(state.number);
  });

  it('refuses a first file that does not start at its partition’s origin, and a partition without one', async () => {
    const { archive } = await make({ keepBytes: true });
    const head = await archive.head(stream.name);
    const file = await writeFile(archive, makeRows(16, 0, 5, 20));
    expect(await refusal(archive.commit(head, { add: [file], origins: [0] }))).toBe('COVERAGE_HOLE');
    expect(await refusal(archive.commit(head, { add: [file], origins: [6] }))).toBe('COVERAGE_OVERLAP');
    expect(await refusal(archive.commit(head, { add: [file] }))).toBe('COVERAGE_HOLE');
    expect((await archive.commit(head, { add: [file], origins: [5] }))?.number).toBe(0);
  });

  it('keeps origins in the chain: growth appends one, none ever moves', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { state } = await filled(archive, 2, 20);
    const grown = await archive.commit(state, { add: [], origins: [100, 0, 7] });
    expect(grown?.origins).toEqual([100, 0, 7]);
    if (grown === null) return;
    const file = await writeFile(archive, makeRows(22, 2, 7, 30));
    await archive.commit(grown, { add: [file] });
    const head = await reopen().head(stream.name);
    expect([head.origins, archivedEnd(head, 1), archivedEnd(head, 2)]).toEqual([[100, 0, 7], 0, 37]);
    expect(await refusal(archive.commit(head, { add: [], origins: [100, 1, 7] }))).toBe('ORIGIN_CHANGED');
    expect(await refusal(archive.commit(head, { add: [], origins: [100, 0] }))).toBe('ORIGIN_CHANGED');
  });

  it('keeps the head it knows, sees another’s commits, and verifies every new link', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    await filled(archive, 2, 30);
    const reader = reopen();
    expect((await reader.head(stream.name)).number).toBe(1);
    const next = await writeFile(archive, makeRows(33, 0, 180, 40));
    await commitAll(archive, [next], [100]);
    expect((await reader.head(stream.name)).number).toBe(2);
    const after = await writeFile(archive, makeRows(34, 0, 220, 40));
    await commitAll(archive, [after], [100]);
    const link = manifestName(stream.name, 3);
    const bytes = (await stored.get(link)) ?? new Uint8Array();
    await stored.put(
      link,
      bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    );
    expect(await refusal(reader.head(stream.name))).toBe('MANIFEST_DAMAGED');
    await stored.put(link, bytes);
    expect((await reader.head(stream.name)).number).toBe(3);
  });

  it(
    'goes on over full manifests, and reads the state of any older number while its files exist',
    { timeout: 30_000 },
    async () => {
      const { archive, reopen } = await make({ keepBytes: true });
      const files: ArchiveFile[] = [];
      for (let i = 0; i < 131; i++) files.push(await writeFile(archive, makeRows(i, 0, i * 3, 3)));
      await commitAll(archive, files, [0]);
      const fresh = reopen();
      expect((await fresh.head(stream.name)).files).toEqual(files);
      for (const number of [-1, 0, 1, 62, 63, 64, 65, 127, 128, 130]) {
        const state = await fresh.stateAt(stream.name, number);
        expect([state.number, state.files]).toEqual([number, files.slice(0, number + 1)]);
      }
      expect(await refusal(fresh.stateAt(stream.name, 131))).toBe('MANIFEST_MISSING');
      expect(await readAll(fresh, await fresh.stateAt(stream.name, 5))).toHaveLength(
        files.slice(0, 6).reduce((records, file) => records + file.records, 0),
      );
      expect(await faultsOf(fresh)).toEqual([]);
    },
  );
}
