import type { Stream } from '@twofold/schemas';
import type { ClassifiedRecord } from './classify.ts';

/** One base slice of the ledger (E10), in the shape that stores keep it. */
export interface LedgerLine {
  readonly stream: string;
  readonly partition: number;
  /** Start of the base slice. */
  readonly slice: number;
  /** One past the last position counted. */
  readonly next: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly control: number;
}

/** The ledger of the positions `[origins[p], ends[p])` of each partition, by partition and slice. */
export function expectedLedger(
  stream: Stream,
  classified: readonly ClassifiedRecord[],
  origins: readonly number[],
  ends: readonly number[],
): LedgerLine[] {
  return ends.flatMap((end, partition) => {
    const origin = origins[partition] ?? 0;
    const lines: LedgerLine[] = [];
    for (let from = origin; from < end;) {
      const slice = from - (from % stream.sliceSize);
      const next = Math.min(end, slice + stream.sliceSize);
      const here = classified.filter((r) => r.partition === partition && r.offset >= from && r.offset < next);
      const of = (name: ClassifiedRecord['class']): number => here.filter((record) => record.class === name).length;
      const [applied, duplicate, rejected] = [of('applied'), of('duplicate'), of('rejected')];
      lines.push({
        stream: stream.name,
        partition,
        slice,
        next,
        applied,
        duplicate,
        rejected,
        control: next - from - here.length,
      });
      from = next;
    }
    return lines;
  });
}
