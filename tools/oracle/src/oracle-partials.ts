import type { SessionWindow, View } from '@twofold/views';
import type { ClassifiedRecord } from './classify.ts';
import { evaluate } from './evaluate.ts';
import {
  compareKeys,
  countedEvents,
  keyUnits,
  type CountedEvent,
  type KeyUnits,
  type OracleQuery,
} from './oracle-answer.ts';
import { inputValues } from './input-values.ts';
import type { Value } from './read-event.ts';
import { addTo, componentOf, emptyTally, liftInto, type Tally } from './tally.ts';
import { windowsOf } from './windows-of.ts';

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
  const counted = countedEvents(view, log, options).map((event) => {
    const key = view.dimensions.map(({ expr }) => evaluate(expr, event));
    const pane = Math.floor(event.timeMs / widthMs) * widthMs;
    return { event, key, pane };
  });
  for (const { event, key, pane } of view.window.kind === 'session'
    ? inIntervals(view.window, view, counted)
    : counted) {
    const id = `${pane} ${JSON.stringify(keyUnits(view, key))}`;
    const partial = panes.get(id) ?? { key, pane, tallies: view.components.map(emptyTally) };
    panes.set(id, partial);
    view.components.forEach((component, i) => {
      const tally = partial.tallies[i];
      if (tally === undefined) return;
      if (component.kind === 'rows') addTo(tally, null, event.place);
      else if (component.kind === 'lastTime') addTo(tally, BigInt(event.timeMs), event.place);
      else if (component.kind === 'reducer')
        liftInto(tally, component.reducer, inputValues(component.inputs, event), event.place);
      else addTo(tally, evaluate(component.of, event), event.place);
    });
  }
  return [...panes.values()]
    .sort((a, b) => compareKeys(a.key, b.key) || a.pane - b.pane)
    .map(({ key, pane, tallies }) => ({
      key: keyUnits(view, key),
      pane,
      components: view.components.map((component, i) => componentOf(component, tallies[i] ?? emptyTally(component))),
    }));
}

interface Counted {
  readonly event: CountedEvent;
  readonly key: readonly Value[];
  readonly pane: number;
}

/** Sessions of each key and bucket by themselves (E25): the pane of an event is its interval's first event time. */
function inIntervals(window: SessionWindow, view: View, counted: readonly Counted[]): Counted[] {
  const buckets = new Map<string, Counted[]>();
  for (const one of counted) {
    const id = `${one.pane} ${JSON.stringify(keyUnits(view, one.key))}`;
    const some = buckets.get(id) ?? [];
    buckets.set(id, some);
    some.push(one);
  }
  return [...buckets.values()].flatMap((some) => {
    const spans = windowsOf(
      window,
      some.map(({ event }) => event),
    );
    return some.map((one, i) => ({ ...one, pane: spans[i]?.[0]?.start ?? one.pane }));
  });
}
