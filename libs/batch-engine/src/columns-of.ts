import type { ArchivedColumns } from '@twofold/archive';
import { ArenaDictionary, RecordClass, type Column, type Columns } from '@twofold/schemas';
import { paneStart } from './pane-start.ts';

/** Which rows of a file count. */
export interface RowFilter {
  /** Offsets `[from, to)`. */
  readonly from: number;
  readonly to: number;
  readonly widthMs: number;
  /** Panes of `widthMs` whose start lies in `[from, to)`; null: all. */
  readonly panes: { readonly from: number; readonly to: number } | null;
}

/** Archived rows as a fold takes them. Rows that do not count are no longer `applied`; everything else is as it was. */
export function columnsOf(archived: ArchivedColumns, filter: RowFilter): Columns {
  return {
    partition: archived.partition,
    baseOffset: archived.from,
    nextOffset: archived.to,
    count: archived.count,
    offsets: archived.offsets,
    times: archived.logTimes,
    classes: archived.classes.map((recordClass, row) =>
      recordClass === RecordClass.applied && counts(archived, row, filter) ? RecordClass.applied : RecordClass.rejected,
    ),
    eventTimes: archived.eventTimes,
    fields: archived.fields.map((field) =>
      field.kind === 'text' ? internTexts(field.values) : { ...field, values: field.values, valid: field.valid },
    ),
    rejections: [],
  };
}

function counts(archived: ArchivedColumns, row: number, { from, to, widthMs, panes }: RowFilter): boolean {
  const offset = archived.offsets[row] ?? NaN;
  if (!(offset >= from && offset < to)) return false;
  if (panes === null) return true;
  const pane = paneStart(archived.eventTimes[row] ?? NaN, widthMs);
  return pane >= panes.from && pane < panes.to;
}

/** What was made of the texts of a column, while the column is there: a file is folded range by range, view by view. */
const interned = new WeakMap<readonly (string | null)[], Column>();

function internTexts(values: readonly (string | null)[]): Column {
  const known = interned.get(values);
  if (known !== undefined) return known;
  const dictionary = new ArenaDictionary();
  const encoder = new TextEncoder();
  const ids = Int32Array.from(values, (text) => {
    if (text === null) return -1;
    const bytes = encoder.encode(text);
    return dictionary.intern(bytes, 0, bytes.length);
  });
  const column: Column = { kind: 'text', ids, dictionary };
  interned.set(values, column);
  return column;
}
