import { createServer, request, type IncomingMessage } from 'node:http';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { AppendRecord, LogAppender } from '@twofold/event-log';
import { isTwofoldError, TwofoldError } from '@twofold/schemas';
import { CliError } from './errors.ts';
import type { StreamTopic } from './platform.ts';

/** Largest body taken at once. */
const BODY_BYTES = 16 << 20;

/** Records as they cross the socket: base64, so that any bytes do. */
type Line = readonly [key: string | null, value: string];

/** While `twofold dev` runs, the log is its own: other commands hand it records through a socket in the data folder. */
export async function listenForRecords(
  dataFolder: string,
  topics: readonly StreamTopic[],
  log: LogAppender,
): Promise<{ close(): Promise<void> }> {
  const file = socketIn(dataFolder);
  rmSync(file, { force: true });
  const server = createServer((incoming, answer) => {
    const topic = topics.find(({ stream }) => `/${encodeURIComponent(stream.name)}` === incoming.url)?.topic;
    const reply = (status: number, body: object): void =>
      void answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (incoming.method !== 'POST' || topic === undefined) return reply(404, { message: 'no such stream' });
    bodyOf(incoming)
      .then((body) => log.append(topic, (JSON.parse(body) as Line[]).map(recordOf)))
      .then(
        (result) => reply(200, { sent: result.offsets.length }),
        (error: unknown) =>
          reply(400, {
            code: isTwofoldError(error) ? error.code : 'INVALID',
            message: error instanceof Error ? error.message : 'invalid',
          }),
      );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(file, resolve));
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Appends through the running platform; null when none is running. */
export async function appendThroughSocket(
  dataFolder: string,
  stream: string,
  records: readonly AppendRecord[],
): Promise<number | null> {
  const socketPath = socketIn(dataFolder);
  if (!existsSync(socketPath)) return null;
  const body = JSON.stringify(
    records.map(({ key, value }): Line => [key === null ? null : toBase64(key), toBase64(value ?? new Uint8Array(0))]),
  );
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        path: `/${encodeURIComponent(stream)}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        bodyOf(answer).then((text) => {
          const reply = JSON.parse(text) as { sent?: number; code?: string; message?: string };
          if (answer.statusCode === 200 && reply.sent !== undefined) resolve(reply.sent);
          else
            reject(new TwofoldError(reply.code ?? 'INVALID', reply.message ?? 'the platform did not take the records'));
        }, reject);
      },
    );
    // A socket that nobody listens on was left by a killed process.
    outgoing.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve(null) : reject(endedBeforeAnswer(error)),
    );
    outgoing.end(body);
  });
}

function endedBeforeAnswer(cause: Error): CliError {
  return new CliError(
    'SERVER_UNREACHABLE',
    'twofold dev ended before it answered: the last events may or may not be in the log. Send them again; an event that is there already counts once',
    { cause },
  );
}

/** In the data folder, by a relative path: a socket's whole path may have at most some hundred characters. */
function socketIn(dataFolder: string): string {
  return path.relative(process.cwd(), path.join(dataFolder, 'records.sock'));
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES) throw new TwofoldError('TOO_LARGE', `more than ${BODY_BYTES} bytes at once`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function recordOf([key, value]: Line): AppendRecord {
  return { key: key === null ? null : Buffer.from(key, 'base64'), value: Buffer.from(value, 'base64') };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
