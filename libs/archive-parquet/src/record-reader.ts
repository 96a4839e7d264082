import type { OriginalRecords } from '@twofold/archive';
import type { Fs } from '@twofold/service';
import { physical } from '@twofold/views';
import { originalColumns, originalRecords } from './group-values.ts';
import { groupRanges, readGroup } from './parquet-file-reader.ts';
import type { CheckedFile } from './parquet-file-reader.ts';

/** Original records of a checked file. */
export interface RecordReader {
  /** Those of the row groups that the positions `[from, to)` touch: at least what was asked for. */
  read(checked: CheckedFile, from: number, to: number): Promise<OriginalRecords>;
}

/** Keeps the row group it decoded last, since readers go forward in small steps. */
export function createRecordReader(fs: Fs): RecordReader {
  let last: { readonly name: string; readonly group: number; readonly records: OriginalRecords } | null = null;

  async function readOne(checked: CheckedFile, group: number): Promise<OriginalRecords> {
    const { name, partition } = checked.file;
    if (last?.name === name && last.group === group) return last.records;
    const rows = Number(checked.metadata.row_groups[group]?.num_rows ?? 0n);
    const records = originalRecords(
      await readGroup(fs, checked, group, originalColumns),
      partition,
      rows,
      checked.allBytes,
    );
    last = { name, group, records };
    return records;
  }

  return {
    async read(checked, from, to) {
      const parts: OriginalRecords[] = [];
      for (const [group, { min, max }] of groupRanges(checked, physical.offset).entries()) {
        if (max >= from && min < to) parts.push(await readOne(checked, group));
      }
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : joined(checked.file.partition, parts);
    },
  };
}

function joined(partition: number, parts: readonly OriginalRecords[]): OriginalRecords {
  return {
    partition,
    offsets: parts.flatMap((part) => Array.from(part.offsets)),
    logTimes: parts.flatMap((part) => Array.from(part.logTimes)),
    keys: parts.flatMap((part) => Array.from(part.keys)),
    values: parts.flatMap((part) => Array.from(part.values)),
  };
}
