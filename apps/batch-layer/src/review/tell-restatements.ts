import type { ColumnArchive } from '@twofold/archive';
import type { Restatement, ToldRestatement } from '@twofold/corrections';
import type { EventLog } from '@twofold/event-log';
import { markTold, type Untold } from '@twofold/releases';
import { isTwofoldError } from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import { changeControl, readControl } from '../change-control.ts';
import type { BatchProject } from '../ports.ts';
import { readRestatements } from './read-restatements.ts';
import { keptRestatements, numberOf } from './told-restatements.ts';
import { withoutData } from '../without-data.ts';

/** The topic of one partition on which it is told what answers a new release gives otherwise. */
export function restatementTopic({ id }: { readonly id: string }): string {
  return `${id}.restatements`;
}

export interface FeedPorts {
  readonly events: Pick<EventLog, 'append' | 'partitions' | 'open'>;
  readonly archive: Pick<ColumnArchive, 'corrections' | 'head'>;
  readonly store: Pick<ViewStore, 'control'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Records of one append. */
const BATCH = 500;
/** Positions that are looked back over for the last record: a log may have marks of its own at the end. */
const BACK = 64;

/**
 * Tells what live releases changed and nobody was told of yet, release by release, in order, each change once: a release
 * is told of until the control row no longer names it, and what of it stands at the topic's end is not told again. Only
 * two that tell at once, or an append whose outcome got lost, can repeat a change; it has the same id then.
 * Gives how many were told.
 */
export async function tellRestatements(
  project: Pick<BatchProject, 'id' | 'streams'>,
  ports: FeedPorts,
  signal: AbortSignal,
): Promise<number> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  let told = 0;
  for (const release of row?.untold ?? []) {
    told += await tellOne(project, release, ports, signal);
    const change = {
      make: (now: Parameters<typeof markTold>[0]) => markTold(now, release.release),
      effect: (now: Parameters<typeof markTold>[0]) =>
        now.untold?.some((each) => each.release === release.release) === true
          ? ('NOT_DONE' as const)
          : ('DONE' as const),
    };
    await changeControl(ports.store.control, ports.clock, change, signal);
  }
  return told;
}

/** The same until the signal, looking again and again. */
export async function runFeed(
  project: Pick<BatchProject, 'id' | 'streams'>,
  ports: FeedPorts,
  signal: AbortSignal,
  everyMs = 1_000,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await tellRestatements(project, ports, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isTwofoldError(error) && error.code === 'STORE_GONE') throw error;
      ports.logger.error('changed answers could not be told; trying again', withoutData(error));
    }
    await ports.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function tellOne(
  project: Pick<BatchProject, 'id' | 'streams'>,
  { release, number, skipped }: Untold,
  { events, archive, logger }: FeedPorts,
  signal: AbortSignal,
): Promise<number> {
  const topic = restatementTopic(project);
  const streams = project.streams.map(({ stream }) => stream.name);
  const changes = await keptRestatements(archive, streams, release);
  if (changes === null) {
    // Nothing promotes before it is kept: a stream was redacted, or the archive put back to an earlier state.
    logger.warn('what a release changed is not kept any more; nobody is told', { release });
    return 0;
  }
  if (skipped !== undefined)
    logger.error('releases were not told of for too long, and were let go of', { skipped, before: release });
  const last = await lastTold(topic, events, signal);
  // By number: the change that was told last may be one that a redaction took.
  const next = last?.release === release ? changes.filter((change) => numberOf(change) > numberOf(last)) : changes;
  for (let at = 0; at < next.length; at += BATCH) {
    const some = next.slice(at, at + BATCH).map((change) => recordOf(change, number));
    await events.append(topic, some, signal);
  }
  return next.length;
}

function recordOf(change: Restatement, releaseNumber: number): { key: Uint8Array; value: Uint8Array } {
  const told: ToldRestatement = { ...change, releaseNumber };
  const encoder = new TextEncoder();
  return { key: encoder.encode(change.view), value: encoder.encode(JSON.stringify(told)) };
}

/** The last change that the topic holds; null when it holds none. */
async function lastTold(
  topic: string,
  events: FeedPorts['events'],
  signal: AbortSignal,
): Promise<ToldRestatement | null> {
  const range = (await events.partitions(topic))[0];
  if (range === undefined || range.end <= range.start) return null;
  const from = Math.max(range.start, range.end - BACK);
  let last: ToldRestatement | null = null;
  for await (const { told } of readRestatements(topic, events, { from, to: range.end }, signal)) last = told;
  return last;
}
