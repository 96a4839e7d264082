import { ArchiveError, assertSameVersion, mergeTotals } from '@twofold/archive';
import type { ArchiveFile } from '@twofold/archive';
import type { Columns, RecordBatch } from '@twofold/schemas';
import { fileColumns } from './parquet-schema.ts';
import { readGroup } from './parquet-file-reader.ts';
import type { CheckedFile } from './parquet-file-reader.ts';
import { ParquetFileWriter } from './parquet-file-writer.ts';
import type { FileTarget } from './parquet-file-writer.ts';
import { physical } from '@twofold/views';
import { replayGroup } from './replay-group.ts';
import { TextInterner } from './text-interner.ts';

/** Texts remembered before the interner starts anew: bounds memory where they hardly repeat. */
const maxTexts = 500_000;

/** Writes the rows of neighbouring files once more, as one file, a row group at a time. */
export async function compactFiles(
  target: Omit<FileTarget, 'partition' | 'from' | 'keepBytes' | 'allBytes'>,
  files: readonly ArchiveFile[],
  open: (file: ArchiveFile) => Promise<CheckedFile>,
  signal?: AbortSignal,
): Promise<ArchiveFile> {
  const totals = mergeTotals(files);
  const checked: CheckedFile[] = [];
  for (const file of files) {
    const source = await open(file);
    assertSameVersion(target.stream, file, source.fingerprint);
    checked.push(source);
  }
  const writer = new ParquetFileWriter({
    ...target,
    partition: totals.partition,
    from: totals.from,
    keepBytes: true,
    allBytes: checked.every((source) => source.allBytes),
  });
  const interner = new TextInterner();
  try {
    for (const source of checked) {
      signal?.throwIfAborted();
      await appendFile(target, source, writer, interner);
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const merged = await writer.finish(signal);
  assertSameLedger(merged, totals);
  return merged;
}

/** Writes the rows of a file once more, without those that are erased (E21). */
export async function eraseRows(
  target: Omit<FileTarget, 'partition' | 'from' | 'keepBytes' | 'allBytes'>,
  source: CheckedFile,
  isErased: (offset: number) => boolean,
  signal?: AbortSignal,
): Promise<ArchiveFile> {
  const { file, allBytes, fingerprint } = source;
  assertSameVersion(target.stream, file, fingerprint);
  const { partition, from } = file;
  const writer = new ParquetFileWriter({ ...target, partition, from, keepBytes: true, allBytes });
  try {
    await appendFile(target, source, writer, new TextInterner(), isErased);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.finish(signal);
}

async function appendFile(
  target: Pick<FileTarget, 'fs' | 'stream'>,
  source: CheckedFile,
  writer: ParquetFileWriter,
  interner: TextInterner,
  isErased: (offset: number) => boolean = () => false,
): Promise<void> {
  const { file, metadata } = source;
  const { partition } = file;
  const names = fileColumns(target.stream).map(({ name }) => name);
  let { from } = file;
  for (const [i, { num_rows }] of metadata.row_groups.entries()) {
    const rows = Number(num_rows);
    const group = await readGroup(target.fs, source, i, names);
    // Control positions have no row: those between groups belong to the later one, those at the end to the last.
    const next = Number(group.get(physical.offset)?.[rows - 1] ?? from) + 1;
    const to = i === metadata.row_groups.length - 1 ? file.to : next;
    const { batch, columns } = replayGroup(target.stream, group, rows, { partition, from, to }, interner);
    appendKept(writer, batch, columns, to, isErased);
    from = to;
    if (interner.size > maxTexts) interner.reset();
  }
  writer.skip(file.to);
}

/** Appends the runs of rows that stay; positions between them become control. */
function appendKept(
  writer: ParquetFileWriter,
  batch: RecordBatch,
  columns: Columns,
  to: number,
  isErased: (offset: number) => boolean,
): void {
  const { count, offsets } = columns;
  for (let from = 0; from < count;) {
    if (isErased(offsets[from] ?? -1)) {
      from++;
      continue;
    }
    let end = from + 1;
    while (end < count && !isErased(offsets[end] ?? -1)) end++;
    writer.append(batch, columns, from, end, end === count ? to : (offsets[end] ?? to));
    from = end;
  }
}

/** The merged file counts its rows anew; what it finds must be what the manifests said. */
function assertSameLedger(merged: ArchiveFile, totals: ReturnType<typeof mergeTotals>): void {
  const seen = JSON.stringify([
    merged.to,
    merged.records,
    merged.counts,
    merged.slices,
    merged.minEventTime,
    merged.maxEventTime,
  ]);
  const said = JSON.stringify([
    totals.to,
    totals.records,
    totals.counts,
    totals.slices,
    totals.minEventTime,
    totals.maxEventTime,
  ]);
  if (seen === said) return;
  throw new ArchiveError(
    'FILE_DAMAGED',
    `The rows that became ${merged.name} do not add up to what the manifests say of their files. Verify the archive; nothing was replaced.`,
    {
      facts: { name: merged.name, seen, said },
    },
  );
}
