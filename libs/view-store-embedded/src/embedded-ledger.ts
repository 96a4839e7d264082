import type { DeadLetter, Ledger, LedgerEntry } from '@twofold/view-store';
import type { Access } from './access.ts';
import { numberIn, textIn, type StoredRow } from './reads/column.ts';

const letterColumns = 'SELECT partition, "offset", log_time, code, field, detail FROM dead_letters';
/** Letters that one transaction drops. */
const DROP_LETTERS = 1_000;
const newestFirst = 'ORDER BY log_time DESC, partition DESC, "offset" DESC LIMIT ?3';

export function embeddedLedger({ reader, write }: Access): Ledger {
  const { project } = reader;
  const sums = reader.prepare(`
    SELECT partition, max(slice) AS slice, max(next) AS next, sum(applied) AS applied, sum(duplicate) AS duplicate,
      sum(rejected) AS rejected, sum(control) AS control
    FROM ledger WHERE project = ? AND stream = ? GROUP BY partition ORDER BY partition`);
  const slices = reader.prepare(`
    SELECT partition, slice, next, applied, duplicate, rejected, control FROM ledger
    WHERE project = ? AND stream = ? AND partition = ? AND slice >= ? AND slice < ? ORDER BY slice`);
  const newest = reader.prepare(`${letterColumns} WHERE project = ?1 AND stream = ?2 ${newestFirst}`);
  const older = reader.prepare(`${letterColumns} WHERE project = ?1 AND stream = ?2
    AND (log_time, partition, "offset") < (SELECT log_time, partition, "offset" FROM dead_letters
      WHERE project = ?1 AND stream = ?2 AND partition = ?4 AND "offset" = ?5) ${newestFirst}`);
  return {
    write: async (entries, deadLetters, signal) => {
      reader.enter(signal);
      if (entries.length + deadLetters.length === 0) return;
      await write({ kind: 'ledger', entries: entries.map((each) => ({ ...each })), deadLetters: [...deadLetters] });
    },
    totals: async (stream) => reader.read(() => sums.all(project, stream).map((row) => entryOf(stream, row))),
    read: async (stream, partition, sliceFrom, sliceBelow) =>
      reader.read(() =>
        slices.all(project, stream, partition, sliceFrom, sliceBelow).map((row) => entryOf(stream, row)),
      ),
    deadLetters: async (stream, { limit, before }) =>
      reader.read(() =>
        (before === undefined
          ? newest.all(project, stream, limit)
          : older.all(project, stream, limit, before.partition, before.offset)
        ).map((row) => letterOf(stream, row)),
      ),
    dropDeadLetters: async (stream, partition, below) => {
      const operation = { kind: 'dropLetters', stream, partition, below, limit: DROP_LETTERS } as const;
      let dropped = 0;
      for (let some = DROP_LETTERS; some === DROP_LETTERS; dropped += some) some = Number(await write(operation));
      return dropped;
    },
  };
}

function entryOf(stream: string, row: StoredRow): LedgerEntry {
  return {
    stream,
    partition: numberIn(row, 'partition'),
    slice: numberIn(row, 'slice'),
    next: numberIn(row, 'next'),
    applied: numberIn(row, 'applied'),
    duplicate: numberIn(row, 'duplicate'),
    rejected: numberIn(row, 'rejected'),
    control: numberIn(row, 'control'),
  };
}

function letterOf(stream: string, row: StoredRow): DeadLetter {
  return {
    stream,
    partition: numberIn(row, 'partition'),
    offset: numberIn(row, 'offset'),
    logTime: numberIn(row, 'log_time'),
    // Written from the closed list; a newer program's code is shown as it is.
    code: textIn(row, 'code') as DeadLetter['code'],
    field: row['field'] === null ? null : textIn(row, 'field'),
    detail: textIn(row, 'detail'),
  };
}
