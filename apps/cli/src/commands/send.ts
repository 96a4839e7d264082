import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AppendRecord } from '@twofold/event-log';
import { createLogger, systemClock } from '@twofold/service';
import type { Project } from '@twofold/views';
import { CliError } from '../errors.ts';
import { appendThroughSocket } from '../ingest-socket.ts';
import { loadProject } from '../load-project.ts';
import { EXIT, print } from '../output.ts';
import { openToWrite } from '../platform.ts';
import type { CliSettings } from '../settings.ts';

const BATCH = 1_000;
const encoder = new TextEncoder();

/** Appends one event a line (JSON) to a stream's log; from stdin when the file is `-`. */
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
  const source = stream.fields.find((field) => field.name === stream.partitionKey)?.source ?? '';
  const door = await openDoor(project, stream.name, values);
  let sent = 0;
  try {
    const input = file === '-' ? process.stdin : createReadStream(file);
    let batch: AppendRecord[] = [];
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (line.trim() === '') continue;
      batch.push({ key: keyOf(line, source), value: encoder.encode(line) });
      if (batch.length < BATCH) continue;
      sent += await door.append(batch);
      batch = [];
    }
    if (batch.length > 0) sent += await door.append(batch);
  } finally {
    await door.close();
  }
  print(json, { stream: stream.name, sent }, () => [
    `${sent} events are in the log of ${stream.name}. twofold status shows those that are rejected.`,
  ]);
  return EXIT.done;
}

interface Door {
  append(records: readonly AppendRecord[]): Promise<number>;
  close(): Promise<void>;
}

/** Through the running platform when there is one, else into the log itself. */
async function openDoor(project: Project, stream: string, values: CliSettings): Promise<Door> {
  const through = (records: readonly AppendRecord[]): Promise<number | null> =>
    appendThroughSocket(values.dataFolder, stream, records);
  if ((await through([])) !== null)
    return { append: async (records) => (await through(records)) ?? 0, close: () => Promise.resolve() };
  const clock = systemClock();
  const logger = createLogger({
    name: 'twofold',
    level: values.logLevel,
    format: 'auto',
    stream: process.stderr,
    clock,
  });
  const platform = await openToWrite(project, values.dataFolder, values.partitions, logger);
  return {
    append: async (records) => (await platform.events.append(`${project.id}.${stream}`, records)).offsets.length,
    close: () => platform.close(),
  };
}

/** The partition key as it stands in the message; what can not be read goes to any partition, and becomes a dead letter with its reason. */
function keyOf(line: string, source: string): Uint8Array | null {
  try {
    const value: unknown = (JSON.parse(line) as Record<string, unknown> | null)?.[source];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? encoder.encode(String(value))
      : null;
  } catch {
    return null;
  }
}
