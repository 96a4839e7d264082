import { cutAt, liveRelease, type Candidate, type ControlRow, type Entry } from '@twofold/releases';
import type { ProgressRecord, ViewStore } from '@twofold/view-store';

/**
 * X3 at a promotion: since a candidate was registered there was a moment at which its answers reached as far as those
 * that it replaces. Works claims out by itself, as the observer does. A zombie may still write afterwards what only the
 * older lanes hold; that is why a moment has to do.
 */
export class PromotionWatch {
  readonly #fail: (invariant: string, message: string) => void;
  /** By candidate: the views and partitions that have not had their moment yet. */
  readonly #behind = new Map<string, Map<string, Place>>();

  constructor(fail: (invariant: string, message: string) => void) {
    this.#fail = fail;
  }

  clear(): void {
    this.#behind.clear();
  }

  async controlChanged(store: ViewStore, before: ControlRow, row: ControlRow): Promise<void> {
    for (const candidate of row.candidates)
      if (!this.#behind.has(candidate.id)) this.#behind.set(candidate.id, placesOf(candidate, row));
    await this.progressWritten(store);
    for (const { id, entries } of before.candidates) {
      if (row.candidates.some((candidate) => candidate.id === id)) continue;
      const behind = this.#behind.get(id) ?? new Map<string, Place>();
      this.#behind.delete(id);
      // A redaction gives up every candidate but its own.
      const live = liveRelease(row);
      const isPromoted = row.live !== before.live && entries.some((entry) => live.entries[entry.view] === entry.id);
      if (isPromoted && behind.size > 0)
        this.#fail('X3', `candidate ${id} is promoted, and makes answers older: ${[...behind.keys()].join(', ')}`);
    }
  }

  async progressWritten(store: ViewStore): Promise<void> {
    for (const behind of this.#behind.values())
      for (const [name, { entry, base, partition, origins, sliceSize }] of behind) {
        const claim = async (of: Entry): Promise<number> =>
          claimOf(cutAt(of.cut, partition, origins), partition, sliceSize, await store.progress.read(of));
        if ((await claim(entry)) >= (await claim(base))) behind.delete(name);
      }
  }
}

/** One partition of a view that a candidate names. */
interface Place {
  readonly entry: Entry;
  readonly base: Entry;
  readonly partition: number;
  readonly origins: readonly number[];
  readonly sliceSize: number;
}

function placesOf({ entries, baseEntries }: Candidate, row: ControlRow): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const entry of entries) {
    const base = row.entries[baseEntries[entry.view] ?? ''];
    const stream = row.streams[entry.stream];
    if (base === undefined || stream === undefined) continue;
    const { origins, sliceSize } = stream;
    for (const partition of origins.keys())
      places.set(`${entry.view}/${partition}`, { entry, base, partition, origins, sliceSize });
  }
  return places;
}

function claimOf(cut: number, partition: number, sliceSize: number, records: readonly ProgressRecord[]): number {
  const next = (lane: string): number =>
    records.find((record) => record.partition === partition && record.lane === lane)?.next ?? -1;
  const inside = cut % sliceSize;
  const edge = inside === 0 ? cut : cut - inside + sliceSize;
  const remainder = next(`remainder:${cut}`);
  return inside !== 0 && remainder < edge ? Math.max(cut, remainder) : Math.max(edge, next('base'));
}
