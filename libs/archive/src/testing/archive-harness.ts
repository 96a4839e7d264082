import type { ArchiveFile, ArchiveState } from '../archive.ts';
import type { ColumnArchive } from '../archived-columns.ts';
import { describeBatch, machineStream, makeRows } from './archive-fixtures.ts';
import type { Rows } from './archive-fixtures.ts';

/** Raw storage under an archive: what a disk fault or a careless hand can do to it. Names as in manifests. */
export interface StoredBytes {
  get(name: string): Promise<Uint8Array | null>;
  /** Overwrites. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

/** One storage under test. */
export interface ArchiveHarness {
  readonly archive: ColumnArchive;
  /** Another process over the same storage: nothing in memory is shared. */
  reopen(): ColumnArchive;
  readonly stored: StoredBytes;
  close(): Promise<void>;
}

export type MakeArchive = (options: { readonly keepBytes: boolean }) => Promise<ArchiveHarness>;

export const stream = machineStream;

/** Writes the rows as one file, in `steps` appends. */
export async function writeFile(archive: ColumnArchive, rows: Rows, steps = 1): Promise<ArchiveFile> {
  const { batch, columns } = rows;
  const writer = archive.create(stream, columns.partition, columns.baseOffset);
  for (let step = 0; step < steps; step++) {
    const fromRow = Math.floor((columns.count * step) / steps);
    const toRow = Math.floor((columns.count * (step + 1)) / steps);
    const last = step === steps - 1;
    const next = last ? columns.nextOffset : (columns.offsets[toRow - 1] ?? columns.baseOffset - 1) + 1;
    writer.append(batch, columns, fromRow, toRow, next);
  }
  return writer.finish();
}

/** Commits files one by one onto the head; every commit has to win. */
export async function commitAll(
  archive: ColumnArchive,
  files: readonly ArchiveFile[],
  origins: readonly number[],
): Promise<ArchiveState> {
  let state = await archive.head(stream.name);
  for (const file of files) {
    const next = await archive.commit(state, { add: [file], origins });
    if (next === null) throw new RangeError(`another archiver won manifest ${state.number + 1}; this test has none`);
    state = next;
  }
  return state;
}

/** `count` neighbouring files of partition 0 from position 100 on, committed, with what went in. */
export async function filled(
  archive: ColumnArchive,
  count: number,
  seed: number,
): Promise<{ state: ArchiveState; files: ArchiveFile[]; rows: Rows[] }> {
  const rows = Array.from({ length: count }, (_, i) => makeRows(seed + i, 0, 100 + i * 40, 40));
  const files: ArchiveFile[] = [];
  for (const part of rows) files.push(await writeFile(archive, part, 2));
  return { state: await commitAll(archive, files, [100]), files, rows };
}

/** All records of partition 0 that a state names, as plain values. */
export async function readAll(archive: ColumnArchive, state: ArchiveState): Promise<unknown[]> {
  const records: unknown[] = [];
  for (const file of state.files) {
    const batch = await archive.read(stream, file, file.from, file.to);
    const described = describeBatch(batch) as { records: unknown[] };
    records.push(...described.records);
  }
  return records;
}

/** The code of the error that a call ends with; fails when it ends without one. */
export async function refusal(call: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'no refusal';
}

/** Everything `verify` names, as [code, name]. */
export async function faultsOf(archive: ColumnArchive): Promise<[string, string][]> {
  const faults: [string, string][] = [];
  for await (const fault of archive.verify(stream.name)) faults.push([fault.code, fault.name]);
  return faults;
}
