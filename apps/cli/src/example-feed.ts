import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import type { EventLog } from '@twofold/event-log';
import { CliError } from './errors.ts';

/** A message for one of an example's streams. */
export interface FeedMessage {
  readonly stream: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What an example's `src/index.ts` gives: data to replay, data to go on with, queries to try. */
export interface Example {
  readonly folder: string;
  history(): Iterable<FeedMessage>;
  live(options: { readonly seed: number; readonly ratePerSecond: number; readonly startMs: number }): {
    takeUntil(untilMs: number): readonly FeedMessage[];
  };
  readonly queries: readonly {
    readonly name: string;
    readonly about: string;
    readonly text: string;
    readonly variables: Readonly<Record<string, unknown>>;
  }[];
}

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
/** Messages of one append. */
const APPEND = 5_000;

/** @throws WRONG_USAGE naming the examples there are */
export async function loadExample(name: string): Promise<Example> {
  const folder = path.join(EXAMPLES, name);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || !existsSync(path.join(folder, 'src', 'index.ts')))
    throw new CliError('WRONG_USAGE', `there is no example ${name}. Try: npm run example -- plant`);
  const module = (await import(pathToFileURL(path.join(folder, 'src', 'index.ts')).href)) as Omit<Example, 'folder'>;
  return { folder, history: module.history, live: module.live, queries: module.queries };
}

/** Appends messages to their streams' topics; resolves when all are durable. Returns how many there were. */
export async function feed(events: EventLog, project: string, messages: Iterable<FeedMessage>): Promise<number> {
  const waiting = new Map<string, FeedMessage[]>();
  let sent = 0;
  const flush = async (stream: string, batch: readonly FeedMessage[]): Promise<void> => {
    await events.append(`${project}.${stream}`, batch);
    sent += batch.length;
  };
  for (const message of messages) {
    const batch = waiting.get(message.stream) ?? [];
    waiting.set(message.stream, batch);
    batch.push(message);
    if (batch.length < APPEND) continue;
    waiting.delete(message.stream);
    await flush(message.stream, batch);
  }
  for (const [stream, batch] of waiting) await flush(stream, batch);
  return sent;
}
