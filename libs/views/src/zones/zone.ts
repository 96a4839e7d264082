import { fingerprintOf } from '@twofold/schemas';
import { zoneTable } from './zone-table.ts';

/** Offsets are written in half minutes: the finest there is since 1970. */
const unitMs = 30_000;

/**
 * The offsets of one time zone since 1970, in milliseconds east of Greenwich: `offsets[i]` holds from `starts[i]` up to
 * the next start. The first holds for all time before, the last for all time after: the tables speak of 1970 to the
 * year that `zoneTable.until` names.
 */
export class Zone {
  readonly name: string;
  /** Rising; the first is -Infinity. */
  readonly starts: Float64Array;
  readonly offsets: Float64Array;
  /** Names these very offsets: 16 hexadecimal digits. */
  readonly digest: string;

  constructor(name: string, starts: Float64Array, offsets: Float64Array) {
    this.name = name;
    this.starts = starts;
    this.offsets = offsets;
    this.digest = fingerprintOf({ starts: [...starts.subarray(1)], offsets: [...offsets] });
  }

  /** Which of the offsets holds at an instant. */
  indexAt(instant: number): number {
    const { starts } = this;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= instant) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  offsetAt(instant: number): number {
    return this.offsets[this.indexAt(instant)] ?? 0;
  }
}

/** The version of the time-zone database that the tables were made from. */
export const zoneTableVersion = zoneTable.version;

const lines = new Map<string, string>();
for (const line of zoneTable.zones.split('\n')) {
  const space = line.indexOf(' ');
  for (const name of line.slice(0, space).split(',')) lines.set(name, line.slice(space + 1));
}

/** Names of all zones, sorted. */
export const zoneNames: readonly string[] = [...lines.keys()].sort();

const zones = new Map<string, Zone>();

/** The zone of an IANA name, capitals included; null: there is none. */
export function zoneNamed(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const line = lines.get(name);
  if (line === undefined) return null;
  const zone = zoneOf(name, line);
  zones.set(name, zone);
  return zone;
}

/**
 * A line is `offset[ delay offset …]`: the delay, in base 36 and half minutes, is counted from the change before (the
 * first from 1970), and the offset holds from then on.
 */
function zoneOf(name: string, line: string): Zone {
  const numbers = line.split(' ').map((text) => Number.parseInt(text, 36) * unitMs);
  const changes = (numbers.length - 1) / 2;
  const starts = new Float64Array(changes + 1);
  const offsets = new Float64Array(changes + 1);
  starts[0] = -Infinity;
  offsets[0] = numbers[0] ?? 0;
  let at = 0;
  for (let i = 1; i <= changes; i++) {
    at += numbers[i * 2 - 1] ?? 0;
    starts[i] = at;
    offsets[i] = numbers[i * 2] ?? 0;
  }
  return new Zone(name, starts, offsets);
}

/** Up to three names that a misspelt one may have meant. */
export function similarZones(name: string): readonly string[] {
  const wanted = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const ranked = zoneNames.map((known) => ({ known, distance: distanceOf(wanted, known) }));
  ranked.sort((a, b) => a.distance - b.distance || (a.known < b.known ? -1 : 1));
  return ranked.filter(({ distance }) => distance <= 3).flatMap(({ known }, i) => (i < 3 ? [known] : []));
}

/** Edits between the letters of two names, or of one and the other's last part: `berlin` is `Europe/Berlin`. */
function distanceOf(wanted: string, known: string): number {
  const whole = known.toLowerCase();
  const [all, city] = [whole, whole.slice(whole.lastIndexOf('/') + 1)].map((text) => text.replaceAll(/[^a-z]/g, ''));
  return Math.min(editsBetween(wanted, all ?? ''), editsBetween(wanted, city ?? ''));
}

function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 4;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
