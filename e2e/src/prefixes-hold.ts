/**
 * Can prefixes of these sequences together hold each number `n` exactly `wanted[n]` times? Sequences are as long as somebody
 * may have read; what is tried in vain is remembered, so that the time stays bounded by the counts and not by all choices.
 */
export function prefixesHold(sequences: readonly (readonly number[])[], wanted: readonly number[]): boolean {
  const useful = sequences.map((sequence) => longestWithin(sequence, wanted));
  return new PrefixSearch(useful, [...wanted]).holds(0);
}

/** The longest prefix that holds no number more often than wanted. */
function longestWithin(sequence: readonly number[], wanted: readonly number[]): readonly number[] {
  const left = [...wanted];
  const end = sequence.findIndex((n) => (left[n] = (left[n] ?? 0) - 1) < 0);
  return end < 0 ? sequence : sequence.slice(0, end);
}

class PrefixSearch {
  private readonly sequences: readonly (readonly number[])[];
  /** What the sequences from one on have at the most, by number. */
  private readonly supply: readonly (readonly number[])[];
  private readonly left: number[];
  private readonly inVain = new Set<string>();

  constructor(sequences: readonly (readonly number[])[], left: number[]) {
    this.sequences = sequences;
    this.left = left;
    const supply = [left.map(() => 0)];
    for (const sequence of [...sequences].reverse()) {
      const more = [...(supply[0] ?? [])];
      for (const n of sequence) more[n] = (more[n] ?? 0) + 1;
      supply.unshift(more);
    }
    this.supply = supply;
  }

  /** Can those from `place` on hold what is left? */
  holds(place: number): boolean {
    const { left } = this;
    const sequence = this.sequences[place];
    if (sequence === undefined) return left.every((count) => count === 0);
    if (!this.isSupplied(place)) return false;
    const name = `${place}:${left.join()}`;
    if (this.inVain.has(name)) return false;
    let taken = 0;
    let found = false;
    for (;;) {
      if (this.isSupplied(place + 1)) found = this.holds(place + 1);
      const n = sequence[taken];
      if (found || n === undefined || (left[n] ?? 0) === 0) break;
      left[n] = (left[n] ?? 0) - 1;
      taken++;
    }
    for (const n of sequence.slice(0, taken)) left[n] = (left[n] ?? 0) + 1;
    if (!found) this.inVain.add(name);
    return found;
  }

  private isSupplied(place: number): boolean {
    const supply = this.supply[place] ?? [];
    return this.left.every((count, n) => count <= (supply[n] ?? 0));
  }
}
