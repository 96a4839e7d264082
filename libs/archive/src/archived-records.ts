import type { BlankRecords, RecordBatch, Stream } from '@twofold/schemas';
import { archivedEnd, type ArchiveFile, type ArchiveState } from './archive.ts';
import type { ColumnArchive } from './archived-columns.ts';
import { ArchiveError } from './errors.ts';
import { createBlankLoader } from './load-blanks.ts';

/** Original records by topic and position, as a log that reaches back into the archive wants them (E7). */
export interface ArchivedRecordReader {
  range(topic: string, partition: number): Promise<{ readonly from: number; readonly to: number } | null>;
  read(topic: string, partition: number, from: number, to: number): Promise<RecordBatch>;
  /** What redactions have erased of a partition: none of it is a record any more, in the log either. */
  blanks(topic: string, partition: number): Promise<readonly BlankRecords[]>;
}

/** @param streamOf the stream of a topic; undefined: the archive has nothing of it */
export function archivedRecords(
  archive: Pick<ColumnArchive, 'head' | 'read' | 'corrections'>,
  streamOf: (topic: string) => Stream | undefined,
): ArchivedRecordReader {
  const blanksOf = createBlankLoader(archive);
  return {
    async blanks(topic, partition) {
      const stream = streamOf(topic);
      if (stream === undefined) return [];
      return (await blanksOf(await archive.head(stream.name))).get(partition) ?? [];
    },
    async range(topic, partition) {
      const stream = streamOf(topic);
      if (stream === undefined) return null;
      const state = await archive.head(stream.name);
      const from = state.origins[partition];
      return from === undefined ? null : { from, to: archivedEnd(state, partition) };
    },
    async read(topic, partition, from, to) {
      const stream = streamOf(topic);
      if (stream === undefined)
        throw new ArchiveError('COVERAGE_HOLE', `No stream of the archive is read from topic ${topic}.`);
      for (let gone: string | null = null; ;) {
        const file = fileAt(await archive.head(stream.name), partition, from);
        try {
          return await archive.read(stream, file, from, Math.min(to, file.to));
        } catch (error) {
          // Replaced and collected between the two reads: the head names another file by now.
          if (!(error instanceof ArchiveError) || error.code !== 'FILE_MISSING' || gone === file.name) throw error;
          gone = file.name;
        }
      }
    },
  };
}

function fileAt(state: ArchiveState, partition: number, from: number): ArchiveFile {
  const file = state.files.find((each) => each.partition === partition && each.from <= from && from < each.to);
  if (file !== undefined) return file;
  throw new ArchiveError(
    'COVERAGE_HOLE',
    `Position ${from} of partition ${partition} of ${state.stream} is not archived.`,
    { facts: { stream: state.stream, partition, from } },
  );
}
