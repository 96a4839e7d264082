import { expect, it } from 'vitest';
import type { ArchiveState } from '../archive.ts';
import type { ColumnArchive } from '../archived-columns.ts';
import { collectable } from '../collectable.ts';
import { manifestName } from '../manifest.ts';
import { makeRows } from './archive-fixtures.ts';
import { commitAll, faultsOf, filled, readAll, refusal, stream, writeFile } from './archive-harness.ts';
import type { MakeArchive } from './archive-harness.ts';

/** Names of stored files that may go, of those that were found when the head had this number. */
async function collectableNames(archive: ColumnArchive, foundAt: number): Promise<string[]> {
  const { files } = await archive.listStored(stream.name);
  const state = await archive.head(stream.name);
  return files.filter((file) => collectable(file, foundAt, state)).map(({ name }) => name);
}

async function compactAll(archive: ColumnArchive, state: ArchiveState): Promise<ArchiveState | null> {
  const merged = await archive.compact(stream, state.files);
  return archive.commit(state, { add: [merged], remove: state.files.map((file) => file.name) });
}

/** What nothing names can be found and taken away, and nothing else. */
export function collectionContract(make: MakeArchive): void {
  it('lists stored data files, named or not, with what their names say', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    expect(await archive.listStored(stream.name)).toEqual({ files: [], unfinished: [] });
    const { files } = await filled(archive, 2, 1);
    const orphan = await writeFile(archive, makeRows(9, 0, 180, 40));
    const { files: stored, unfinished } = await reopen().listStored(stream.name);
    const expected = [...files, orphan].map(({ name, partition, from, to }) => ({ name, partition, from, to }));
    expect([...stored].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      expected.sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect(unfinished).toEqual([]);
  });

  it('E12: takes away files that were replaced, and every record is still there', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 3, 2);
    const before = await readAll(archive, state);
    const next = await compactAll(archive, state);
    if (next === null) return expect.unreachable();
    const names = await collectableNames(archive, state.number);
    expect(names.sort()).toEqual(files.map(({ name }) => name).sort());
    await archive.removeStored(names);
    await archive.removeStored(names);
    const reader = reopen();
    expect(await readAll(reader, await reader.head(stream.name))).toEqual(before);
    expect(await faultsOf(reader)).toEqual([]);
    expect((await reader.listStored(stream.name)).files.map(({ name }) => name)).toEqual(
      next.files.map(({ name }) => name),
    );
  });

  it('E12: a file at the end of coverage may still be named, however old it is', async () => {
    const { archive } = await make({ keepBytes: true });
    const { state } = await filled(archive, 2, 3);
    const late = await writeFile(archive, makeRows(7, 0, 180, 40));
    // The chain moves on without it: another partition's origin.
    const head = await archive.commit(state, { add: [], origins: [100, 0] });
    expect(await collectableNames(archive, state.number)).toEqual([]);
    if (head === null) return expect.unreachable();
    expect(await archive.commit(head, { add: [late] })).not.toBeNull();
  });

  it('E12: an archiver’s file may go once another one covers its place: it can not be committed any more', async () => {
    const { archive } = await make({ keepBytes: true });
    const { state } = await filled(archive, 2, 4);
    const orphan = await writeFile(archive, makeRows(7, 0, 180, 40));
    const first = await writeFile(archive, makeRows(8, 0, 180, 20));
    const foundAt = (await archive.head(stream.name)).number;
    const head = await commitAll(archive, [first], [100]);
    expect(await collectableNames(archive, foundAt)).toEqual([orphan.name]);
    expect(await archive.commit(state, { add: [orphan] })).toBeNull();
    expect(await refusal(archive.commit(head, { add: [orphan] }))).toBe('COVERAGE_OVERLAP');
  });

  it('E12: a compaction’s file may go only after the chain has moved on: until then its commit can come', async () => {
    const { archive } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 3, 5);
    const merged = await archive.compact(stream, files);
    const foundAt = (await archive.head(stream.name)).number;
    expect(await collectableNames(archive, foundAt)).toEqual([]);
    const remove = files.map(({ name }) => name);
    await commitAll(archive, [await writeFile(archive, makeRows(8, 0, 220, 20))], [100]);
    expect(await collectableNames(archive, foundAt)).toEqual([merged.name]);
    expect(await archive.commit(state, { add: [merged], remove })).toBeNull();
  });

  it('refuses to remove a manifest, or anything that is no data file', async () => {
    const { archive, stored } = await make({ keepBytes: true });
    const { files } = await filled(archive, 1, 6);
    for (const name of [manifestName(stream.name, 0), 'unfinished/../x', '../outside', stream.name])
      expect(await refusal(archive.removeStored([...files.map((file) => file.name), name])), name).toBe(
        'NOT_A_DATA_FILE',
      );
    for (const { name } of files) expect(await stored.get(name)).not.toBeNull();
  });

  it('names a file as missing that was taken away while somebody read it', async () => {
    const { archive } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 3, 7);
    const [first] = files;
    if (first === undefined) return expect.unreachable();
    await archive.read(stream, first, first.from, first.from + 1);
    await compactAll(archive, state);
    await archive.removeStored(files.map(({ name }) => name));
    for (const file of files.slice(1))
      expect(await refusal(archive.read(stream, file, file.from, file.to))).toBe('FILE_MISSING');
    expect(await refusal(archive.readColumns(stream, first))).toBe('FILE_MISSING');
  });
}
