import { existsSync, readdirSync } from 'node:fs';
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

/** Something that is known of an example's data without Twofold, and the query whose answer has to say it. */
export interface Truth {
  readonly name: string;
  /** Who says so. */
  readonly source: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Finds it in the answer's `data`. */
  of(data: unknown): unknown;
  /** As JSON has it. */
  readonly expected: unknown;
}

/** Data that can be replayed, and what is known of them. */
export interface ExampleData {
  readonly name: string;
  /** What it is, how much, and where it is looked for. */
  readonly about: string;
  isThere(): boolean;
  history(): Iterable<FeedMessage> | AsyncIterable<FeedMessage>;
  readonly truths: readonly Truth[];
  /** More events than the oracle, which holds them all, is asked to hold. */
  readonly isLarge: boolean;
}

/** What an example's `src/index.ts` gives: data to replay, perhaps data to go on with, queries to try. */
export interface Example {
  readonly folder: string;
  /** The fullest first; the last is always there. */
  readonly dataSets: readonly ExampleData[];
  /** Null: nothing is generated. */
  readonly live:
    | ((options: { readonly seed: number; readonly ratePerSecond: number; readonly startMs: number }) => {
        takeUntil(untilMs: number): readonly FeedMessage[];
      })
    | null;
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
    throw new CliError('WRONG_USAGE', `there is no example ${name}. There are: ${exampleNames().join(', ')}.`);
  const module = (await import(pathToFileURL(path.join(folder, 'src', 'index.ts')).href)) as Pick<
    Example,
    'dataSets' | 'queries'
  > &
    Partial<Pick<Example, 'live'>>;
  return { folder, dataSets: module.dataSets, live: module.live ?? null, queries: module.queries };
}

function exampleNames(): string[] {
  return readdirSync(EXAMPLES)
    .filter((name) => existsSync(path.join(EXAMPLES, name, 'src', 'index.ts')))
    .sort();
}

/** The fullest data that are there, or the last where only those are wanted; and the names of those that are not. */
export function chooseData(
  { dataSets }: Example,
  onlyLast: boolean,
): { readonly data: ExampleData; readonly missing: readonly ExampleData[] } {
  const wanted = onlyLast ? dataSets.slice(-1) : dataSets;
  const at = wanted.findIndex((data) => data.isThere());
  const data = wanted[at];
  if (data === undefined) throw new CliError('NO_DATA', 'the example has no data here; see its README.');
  return { data, missing: wanted.slice(0, at) };
}

/** Appends messages to their streams' topics; resolves when all are durable. Returns how many there were. */
export async function feed(
  events: EventLog,
  project: string,
  messages: Iterable<FeedMessage> | AsyncIterable<FeedMessage>,
): Promise<number> {
  const waiting = new Map<string, FeedMessage[]>();
  let sent = 0;
  const flush = async (stream: string, batch: readonly FeedMessage[]): Promise<void> => {
    await events.append(`${project}.${stream}`, batch);
    sent += batch.length;
  };
  for await (const message of messages) {
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
