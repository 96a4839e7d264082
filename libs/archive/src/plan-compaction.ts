import type { ArchiveFile, ArchiveState } from './archive.ts';

export interface CompactionLimits {
  /** No merged file holds more records than this; a file that alone holds as many is left as it is. */
  readonly maxRecords: number;
  /** The files of one merge hold at most this many bytes together. */
  readonly maxBytes: number;
  /** Fewer neighbours than this are not worth a new file. */
  readonly minFiles: number;
}

/**
 * Which neighbouring files to merge, each group into one. A merge must at least double the largest of its files,
 * so a record is rewritten at most log2(maxRecords / smallest file) times over its life, however small the files come in.
 */
export function planCompaction(state: ArchiveState, limits: CompactionLimits): readonly (readonly ArchiveFile[])[] {
  const groups: ArchiveFile[][] = [];
  let start = 0;
  while (start < state.files.length) {
    const group = groupAt(state.files, start, limits);
    if (group.length > 0) groups.push(group);
    start += Math.max(1, group.length);
  }
  return groups;
}

/** The longest run from `start` that fits and doubles; empty when there is none. */
function groupAt(files: readonly ArchiveFile[], start: number, limits: CompactionLimits): ArchiveFile[] {
  const group: ArchiveFile[] = [];
  let records = 0;
  let bytes = 0;
  let largest = 0;
  for (let i = start; i < files.length; i++) {
    const file = files[i];
    const before = group[group.length - 1];
    if (
      file === undefined ||
      (before !== undefined && (before.partition !== file.partition || before.to !== file.from)) ||
      (before !== undefined && before.fingerprint !== file.fingerprint)
    )
      break;
    if (records + file.records > limits.maxRecords || bytes + file.byteLength > limits.maxBytes) break;
    group.push(file);
    records += file.records;
    bytes += file.byteLength;
    largest = Math.max(largest, file.byteLength);
  }
  return group.length >= Math.max(2, limits.minFiles) && bytes >= 2 * largest ? group : [];
}
