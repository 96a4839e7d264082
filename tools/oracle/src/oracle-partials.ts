import type { View } from '@twofold/views';
import type { ClassifiedRecord } from './classify.ts';
import { evaluate } from './evaluate.ts';
import { compareKeys, countedEvents, keyUnits, type KeyUnits, type OracleQuery } from './oracle-answer.ts';
import type { Value } from './read-event.ts';
import { addTo, componentOf, emptyTally, type Tally } from './tally.ts';

export interface OraclePartial {
  /** Column units, in the order of the view's dimensions. */
  readonly key: readonly KeyUnits[];
  /** Pane start, milliseconds. */
  readonly pane: number;
  /** One value a component of the view, in its order: an integer (rows, counts, sums), or an extreme or null, or the text of a set. */
  readonly components: readonly Value[];
}

/** The partials of a view's panes, of its finest level unless told. By key and pane. Retention is not applied. */
export function oraclePartials(
  view: View,
  log: readonly ClassifiedRecord[],
  options: Pick<OracleQuery, 'atOrAbove' | 'upTo'> & { readonly widthMs?: number } = {},
): OraclePartial[] {
  const widthMs = options.widthMs ?? view.levels[0]?.widthMs ?? 1;
  const panes = new Map<string, { key: readonly Value[]; pane: number; tallies: Tally[] }>();
  for (const event of countedEvents(view, log, options)) {
    const key = view.dimensions.map(({ expr }) => evaluate(expr, event));
    const pane = Math.floor(event.timeMs / widthMs) * widthMs;
    const id = `${pane} ${JSON.stringify(keyUnits(view, key))}`;
    const partial = panes.get(id) ?? { key, pane, tallies: view.components.map(emptyTally) };
    panes.set(id, partial);
    view.components.forEach((component, i) => {
      const tally = partial.tallies[i];
      if (tally !== undefined) addTo(tally, component.kind === 'rows' ? null : evaluate(component.of, event));
    });
  }
  return [...panes.values()]
    .sort((a, b) => compareKeys(a.key, b.key) || a.pane - b.pane)
    .map(({ key, pane, tallies }) => ({
      key: keyUnits(view, key),
      pane,
      components: view.components.map((component, i) => componentOf(component, tallies[i] ?? emptyTally())),
    }));
}
