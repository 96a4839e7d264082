import { archivedRecords, type ColumnArchive } from '@twofold/archive';
import type { LogReader } from '@twofold/event-log';
import { isTwofoldError, type RecordBatch } from '@twofold/schemas';
import type { StreamTopic } from './platform.ts';

/** The original bytes of one position's value, from the log or, where that has let go of it, from the archive (E7); null: neither has it, or it was erased (E21). */
export async function readRecord(
  { stream, topic }: StreamTopic,
  place: { readonly partition: number; readonly offset: number },
  {
    log,
    archive,
  }: {
    readonly log: Pick<LogReader, 'open'>;
    readonly archive: Pick<ColumnArchive, 'head' | 'read' | 'corrections'>;
  },
): Promise<Uint8Array | null> {
  const { partition, offset } = place;
  const blanks = await archivedRecords(archive, () => stream).blanks(topic, partition);
  if (blanks.some(({ offsets }) => offsets.includes(offset))) return null;
  const cursor = log.open(topic, partition);
  try {
    return valueAt(await cursor.read(offset, { to: offset + 1 }), offset);
  } catch (error) {
    if (!isTwofoldError(error) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
  } finally {
    await cursor.close();
  }
  const { files } = await archive.head(stream.name);
  const file = files.find((each) => each.partition === partition && each.from <= offset && offset < each.to);
  return file === undefined ? null : valueAt(await archive.read(stream, file, offset, offset + 1), offset);
}

function valueAt(batch: RecordBatch, offset: number): Uint8Array | null {
  const row = batch.offsets.subarray(0, batch.count).indexOf(offset);
  const start = batch.valueStarts[row] ?? -1;
  return start < 0 ? null : batch.bytes.slice(start, batch.valueEnds[row]);
}
