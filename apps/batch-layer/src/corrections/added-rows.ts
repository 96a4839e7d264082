import { correctionFolder, recordsBetween, type ArchiveFile, type ColumnArchive } from '@twofold/archive';
import { CorrectionError } from '@twofold/corrections';
import { createDecoder, createIdReader, type Columns, type RecordBatch, type Stream } from '@twofold/schemas';

/** Rows of a correction: what was given, and what the stream makes of it. */
export interface AddedRows {
  readonly count: number;
  readonly batch: RecordBatch;
  readonly columns: Columns;
  /** Id of each row. */
  readonly ids: readonly string[];
}

/** Rows that one correction may bring. */
const MAX_ROWS = 1_000_000;
/** Faults that a refusal names. */
const SHOWN = 5;

/**
 * Reads one event a line, as the stream reads its messages; empty lines are passed over. Each row has to be an event of
 * the stream, and an id stands once.
 * @param logTime when the rows were given, milliseconds: an event time far beyond it is refused, as in the log (E11)
 * @throws ROWS_INVALID with the first faults
 */
export function readAddedRows(stream: Stream, bytes: Uint8Array, logTime: number): AddedRows {
  const lines = linesOf(bytes);
  if (lines.length === 0) throw invalid('there is no row: one JSON object a line is wanted');
  if (lines.length > MAX_ROWS) throw invalid(`${lines.length} rows are more than the ${MAX_ROWS} of one correction`);
  const batch = recordsBetween(
    {
      partition: 0,
      offsets: lines.map((_, row) => row),
      logTimes: lines.map(() => logTime),
      keys: lines.map(() => null),
      values: lines.map(({ bytes: line }) => line),
    },
    0,
    lines.length,
  );
  const columns = createDecoder(stream).decode(batch);
  const lineOf = (row: number): number => lines[row]?.number ?? row + 1;
  const faults = columns.rejections.map(
    ({ row, code, field, detail }) =>
      `line ${lineOf(row)}: ${code}${field === null ? '' : ` ${field}`}: ${detail.replace(/\.$/, '')}`,
  );
  if (faults.length > 0) throw invalid(told(faults));
  const idOf = createIdReader(stream);
  const ids = lines.map((_, row) => idOf(columns, row));
  const first = new Map<string, number>();
  const repeated = ids.flatMap((id, row) => {
    const before = first.get(id);
    if (before !== undefined) return [`line ${lineOf(row)} has the id ${id} of line ${lineOf(before)}`];
    first.set(id, row);
    return [];
  });
  if (repeated.length > 0) throw invalid(told(repeated));
  return { count: lines.length, batch, columns, ids };
}

/** Writes the rows as a file of the archive; durable when it resolves, and named by nothing yet (E12). */
export async function writeAddedRows(
  archive: Pick<ColumnArchive, 'create'>,
  stream: Stream,
  { batch, columns, count }: AddedRows,
  signal: AbortSignal,
): Promise<ArchiveFile> {
  const writer = archive.create({ ...stream, name: correctionFolder(stream.name) }, 0, 0);
  writer.append(batch, columns, 0, count, count);
  return writer.finish(signal);
}

function linesOf(bytes: Uint8Array): { readonly number: number; readonly bytes: Uint8Array }[] {
  const lines: { number: number; bytes: Uint8Array }[] = [];
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed;
    const line = bytes.subarray(start, bytes[end - 1] === 13 ? end - 1 : end);
    if (line.some((byte) => byte !== 32 && byte !== 9)) lines.push({ number, bytes: line });
    start = end + 1;
  }
  return lines;
}

function told(faults: readonly string[]): string {
  const more = faults.length - SHOWN;
  return faults.slice(0, SHOWN).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function invalid(message: string): CorrectionError {
  return new CorrectionError(
    'ROWS_INVALID',
    `The rows of the correction can not be used: ${message}. Nothing was changed.`,
  );
}
