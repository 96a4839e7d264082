import { readRestatements, restatementTopic, tellRestatements, type FeedPorts } from '@twofold/batch-layer';
import type { ToldRestatement } from '@twofold/corrections';
import { LogError, type AppendRecord, type AppendResult } from '@twofold/event-log';
import type { Process } from './process.ts';
import type { Machine, World } from './world.ts';

const failure = (what: string): Error => new LogError('LOG_IO', `${what}: no answer`, { retryable: true });

/** Whoever writes the log: tells what live releases changed. */
export function teller(world: World) {
  const { random, observer } = world;
  const tellers = new Set<Process>();
  const sent = new Set<object>();
  return async ({ batch, clock, process }: Machine): Promise<void> => {
    const { signal } = process.stop;
    const events = feedLog(world, process, sent);
    const { archive, store, logger } = batch;
    // What a dead one has sent may still land; one that stands still goes on, and does not know.
    if (sent.size > 0 || [...tellers].some((each) => each !== process && !each.dead)) observer.feed.excuses++;
    tellers.add(process);
    while (!signal.aborted) {
      await tellRestatements(world.project, { events, archive, store, clock, logger }, signal);
      await clock.sleep(random.int(20, 300), signal);
    }
  };
}

/** The feed's topic over a network: appends may fail, land late, or leave only their first records. */
function feedLog(world: World, process: Process, sent: Set<object>): FeedPorts['events'] {
  const { log, network, random, observer } = world;
  return {
    append: (topic, records) => {
      const copies = records.map((record) => ({ ...record }));
      sent.add(copies);
      const lands = async (some: readonly AppendRecord[]): Promise<AppendResult> => {
        sent.delete(copies);
        observer.feed.appended(some.map(({ value }) => toldOf(value ?? new Uint8Array(0))));
        const result = await log.append(topic, some);
        observer.actedBy(process);
        return result;
      };
      const append = async (): Promise<AppendResult> => {
        if (records.length < 2 || !random.chance(network.rates.appendUnknown)) return lands(copies);
        world.coverage.appendsCut++;
        await lands(copies.slice(0, random.int(1, records.length - 1)));
        throw failure('append changes');
      };
      return network.write(process, 'append told changes', append, failure).catch((error: unknown) => {
        sent.delete(copies);
        observer.feed.excuses++;
        throw error;
      });
    },
    partitions: (topic) => network.read(process, 'feed partitions', () => log.partitions(topic), failure),
    open: (topic, partition) => {
      const cursor = log.open(topic, partition);
      return {
        read: (from, options) => network.read(process, 'read feed', () => cursor.read(from, options), failure),
        close: () => cursor.close(),
      };
    },
  };
}

function toldOf(value: Uint8Array): ToldRestatement {
  return JSON.parse(new TextDecoder().decode(value)) as ToldRestatement;
}

/** X8, at the end: everything that the feed holds. */
export async function checkFeed(world: World): Promise<void> {
  const { log, observer } = world;
  const topic = restatementTopic(world.project);
  const [range] = await log.partitions(topic);
  const feed: ToldRestatement[] = [];
  const all = { from: range?.start ?? 0, to: range?.end ?? 0 };
  for await (const { told } of readRestatements(topic, log, all, new AbortController().signal)) feed.push(told);
  observer.feed.check(feed);
}
