import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A line of the access log: what is a fact, and not somebody's text. */
export interface LogLine {
  readonly line: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly client: string;
  readonly method: string;
  readonly status: number;
  /** Null where nothing was sent. */
  readonly bytes: number | null;
}

/** A message for the stream `requests`. */
export interface RequestMessage {
  readonly stream: 'requests';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** All 10,000 lines, in the order of the log. */
export function logLines(): LogLine[] {
  const bytes = gunzipSync(readFileSync(new URL('../data/requests.csv.gz', import.meta.url)));
  const [, ...lines] = bytes.toString('latin1').trimEnd().split('\n');
  return lines.map((text) => {
    const [line, time, client = '', method = '', status, sent = ''] = text.split(',');
    const about = { line: Number(line), time: Number(time), client, method, status: Number(status) };
    return { ...about, bytes: sent === '' ? null : Number(sent) };
  });
}

/** The lines as they are sent. */
export function* history(): Generator<RequestMessage> {
  const encoder = new TextEncoder();
  for (const { time, ...line } of logLines()) {
    const at = new Date(time * 1_000).toISOString().replace('.000Z', 'Z');
    const value = encoder.encode(JSON.stringify({ ...line, time: at }));
    yield { stream: 'requests', key: encoder.encode(line.client), value };
  }
}
