import { expect, it } from 'vitest';
import { planCompaction } from '../plan-compaction.ts';
import { describeArchived } from './file-contract.ts';
import { faultsOf, filled, readAll, refusal, stream } from './archive-harness.ts';
import type { MakeArchive } from './archive-harness.ts';

/** Small files become one, and nobody can tell from what is read. */
export function compactionContract(make: MakeArchive): void {
  it('replaces neighbours by one file: the same records, columns, ledger and coverage', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 6, 1);
    const before = await readAll(archive, state);
    const columnsBefore: unknown[] = [];
    for (const file of files)
      columnsBefore.push(...(describeArchived(await archive.readColumns(stream, file)) as unknown[]));

    const merged = await archive.compact(stream, files.slice(0, 5));
    const next = await archive.commit(state, { add: [merged], remove: files.slice(0, 5).map((file) => file.name) });
    expect(next?.files).toHaveLength(2);
    if (next === null) return;
    expect(await readAll(reopen(), next)).toEqual(before);
    const columnsAfter: unknown[] = [];
    for (const file of next.files)
      columnsAfter.push(...(describeArchived(await archive.readColumns(stream, file)) as unknown[]));
    expect(columnsAfter).toEqual(columnsBefore);
    expect(merged.counts.control).toBe(files.slice(0, 5).reduce((sum, file) => sum + file.counts.control, 0));
    expect(merged.slices.map(([start]) => start)).toEqual([64, 128, 192, 256]);
    expect(await faultsOf(reopen())).toEqual([]);
  });

  it('leaves the state from before readable', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 3, 2);
    const before = await readAll(archive, state);
    const merged = await archive.compact(stream, files);
    await archive.commit(state, { add: [merged], remove: files.map((file) => file.name) });
    const reader = reopen();
    expect(await readAll(reader, await reader.stateAt(stream.name, state.number))).toEqual(before);
  });

  it('keeps rejected records’ bytes where others are not kept', async () => {
    const { archive } = await make({ keepBytes: false });
    const { files, rows } = await filled(archive, 3, 3);
    const merged = await archive.compact(stream, files);
    for (const { offset } of rows.flatMap((part) => part.columns.rejections)) {
      expect((await archive.read(stream, merged, offset, offset + 1)).count).toBe(1);
    }
    expect(await refusal(archive.read(stream, merged, merged.from, merged.to))).toBe('BYTES_NOT_KEPT');
  });

  it('refuses files that are not neighbours, and damaged ones', async () => {
    const { archive, stored } = await make({ keepBytes: true });
    const { files } = await filled(archive, 3, 4);
    const [first, second, third] = files;
    if (first === undefined || second === undefined || third === undefined) return expect.unreachable();
    expect(await refusal(archive.compact(stream, [first, third]))).toBe('ROWS_OUT_OF_ORDER');
    expect(await refusal(archive.compact(stream, []))).toBe('ROWS_OUT_OF_ORDER');
    await stored.remove(second.name);
    expect(await refusal(archive.compact(stream, [first, second]))).toBe('FILE_MISSING');
  });

  it('carries out a plan until there is nothing left to merge', { timeout: 30_000 }, async () => {
    const { archive } = await make({ keepBytes: true });
    const filledArchive = await filled(archive, 20, 5);
    const before = await readAll(archive, filledArchive.state);
    let state = filledArchive.state;
    for (;;) {
      const [group] = planCompaction(state, { maxRecords: 400, maxBytes: 1e9, minFiles: 4 });
      if (group === undefined) break;
      const next = await archive.commit(state, {
        add: [await archive.compact(stream, group)],
        remove: group.map((file) => file.name),
      });
      if (next === null) return expect.unreachable();
      state = next;
    }
    expect(state.files.length).toBeLessThan(5);
    expect(await readAll(archive, state)).toEqual(before);
  });
}
