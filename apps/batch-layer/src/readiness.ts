import { archivedEnd, versionState } from '@twofold/archive';
import type { ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import { REJECTED, type Schedule } from '@twofold/schedules';
import type { LedgerEntry } from '@twofold/view-store';
import type { View } from '@twofold/views';
import type { Lack } from './job.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { tooManyRejected } from './rejected-share.ts';

type ReadyPorts = Pick<BatchPorts, 'archive' | 'store' | 'clock'>;

/**
 * What a run of these views still lacks; empty: it may begin.
 * @param ends stream → by partition: how far the archive has to reach
 */
export async function whatIsLacking(
  views: readonly View[],
  rule: Schedule['ready'],
  row: ControlRow,
  ends: ReadonlyMap<string, readonly number[]>,
  ports: ReadyPorts,
  signal: AbortSignal,
): Promise<Lack[]> {
  const streams = new Map(views.map(({ stream }) => [stream.name, stream]));
  const lacks: Lack[] = [];
  for (const stream of streams.values()) {
    const reasons = await coverageReasons(stream, ends.get(stream.name) ?? [], ports, signal);
    reasons.push(...(await ledgerReasons(stream, row, ports, signal)));
    lacks.push(...reasons.map((why) => ({ why })));
    if (rule.rejectedShare !== null)
      lacks.push(...(await rejectedReasons(stream, views, rule.rejectedShare, row, ports, signal)));
  }
  return lacks;
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

/** Somebody who has looked at the dead letters may let a run begin all the same. */
async function rejectedReasons(
  stream: Stream,
  views: readonly View[],
  most: number,
  row: ControlRow,
  ports: ReadyPorts,
  signal: AbortSignal,
): Promise<Lack[]> {
  const found = await tooManyRejected(stream, views, most, row, ports, signal);
  if (found === null) return [];
  const { rejected, events } = found;
  const why = `${rejected} of ${events} events of stream ${stream.name} since the live release were rejected: ${percent(rejected / events)}, and at most ${percent(most)} may be`;
  return [{ why, pass: REJECTED }];
}

function readOf(counts: Pick<LedgerEntry, 'applied' | 'duplicate' | 'rejected' | 'control'>): number {
  return counts.applied + counts.duplicate + counts.rejected + counts.control;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
