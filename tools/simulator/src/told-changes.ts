import type { ToldRestatement } from '@twofold/corrections';
import type { View } from '@twofold/views';
import type { Panes } from './true-panes.ts';

/** Rows that a release says to have changed, by view and place, and stretches of time. */
export interface Told {
  readonly rows: Map<string, ToldRestatement>;
  readonly stretches: ToldRestatement[];
  /** Number of the next change. */
  next: number;
}

export const noneTold = (): Told => ({ rows: new Map(), stretches: [], next: 0 });

/** When a pane starts, from its place. */
export function startOf(place: string): number {
  return Number(place.slice(place.lastIndexOf(' ') + 1));
}

export function numberIn({ id }: ToldRestatement): number {
  return Number(id.slice(id.lastIndexOf(':') + 1));
}

/** Events of a pane, as text. */
export function countOf(panes: Panes, place: string): string {
  const [count] = panes.get(place)?.components ?? [];
  return count === undefined ? 'none' : String(count);
}

export function placeOf({ dimensions }: View, { key, window }: ToldRestatement): string {
  return `${JSON.stringify(dimensions.map(({ name }) => key?.[name] ?? null))} ${window.start}`;
}
