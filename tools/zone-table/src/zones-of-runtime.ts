/** The offsets of a zone, as this runtime's own time-zone database has them. */
export interface ZoneOffsets {
  readonly name: string;
  /** Milliseconds east of Greenwich, in 1970. */
  readonly first: number;
  /** Instants from which on another offset holds, rising. */
  readonly changes: readonly { readonly at: number; readonly offset: number }[];
}

const weekMs = 7 * 86_400_000;
/** Offsets and changes are whole half minutes. */
const unitMs = 30_000;

/** Asks the runtime for the offsets of zones in `[0, until)`: week by week, and by halves where they differ. */
export function zonesOfRuntime(names: readonly string[], until: number): ZoneOffsets[] {
  return names.map((name) => {
    const offsetAt = offsetsOf(name);
    const first = offsetAt(0);
    const changes: { at: number; offset: number }[] = [];
    let before = first;
    for (let from = 0; from < until; from += weekMs) {
      const to = Math.min(from + weekMs, until);
      const offset = offsetAt(to);
      if (offset === before) continue;
      let [low, high] = [from, to];
      while (high - low > unitMs) {
        const middle = low + Math.round((high - low) / 2 / unitMs) * unitMs;
        if (offsetAt(middle) === before) low = middle;
        else high = middle;
      }
      before = offsetAt(high);
      changes.push({ at: high, offset: before });
      // Another change in the same week is found when the rest of it is looked at.
      if (before !== offset) from = high - weekMs;
    }
    return { name, first, changes };
  });
}

/** Lines `names first[ delay offset …]`, in half minutes and base 36: zones that never differ share a line. */
export function tableText(zones: readonly ZoneOffsets[]): string {
  const names = new Map<string, string[]>();
  for (const { name, first, changes } of zones) {
    const numbers = [first, ...changes.flatMap(({ at, offset }, i) => [at - (changes[i - 1]?.at ?? 0), offset])];
    const series = numbers.map((ms) => (ms / unitMs).toString(36)).join(' ');
    const known = names.get(series);
    if (known === undefined) names.set(series, [name]);
    else known.push(name);
  }
  return [...names].map(([series, of]) => `${of.join(',')} ${series}`).join('\n');
}

function offsetsOf(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (instant) => {
    const text = format.format(instant);
    const found = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
    if (found === null) throw new RangeError(`${timeZone}: '${text}' does not end in an offset`);
    const [, sign, hours, minutes, seconds] = found;
    const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000;
    return sign === '-' ? -size : size;
  };
}
