import type { AuditFinding, DiffValue } from '@twofold/corrections';
import type { PartEntry, Parts } from '@twofold/view-store';
import { derivedEvaluator, type Gate, type View } from '@twofold/views';
import { keyValues, rowsOf, type PaneRow } from '../corrections/pane-rows.ts';

/** Holds the rows of parts against the audits among the gates: each in panes of the view's finest level. */
export async function auditRows(
  view: View,
  made: readonly PartEntry[],
  gates: readonly Gate[],
  parts: Pick<Parts, 'chunk'>,
  signal: AbortSignal,
): Promise<AuditFinding[]> {
  const audits = gates.flatMap(({ name, view: of, holds }) =>
    holds !== null && of === view.name ? [{ name, test: derivedEvaluator(holds) }] : [],
  );
  if (audits.length === 0) return [];
  const found = new Map<string, { rows: number; first: string }>();
  for (const part of made) {
    signal.throwIfAborted();
    if (part.widthMs !== view.levels[0]?.widthMs) continue;
    for (const row of (await rowsOf(view, part, parts, null)).values())
      for (const { name, test } of audits) {
        if (test((measure) => numberOf(row.values[measure] ?? null)) !== 0) continue;
        const known = found.get(name);
        found.set(name, { rows: (known?.rows ?? 0) + 1, first: known?.first ?? rowText(view, row) });
      }
  }
  return [...found].map(([gate, finding]) => ({ gate, ...finding }));
}

/** As derived values read measures: what is no number is null. */
function numberOf(value: DiffValue): number | null {
  if (typeof value === 'boolean') return Number(value);
  if (value === null || value === '') return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}

function rowText(view: View, { key, windowStart, values }: PaneRow): string {
  const named = keyValues(view, key).map(String).join(', ');
  return `${named || '(all)'} at ${new Date(windowStart).toISOString()}: ${JSON.stringify(values)}`;
}
