import type { ArchiveFault, ArchiveFile } from './archive.ts';

/** By partition, then by position: the order in which a state lists its files. */
export function byPosition(a: ArchiveFile, b: ArchiveFile): number {
  return a.partition - b.partition || a.from - b.from;
}

/**
 * The first place where the files of a stream are not contiguous and disjoint from each partition's origin (E13), or null.
 * `files` are sorted by `byPosition`.
 */
export function findCoverageFault(
  stream: string,
  origins: readonly number[],
  files: readonly ArchiveFile[],
): ArchiveFault | null {
  let partition = -1;
  let end = 0;
  for (const file of files) {
    if (file.partition !== partition) {
      partition = file.partition;
      const origin = origins[partition];
      if (origin === undefined) return noOrigin(stream, file);
      end = origin;
    }
    if (file.from > end) return hole(stream, file, end);
    if (file.from < end) return overlap(stream, file, end);
    if (!(file.to > file.from)) return emptyRange(stream, file);
    end = file.to;
  }
  return null;
}

function hole(stream: string, file: ArchiveFile, end: number): ArchiveFault {
  return {
    code: 'COVERAGE_HOLE',
    stream,
    name: file.name,
    partition: file.partition,
    from: end,
    to: file.from,
    detail: `No file holds the positions ${end} to ${file.from} of partition ${file.partition}; the next one, ${file.name}, starts at ${file.from}. Archive that range again.`,
  };
}

function overlap(stream: string, file: ArchiveFile, end: number): ArchiveFault {
  return {
    code: 'COVERAGE_OVERLAP',
    stream,
    name: file.name,
    partition: file.partition,
    from: file.from,
    to: Math.min(end, file.to),
    detail: `${file.name} starts at ${file.from}, but partition ${file.partition} is already covered up to ${end}. Only one of the two may be named.`,
  };
}

function noOrigin(stream: string, file: ArchiveFile): ArchiveFault {
  return {
    code: 'COVERAGE_HOLE',
    stream,
    name: file.name,
    partition: file.partition,
    from: null,
    to: file.from,
    detail: `Partition ${file.partition} has no origin in the chain of ${stream}, so nothing says where it starts. Commit its origin first.`,
  };
}

function emptyRange(stream: string, file: ArchiveFile): ArchiveFault {
  return {
    code: 'COVERAGE_OVERLAP',
    stream,
    name: file.name,
    partition: file.partition,
    from: file.from,
    to: file.to,
    detail: `${file.name} covers no position: it runs from ${file.from} to ${file.to}. A file holds at least one.`,
  };
}
