import { decodeKey, type View } from '@twofold/views';
import { answerPage, type AnswerPage } from './answer-page.ts';
import { totalOf } from './answer-rows.ts';
import type { Freshness } from './freshness.ts';
import { below, type Selection } from './selection.ts';
import type { MergedPanes } from './read-view.ts';
import type { Serving } from './serving-context.ts';
import { keyText } from './value-forms.ts';
import { checkArguments, type ViewArguments } from './view-arguments.ts';

/** Answers one view's field: reads, merges, and gives plain objects with what is selected. Throws `ReadError`. */
export async function resolveView(
  view: View,
  args: ViewArguments,
  selection: Selection,
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
  const page = await answerPage(asked, { only: wanted, cursors }, serving);
  const rows = nodes === undefined && edges === undefined ? [] : rowsOf(view, page, wanted);
  const { merged, freshness } = page.answer;
  return {
    nodes: rows,
    edges:
      edges === undefined
        ? []
        : rows.map((node, i) => ({ node, cursor: cursors ? page.cursorOf(page.rows[i] ?? 0) : '' })),
    pageInfo: pageInfo === undefined ? {} : pageInfoOf(page, cursors),
    totals: totals === undefined ? null : totalsOf(view, merged, [...totals.keys()]),
    provenance: provenanceOf(view, merged),
    freshness: freshnessValue(freshness),
  };
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
function makeRows(view: View, page: AnswerPage, wanted: readonly string[]): Row[] {
  const { windows, completeUntil, completeFrom } = page.answer;
  const { rows } = page;
  const objects: Row[] = Array.from(rows, () => ({}));
  const fill = (name: string, valueOf: (row: number) => unknown): void => {
    for (let i = 0; i < rows.length; i++) {
      const object = objects[i];
      if (object !== undefined) object[name] = valueOf(rows[i] ?? 0);
    }
  };
  const starts = windows.windowStarts;
  const ends = windows.windowEnds;
  const isComplete = (row: number): boolean =>
    completeUntil !== null && (ends[row] ?? 0) <= completeUntil && (starts[row] ?? 0) >= completeFrom;
  const columns = { ...windows.measures, ...windows.derived };
  const keys = keyTexts(view, page, wanted);
  for (const name of wanted) {
    const column = columns[name];
    const dimension = keys.get(name);
    if (name === 'windowStart') fill(name, (row) => starts[row]);
    else if (name === 'windowEnd') fill(name, (row) => ends[row]);
    else if (name === 'complete') fill(name, isComplete);
    else if (dimension !== undefined) fill(name, (row) => dimension.get(windows.keyOfRow[row] ?? 0));
    else if (column !== undefined) fill(name, (row) => column[row]);
  }
  return objects;
}

/** By wanted dimension, the text of each key that the page has. */
function keyTexts(view: View, page: AnswerPage, wanted: readonly string[]): Map<string, Map<number, unknown>> {
  const dimensions = view.dimensions.filter(({ name }) => wanted.includes(name));
  const texts = new Map<string, Map<number, unknown>>(dimensions.map(({ name }) => [name, new Map()]));
  if (dimensions.length === 0) return texts;
  const { keyOfRow, keys } = page.answer.windows;
  for (const key of new Set(Array.from(page.rows, (row) => keyOfRow[row] ?? 0))) {
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
