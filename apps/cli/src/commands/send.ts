import { createReadStream } from 'node:fs';
import path from 'node:path';
import { defaultMaxRecordBytes, type AppendRecord } from '@twofold/event-log';
import { createPartitionKeyReader } from '@twofold/schemas';
import type { Project } from '@twofold/views';
import { CliError } from '../errors.ts';
import { appendThroughSocket } from '../ingest-socket.ts';
import { loadProject } from '../load-project.ts';
import { loggerOf } from '../logger-of.ts';
import { EXIT, print, say } from '../output.ts';
import { openToWrite } from '../platform.ts';
import { readLines, type Line } from '../read-lines.ts';
import type { CliSettings } from '../settings.ts';

/** One append takes no further line beyond either. */
const BATCH = 1_000;
const BATCH_BYTES = 1 << 20;

/**
 * Appends one event a line to a stream's log, byte for byte as it stands; from stdin when the file is `-`. Whether it
 * is a good one is not judged here: what is not becomes a dead letter. A line that is larger than the log takes is
 * named and left out, and the exit code says so.
 */
export async function send(
  projectFolder: string,
  values: CliSettings,
  streamName: string,
  file: string,
  json: boolean,
): Promise<number> {
  const { project } = await loadProject(projectFolder);
  const stream = project.streams.find((s) => s.name === streamName);
  if (stream === undefined)
    throw new CliError(
      'WRONG_USAGE',
      `project ${project.id} has no stream ${streamName}. It has: ${project.streams.map((s) => s.name).join(', ')}`,
    );
  if (stream.change !== undefined)
    throw new CliError(
      'WRONG_USAGE',
      `stream ${stream.name} is made of ${stream.change.of.name} by its operator, and nobody else adds to it. Send to ${stream.change.of.name}.`,
    );
  const keyOf = createPartitionKeyReader(stream);
  const door = await openDoor(project, stream.name, values);
  const refused: { line: number; sizeBytes: number }[] = [];
  let sent = 0;
  try {
    for await (const batch of batchesOf(readLines(inputOf(file), defaultMaxRecordBytes), keyOf, refused))
      sent += await door.append(batch);
  } catch (error) {
    say(`twofold: ${sent} events before that are in the log of ${stream.name}`);
    throw error;
  } finally {
    await door.close();
  }
  for (const { line, sizeBytes } of refused)
    say(`twofold: line ${line} has ${sizeBytes} bytes, the log takes ${defaultMaxRecordBytes}: not sent`);
  print(json, { stream: stream.name, sent, refused }, () => [
    `${sent} events are in the log of ${stream.name}. twofold status shows those that are rejected.`,
  ]);
  return refused.length === 0 ? EXIT.done : EXIT.failed;
}

async function* inputOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of file === '-' ? process.stdin : createReadStream(file)) yield part as Uint8Array;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('WRONG_USAGE', `${path.resolve(file)} can not be read: ${reason}`, { cause });
  }
}

async function* batchesOf(
  lines: AsyncIterable<Line>,
  keyOf: (message: Uint8Array) => Uint8Array | null,
  refused: { line: number; sizeBytes: number }[],
): AsyncGenerator<AppendRecord[]> {
  let batch: AppendRecord[] = [];
  let batchBytes = 0;
  for await (const { number, bytes, sizeBytes } of lines) {
    // What can not be read goes to any partition, and becomes a dead letter with its reason.
    const key = bytes === null ? null : keyOf(bytes);
    if (bytes === null || bytes.length + (key?.length ?? 0) > defaultMaxRecordBytes) {
      refused.push({ line: number, sizeBytes });
      continue;
    }
    batch.push({ key, value: bytes });
    batchBytes += bytes.length;
    if (batch.length < BATCH && batchBytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    batchBytes = 0;
  }
  if (batch.length > 0) yield batch;
}

interface Door {
  append(records: readonly AppendRecord[]): Promise<number>;
  close(): Promise<void>;
}

/** Through the running platform when there is one, else into the log itself. */
async function openDoor(project: Project, stream: string, values: CliSettings): Promise<Door> {
  const through = (records: readonly AppendRecord[]): Promise<number | null> =>
    appendThroughSocket(values.dataFolder, stream, records);
  if ((await through([])) !== null) return { append: throughOrFail(through), close: () => Promise.resolve() };
  const platform = await openToWrite(project, values, loggerOf(values, 'twofold'));
  return {
    append: async (records) => (await platform.events.append(`${project.id}.${stream}`, records)).offsets.length,
    close: () => platform.close(),
  };
}

function throughOrFail(through: (records: readonly AppendRecord[]) => Promise<number | null>): Door['append'] {
  return async (records) => {
    const taken = await through(records);
    if (taken === null)
      throw new CliError('SERVER_UNREACHABLE', 'twofold dev ended while events were sent; start it and send the rest');
    return taken;
  };
}
