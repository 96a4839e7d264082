import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A message for the stream `edits`. */
export interface EditMessage {
  readonly stream: 'edits';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

interface Edit {
  readonly time: string;
  readonly channel: string;
  readonly page: string;
  readonly user: string;
  readonly robot: boolean;
  readonly added: number;
  readonly deleted: number;
}

const EXTRACT = new URL('../data/edits.csv.gz', import.meta.url);
const FULL = new URL('../../../../shared/data/wikipedia-edits/wikiticker-2015-09-12-sampled.json.gz', import.meta.url);

export function fullIsThere(): boolean {
  return existsSync(FULL);
}

/** The edits of the file that comes with the example, in its order. */
export function* extract(): Generator<EditMessage> {
  const [, ...lines] = textOf(EXTRACT);
  yield* messages(lines.map(editOfLine));
}

/** The same edits from Druid's own file, with the names of pages and users. */
export function* full(): Generator<EditMessage> {
  yield* messages(textOf(FULL).map(editOfDruid));
}

function textOf(file: URL): string[] {
  return gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
}

/** `time,channel,page,user,robot,added,deleted`; a page may be in quotes. */
function editOfLine(text: string): Edit {
  const found = /^([^,]*),([^,]*),("(?:[^"]|"")*"|[^,]*),(\d+),([01]),(\d+),(\d+)$/.exec(text);
  if (found === null) throw new RangeError(`'${text}' is no edit`);
  const [, time = '', channel = '', quoted = '', user = '', robot, added, deleted] = found;
  const page = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
  return {
    time: `2015-09-12T${time}Z`,
    channel: `#${channel}`,
    page,
    user: `user ${user}`,
    robot: robot === '1',
    added: Number(added),
    deleted: Number(deleted),
  };
}

function editOfDruid(text: string): Edit {
  const { isRobot, ...edit } = JSON.parse(text) as Edit & { readonly isRobot: boolean };
  return { ...edit, robot: isRobot };
}

function* messages(edits: readonly Edit[]): Generator<EditMessage> {
  const encoder = new TextEncoder();
  for (const [i, { time, channel, page, user, robot, added, deleted }] of edits.entries()) {
    const edit = { line: i + 1, time, channel, page, user, robot, added, deleted };
    yield { stream: 'edits', key: encoder.encode(user), value: encoder.encode(JSON.stringify(edit)) };
  }
}
