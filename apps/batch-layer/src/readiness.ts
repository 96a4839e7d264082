import { archivedEnd, versionState } from '@twofold/archive';
import { cutAt, entryOf, liveRelease, type ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { Schedule } from '@twofold/schedules';
import type { LedgerEntry } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';

type ReadyPorts = Pick<BatchPorts, 'archive' | 'store' | 'clock'>;

/**
 * What a run of these views still lacks, in words; empty: it may begin.
 * @param ends stream → by partition: how far the archive has to reach
 */
export async function reasonsToWait(
  views: readonly View[],
  rule: Schedule['ready'],
  row: ControlRow,
  ends: ReadonlyMap<string, readonly number[]>,
  ports: ReadyPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const streams = new Map(views.map(({ stream }) => [stream.name, stream]));
  const reasons: string[] = [];
  for (const stream of streams.values()) {
    reasons.push(...(await coverageReasons(stream, ends.get(stream.name) ?? [], ports, signal)));
    reasons.push(...(await ledgerReasons(stream, row, ports, signal)));
    if (rule.rejectedShare !== null)
      reasons.push(...(await rejectedReasons(stream, views, rule.rejectedShare, row, ports, signal)));
  }
  return reasons;
}

/** E12, E13: every position up to the wanted end is archived, and each file counts each of its positions once (E10). */
async function coverageReasons(
  stream: Stream,
  ends: readonly number[],
  { archive, clock }: ReadyPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const { name } = stream;
  const state = await patiently(clock, () => versionState(stream, archive), signal);
  const reasons: string[] = [];
  for (const [partition, end] of ends.entries()) {
    const archived = archivedEnd(state, partition);
    if (archived < end)
      reasons.push(`the archive of stream ${name}, partition ${partition}, reaches ${archived} of ${end}`);
  }
  for (const { name: file, partition, from, to, counts } of state.files)
    if (readOf(counts) !== to - from)
      reasons.push(
        `archive file ${file} of stream ${name}, partition ${partition}, counts ${readOf(counts)} of ${to - from} positions`,
      );
  return reasons;
}

/** E10: what the speed layer has read is all accounted for. */
async function ledgerReasons(
  { name }: Stream,
  row: ControlRow,
  { store, clock }: ReadyPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const totals = await patiently(clock, () => store.ledger.totals(name), signal);
  return totals.flatMap((total) => {
    const read = total.next - (row.streams[name]?.origins[total.partition] ?? 0);
    return readOf(total) === read
      ? []
      : [
          `the ledger of stream ${name}, partition ${total.partition}, accounts for ${readOf(total)} of ${read} positions read`,
        ];
  });
}

/** The share of rejected events since the live release, by whole slices, as far as the speed layer has read. */
async function rejectedReasons(
  stream: Stream,
  views: readonly View[],
  most: number,
  row: ControlRow,
  { store, clock }: ReadyPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const origins = row.streams[stream.name]?.origins ?? [];
  const live = liveRelease(row);
  let rejected = 0;
  let events = 0;
  for (const [partition, origin] of origins.entries()) {
    const cuts = views
      .filter((view) => view.stream.name === stream.name)
      .map((view) => cutAt(entryOf(row, live, view.name)?.cut ?? [], partition, origins));
    const from = Math.floor(Math.min(...cuts, Infinity) / stream.sliceSize);
    const first = Number.isFinite(from) ? from : Math.floor(origin / stream.sliceSize);
    for (const slice of await patiently(
      clock,
      () => store.ledger.read(stream.name, partition, first, Infinity),
      signal,
    )) {
      rejected += slice.rejected;
      events += slice.applied + slice.duplicate + slice.rejected;
    }
  }
  const share = events === 0 ? 0 : rejected / events;
  if (share <= most) return [];
  return [
    `${rejected} of ${events} events of stream ${stream.name} since the live release were rejected: ${percent(share)}, and at most ${percent(most)} may be`,
  ];
}

function readOf(counts: Pick<LedgerEntry, 'applied' | 'duplicate' | 'rejected' | 'control'>): number {
  return counts.applied + counts.duplicate + counts.rejected + counts.control;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
