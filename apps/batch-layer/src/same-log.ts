import { archivedEnd, archivedRecords } from '@twofold/archive';
import { LogError, withoutBlanks } from '@twofold/event-log';
import type { RecordBatch } from '@twofold/schemas';
import { BatchError } from './errors.ts';
import type { BatchPorts, StreamTopic } from './ports.ts';

/** Archived positions of each partition that are compared, the last ones. */
const COMPARED = 64;

/**
 * The control row knows which log the archive is of. Where it was lost with its store, the records have to tell: what the
 * archive has last, the log has too, unless it let go of it. A log that was made anew would be archived after the old one
 * as if it were its continuation (E7).
 * @throws LOG_REPLACED
 */
export async function checkArchivedLog(
  topic: StreamTopic,
  { log, archive }: Pick<BatchPorts, 'log' | 'archive'>,
): Promise<void> {
  const { name } = topic.stream;
  const records = archivedRecords(archive, () => topic.stream);
  // The archive first: what it has by then, the log has by now, also while another one archives.
  const state = await archive.head(name);
  for (const { partition, start, end } of await log.partitions(topic.topic)) {
    const origin = state.origins[partition];
    const to = archivedEnd(state, partition);
    if (origin === undefined || to <= origin) continue;
    if (end < to) throw replaced({ stream: name, partition, archivedTo: to, end }, `it ends at ${end}`);
    const cursor = log.open(topic.topic, partition);
    try {
      for (let from = Math.max(start, origin, to - COMPARED); from < to;) {
        // The log first: what is erased from both meanwhile is missing in the archive, and not looked for.
        const batch = await cursor.read(from, { to });
        if (batch.nextOffset <= from) break;
        const found = contentOf(batch);
        const kept = await records.read(topic.topic, partition, from, Math.min(to, batch.nextOffset));
        // What a redaction has begun to erase is no record of the log any more, and may still be one of a file.
        const blanks = await records.blanks(topic.topic, partition);
        for (const [offset, content] of contentOf(withoutBlanks(kept, blanks)))
          if (found.get(offset) !== content)
            throw replaced({ stream: name, partition, archivedTo: to, offset }, `it has another record at ${offset}`);
        from = kept.nextOffset;
      }
    } catch (error) {
      // Let go of since it was asked where it starts.
      if (!(error instanceof LogError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
    } finally {
      await cursor.close();
    }
  }
}

/** Position → when the record was logged, and its value. */
function contentOf(batch: RecordBatch): Map<number, string> {
  const { count, bytes, offsets, times, valueStarts, valueEnds } = batch;
  const found = new Map<number, string>();
  for (let row = 0; row < count; row++) {
    const from = valueStarts[row] ?? -1;
    const value = from < 0 ? 'null' : Buffer.from(bytes.subarray(from, valueEnds[row])).toString('base64');
    found.set(offsets[row] ?? -1, `${times[row] ?? 0} ${value}`);
  }
  return found;
}

function replaced(facts: Readonly<Record<string, string | number>>, how: string): BatchError {
  const { stream, partition, archivedTo } = facts;
  return new BatchError(
    'LOG_REPLACED',
    `stream ${stream}, partition ${partition}: the archive, which reaches ${archivedTo}, is not of this log: ${how}. The topic was deleted and created again, and the store that knew the old one is gone, too. Nothing was registered. Restore the log, or register a new project.`,
    { facts },
  );
}
