import type { ChangedRow, DiffValue } from '@twofold/corrections';
import type { PartEntry, Parts } from '@twofold/view-store';
import {
  createAccumulator,
  decodeKey,
  presentWindows,
  type AnswerValue,
  type View,
  type WindowAnswer,
} from '@twofold/views';
import { BatchError } from '../errors.ts';

/** Told of each row that is otherwise, and of what bucket of time it is in. */
export type OnChange = (row: ChangedRow, bucket: Bucket) => void;

export interface Bucket {
  readonly from: number;
  readonly to: number;
}

/** A finished row, as answers have it. */
export interface PaneRow {
  readonly key: Uint8Array;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly values: Values;
}

export type Rows = ReadonlyMap<string, PaneRow>;
export type Values = Readonly<Record<string, DiffValue>>;

/** The finished rows of a part, by key and window. */
export async function rowsOf(
  view: View,
  part: PartEntry | null,
  parts: Pick<Parts, 'chunk'>,
  settledBy: number | null,
): Promise<Rows> {
  const rows = new Map<string, PaneRow>();
  if (part === null) return rows;
  const accumulator = createAccumulator(view, { widthMs: part.widthMs });
  for (let number = 0; number < part.chunks; number++) {
    const bytes = await parts.chunk(part.part, number);
    if (bytes === null)
      throw new BatchError(
        'BASE_COLLECTED',
        `view ${view.name}: part ${part.part} was collected while it was compared, because the candidate was cancelled; it is built again`,
        { retryable: true },
      );
    accumulator.addChunk(bytes);
  }
  if (accumulator.rows === 0) return rows;
  const window = { kind: 'tumbling', sizeMs: part.widthMs, everyMs: part.widthMs } as const;
  const answer = presentWindows(view, accumulator, { from: -Infinity, to: settledBy ?? Infinity, window });
  for (let row = 0; row < answer.rows; row++) {
    const key = answer.keys[answer.keyOfRow[row] ?? 0] ?? new Uint8Array(0);
    const windowStart = answer.windowStarts[row] ?? 0;
    const windowEnd = answer.windowEnds[row] ?? 0;
    const id = `${Buffer.from(key).toString('base64')} ${windowStart}`;
    rows.set(id, { key, windowStart, windowEnd, values: valuesOf(answer, row) });
  }
  return rows;
}

function valuesOf(answer: WindowAnswer, row: number): Values {
  const columns = { ...answer.measures, ...answer.derived };
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, plain(values[row] ?? null)]));
}

function plain(value: AnswerValue): DiffValue {
  if (typeof value === 'bigint') return value.toString();
  // Lists of counts are compared, and shown, as their text.
  return typeof value === 'object' && value !== null ? JSON.stringify(value, bigIntAsText) : value;
}

function bigIntAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A key as people read it. */
export function keyValues(view: View, key: Uint8Array): DiffValue[] {
  return decodeKey(view, key).map((value) => plain(value));
}
