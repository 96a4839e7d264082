import { decodeKey, type View, type WindowAnswer } from '@twofold/views';
import { answerPage, type AnswerPage } from './answer-page.ts';
import { totalOf } from './answer-rows.ts';
import type { Freshness } from './freshness.ts';
import { below, type Selection } from './selection.ts';
import type { MergedPanes } from './read-view.ts';
import type { RowShape } from './row-shape.ts';
import { RowText, writeRows } from './row-text.ts';
import type { Serving } from './serving-context.ts';
import { keyText } from './value-forms.ts';
import { checkArguments, type ViewArguments } from './view-arguments.ts';

/** What is asked for below a view's field. */
export interface Asked {
  readonly selection: Selection;
  /** How the rows are written as text; null: they are given as objects. */
  readonly shape: RowShape | null;
}

/** Answers one view's field: reads, merges, and gives plain objects with what is selected. Throws `ReadError`. */
export async function resolveView(
  view: View,
  args: ViewArguments,
  { selection, shape }: Asked,
  serving: Serving,
  signal: AbortSignal | undefined,
): Promise<object> {
  const asked = checkArguments(view, args, signal);
  const nodes = selection.get('nodes');
  const edges = selection.get('edges');
  const totals = selection.get('totals');
  const wanted = [...new Set([...(nodes?.keys() ?? []), ...(below(selection, 'edges', 'node')?.keys() ?? [])])];
  const pageInfo = selection.get('pageInfo');
  const cursors =
    edges?.has('cursor') === true || pageInfo?.has('endCursor') === true || pageInfo?.has('startCursor') === true;
  const writing = shape?.lasting === true ? writingOf(view, shape) : null;
  const page = await answerPage(asked, { only: wanted, cursors, writing }, serving);
  const { merged, freshness } = page.answer;
  const rows = shape !== null || (nodes === undefined && edges === undefined) ? [] : rowsOf(view, page, wanted);
  return {
    nodes: shape === null ? rows : textOf(view, page, shape),
    edges:
      edges === undefined
        ? []
        : rows.map((node, i) => ({ node, cursor: cursors ? page.cursorOf(page.rows[i] ?? 0) : '' })),
    pageInfo: pageInfo === undefined ? {} : pageInfoOf(page, cursors),
    totals: totals === undefined ? null : totalsOf(view, merged, [...totals.keys()]),
    provenance: selection.has('provenance') ? provenanceOf(view, merged) : {},
    freshness: freshnessValue(freshness),
  };
}

function writingOf(view: View, { key, columns }: RowShape): { key: string; write: (windows: WindowAnswer) => string } {
  return {
    key,
    write: (windows) => {
      const rows = Int32Array.from({ length: windows.rows }, (_, row) => row);
      return writeRows(columns, rows, columnValues(view, { windows, completeUntil: null, completeFrom: 0 }, rows));
    },
  };
}

function textOf(view: View, { answer, rows }: AnswerPage, { columns }: RowShape): RowText {
  return new RowText(answer.text ?? writeRows(columns, rows, columnValues(view, answer, rows)));
}

function pageInfoOf(page: AnswerPage, cursors: boolean): object {
  const cursorOf = (row: number | undefined): string | null =>
    row === undefined || !cursors ? null : page.cursorOf(row);
  const { hasNextPage, hasPreviousPage, rows } = page;
  return { hasNextPage, hasPreviousPage, startCursor: cursorOf(rows[0]), endCursor: cursorOf(rows.at(-1)) };
}

type Row = Record<string, unknown>;

const known = new WeakMap<object, readonly Row[]>();

/**
 * Objects with the wanted columns. Those of an answer that is one page are kept as long as its windows, which are
 * presented for these columns; but whether a window is complete changes with the time.
 */
function rowsOf(view: View, page: AnswerPage, wanted: readonly string[]): readonly Row[] {
  const { windows, order } = page.answer;
  if (order !== null || page.rows.length < windows.rows || wanted.includes('complete'))
    return makeRows(view, page, wanted);
  const rows = known.get(windows) ?? makeRows(view, page, wanted);
  known.set(windows, rows);
  return rows;
}

/** Filled column by column. */
function makeRows(view: View, { answer, rows }: AnswerPage, wanted: readonly string[]): Row[] {
  const objects: Row[] = Array.from(rows, () => ({}));
  const valuesOf = columnValues(view, answer, rows);
  for (const name of wanted) {
    const valueOf = valuesOf(name);
    for (let i = 0; i < rows.length; i++) {
      const object = objects[i];
      if (object !== undefined) object[name] = valueOf(rows[i] ?? 0);
    }
  }
  return objects;
}

type ColumnsOf = Pick<AnswerPage['answer'], 'windows' | 'completeUntil' | 'completeFrom'>;

/** By member of a row, its value in each of these rows. */
function columnValues(
  view: View,
  { windows, completeUntil, completeFrom }: ColumnsOf,
  rows: Int32Array,
): (name: string) => (row: number) => unknown {
  const { windowStarts: starts, windowEnds: ends, keyOfRow } = windows;
  const isComplete = (row: number): boolean =>
    completeUntil !== null && (ends[row] ?? 0) <= completeUntil && (starts[row] ?? 0) >= completeFrom;
  let keys: Map<string, Map<number, unknown>> | null = null;
  return (name) => {
    if (name === 'windowStart') return (row) => starts[row];
    if (name === 'windowEnd') return (row) => ends[row];
    if (name === 'complete') return isComplete;
    const column = windows.measures[name] ?? windows.derived[name];
    if (column !== undefined) return (row) => column[row];
    keys ??= keyTexts(view, windows, rows);
    const dimension = keys.get(name);
    return (row) => dimension?.get(keyOfRow[row] ?? 0);
  };
}

/** By dimension, the text of each key that these rows have. */
function keyTexts(view: View, { keys, keyOfRow }: WindowAnswer, rows: Int32Array): Map<string, Map<number, unknown>> {
  const texts = new Map<string, Map<number, unknown>>(view.dimensions.map(({ name }) => [name, new Map()]));
  for (const key of new Set(Array.from(rows, (row) => keyOfRow[row] ?? 0))) {
    const bytes = keys[key];
    if (bytes === undefined) continue;
    const values = decodeKey(view, bytes);
    view.dimensions.forEach(({ name, expr }, i) => texts.get(name)?.set(key, keyText(expr.type, values[i] ?? null)));
  }
  return texts;
}

function totalsOf(view: View, merged: MergedPanes, wanted: readonly string[]): Row {
  const total = totalOf({ view }, merged, wanted);
  const row: Row = {};
  for (const [name, column] of Object.entries({ ...total.measures, ...total.derived })) row[name] = column[0];
  return row;
}

function provenanceOf(view: View, merged: MergedPanes): object {
  const { release, entry, sequence, layers, partitions } = merged;
  return {
    release: release.id,
    releaseNumber: release.number,
    view: view.name,
    version: entry.version,
    build: entry.build,
    layers,
    corrections: entry.corrections,
    watermark: entry.watermark,
    controlSequence: sequence,
    partitions: partitions.map(({ partition, cut, claim }) => ({ partition, cut, position: claim })),
  };
}

export function freshnessValue({ health, asOf, lagMs, because }: Freshness): object {
  return { health, asOf, lag: lagMs, lagMs, because };
}
