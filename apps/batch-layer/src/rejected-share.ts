import { cutAt, entryOf, liveRelease, type ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { DeadLetter } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';

type Ports = Pick<BatchPorts, 'store' | 'clock'>;

export interface Rejected {
  readonly rejected: number;
  /** Applied, duplicate and rejected ones. */
  readonly events: number;
}

/** The slice that a cut goes through: only what is at or above the cut counts. */
interface CutSlice {
  readonly partition: number;
  readonly start: number;
  readonly cut: number;
  /** Up to there the speed layer has read of it. */
  readonly next: number;
  /** In all of the slice. */
  readonly rejected: number;
  /** At or above the cut. */
  readonly events: number;
}

const PAGE = 1_000;

/**
 * What was rejected of the events at or above the live release's cut, as far as the speed layer has read. Null: no more
 * than the share that may be.
 */
export async function tooManyRejected(
  stream: Stream,
  views: readonly View[],
  most: number,
  row: ControlRow,
  ports: Ports,
  signal: AbortSignal,
): Promise<Rejected | null> {
  const sum = { rejected: 0, events: 0 };
  const cutSlices: CutSlice[] = [];
  for (const [partition, cut] of lowestCuts(stream, views, row).entries()) {
    const first = Math.floor(cut / stream.sliceSize) * stream.sliceSize;
    const slices = await patiently(
      ports.clock,
      () => ports.store.ledger.read(stream.name, partition, first, Infinity),
      signal,
    );
    for (const { slice, next, applied, duplicate, rejected, control } of slices) {
      if (next <= cut) continue;
      const events = applied + duplicate + rejected;
      if (slice >= cut) {
        sum.rejected += rejected;
        sum.events += events;
        continue;
      }
      // Of the log's own positions no place is kept: as many as may be are taken to be above the cut.
      const above = { events: Math.max(0, next - cut - control), rejected };
      cutSlices.push({ ...above, partition, start: slice, cut, next });
    }
  }
  const isTooMany = ({ rejected, events }: Rejected): boolean => events > 0 && rejected / events > most;
  const atMost = cutSlices.reduce(
    (all, slice) => plus(all, slice, Math.min(slice.rejected, slice.next - slice.cut)),
    sum,
  );
  // Dead letters are only looked through when they may decide it.
  if (!isTooMany(atMost)) return null;
  const above = await countAbove(stream.name, cutSlices, ports, signal);
  const found = cutSlices.reduce((all, slice) => plus(all, slice, above.get(slice.partition) ?? 0), sum);
  return isTooMany(found) ? found : null;
}

function plus(all: Rejected, { events }: CutSlice, rejected: number): Rejected {
  return { rejected: all.rejected + rejected, events: all.events + Math.max(events, rejected) };
}

/** By partition: what every view of the stream has of it. */
function lowestCuts(stream: Stream, views: readonly View[], row: ControlRow): number[] {
  const origins = row.streams[stream.name]?.origins ?? [];
  const live = liveRelease(row);
  const cuts = views
    .filter((view) => view.stream.name === stream.name)
    .map((view) => entryOf(row, live, view.name)?.cut ?? []);
  return origins.map((_, partition) => Math.min(...cuts.map((cut) => cutAt(cut, partition, origins))));
}

/** By partition: dead letters in the cut's slice, at or above the cut. */
async function countAbove(
  stream: string,
  slices: readonly CutSlice[],
  { store, clock }: Ports,
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const above = new Map<number, number>();
  let left = slices.reduce((sum, { rejected }) => sum + rejected, 0);
  for (let before: DeadLetter | undefined; left > 0;) {
    const options = { limit: PAGE, ...(before === undefined ? {} : { before }) };
    const page = await patiently(clock, () => store.ledger.deadLetters(stream, options), signal);
    for (const { partition, offset } of page) {
      const slice = slices.find((each) => each.partition === partition);
      if (slice === undefined || offset < slice.start || offset >= slice.next) continue;
      left--;
      if (offset >= slice.cut) above.set(partition, (above.get(partition) ?? 0) + 1);
    }
    before = page.at(-1);
    if (page.length < PAGE) break;
  }
  return above;
}
