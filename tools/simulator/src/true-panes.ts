import { countedText, hashesText, type Value } from '@twofold/oracle';
import { canonicalJson, type CanonicalValue } from '@twofold/schemas';
import type { Reducer, View } from '@twofold/views';

/** By key and pane. */
export type Panes = Map<string, { readonly bucket: number; readonly components: Value[] }>;

/** Of sessions: what one event brings is an interval of one instant; those of a key and bucket are joined by the gap. */
export function joinIntervals(view: View, gapMs: number, panes: Panes): void {
  const bucketMs = view.levels[0]?.widthMs ?? 1;
  const byPlace = new Map<string, { readonly id: string; readonly first: number }[]>();
  for (const id of panes.keys()) {
    const { key, pane } = placeOf(id);
    const place = `${key} ${Math.floor(pane / bucketMs)}`;
    const some = byPlace.get(place) ?? [];
    byPlace.set(place, some);
    some.push({ id, first: pane });
  }
  for (const some of byPlace.values()) {
    let open: Value[] | null = null;
    for (const { id, first } of some.sort((a, b) => a.first - b.first)) {
      const components = panes.get(id)?.components ?? [];
      if (open === null || first - Number(open[1]) > gapMs) open = components;
      else {
        addTo(view, open, components);
        panes.delete(id);
      }
    }
  }
}

/** Key and pane of a pane's name. */
export function placeOf(id: string): { readonly key: string; readonly pane: number } {
  const at = id.lastIndexOf(' ');
  return { key: id.slice(0, at), pane: Number(id.slice(at + 1)) };
}

export function addTo(view: View, sum: Value[], more: readonly Value[]): void {
  view.components.forEach((component, i) => {
    const { kind } = component;
    const [a, b] = [sum[i] ?? null, more[i] ?? null];
    if (b === null) return;
    if (a === null) sum[i] = b;
    else if (kind === 'min') sum[i] = b < a ? b : a;
    else if (kind === 'max' || kind === 'lastTime') sum[i] = b > a ? b : a;
    else if (kind === 'distinct') sum[i] = `e${[...new Set([...hashesOf(a), ...hashesOf(b)])].sort().join('')}`;
    else if (kind === 'countBy') sum[i] = `${String(a)}${String(b)}`;
    else if (kind === 'first' || kind === 'last') sum[i] = outermostOf(kind, String(a), String(b));
    else if (kind === 'reducer') sum[i] = statesTogether(component.reducer, String(a), String(b));
    else if (kind === 'bins' || kind === 'histogram') sum[i] = binsTogether(String(a), String(b));
    else if (typeof a === 'bigint' && typeof b === 'bigint') sum[i] = a + b;
  });
}

/** `bin:count` of each bin of either, by rising bin. */
function binsTogether(a: string, b: string): string {
  const counts = new Map<number, number>();
  for (const entry of [a, b].filter((text) => text !== '').flatMap((text) => text.split(','))) {
    const [bin = 0, count = 0] = entry.split(':').map(Number);
    counts.set(bin, (counts.get(bin) ?? 0) + count);
  }
  const rising = [...counts].sort(([first], [second]) => first - second);
  return rising.map(([bin, count]) => `${bin}:${count}`).join(',');
}

/** The hashes of a set that is kept as such, 15 hex digits each: what one event brings always is. */
function hashesOf(set: Value): string[] {
  return String(set).slice(1).match(/.{15}/g) ?? [];
}

/** What stands before or behind the other; an empty text is no value. */
function outermostOf(kind: 'first' | 'last', a: string, b: string): string {
  if (a === '' || b === '') return a === '' ? b : a;
  const [left, right] = [a, b].map((text) => text.split(' ', 3).map(Number));
  const at = left?.findIndex((part, i) => part !== right?.[i]) ?? -1;
  const isBefore = (left?.[at] ?? 0) < (right?.[at] ?? 0);
  return isBefore === (kind === 'first') ? a : b;
}

function statesTogether({ plus }: Reducer, a: string, b: string): string {
  const stateOf = (text: string): CanonicalValue => JSON.parse(text) as CanonicalValue;
  return canonicalJson(plus(stateOf(a), stateOf(b)));
}

/** Counted values are put one behind the other, and take their form when all is added: what one event brings has one. */
function valuesOf(texts: Value): string[] {
  const values: string[] = [];
  const head = /=(?:1:(\d+):)?/y;
  const text = String(texts);
  for (let at = 0; at < text.length; at = head.lastIndex) {
    head.lastIndex = at;
    const found = head.exec(text);
    if (found === null) throw new TypeError(`'${text}' is no list of counted values`);
    if (found[1] === undefined) continue;
    const value = [...text.slice(head.lastIndex)].slice(0, Number(found[1])).join('');
    values.push(value);
    head.lastIndex += value.length;
  }
  return values;
}

/** Sets are added up hash by hash, and take their form when all is added. */
export function closeSets(view: View, components: Value[]): void {
  view.components.forEach((component, i) => {
    if (component.kind === 'countBy') components[i] = countedText(valuesOf(components[i] ?? null), component.atMost);
    if (component.kind !== 'distinct') return;
    const hashes = hashesOf(components[i] ?? null).map((hash) => BigInt(`0x${hash}`));
    components[i] = hashesText(hashes, component.precision);
  });
}
