import { recordsBetween } from '@twofold/archive';
import { editMessage, nothingSelected, parseEdits, type MessageEdit } from '@twofold/corrections';
import { createDecoder, type Stream } from '@twofold/schemas';
import type { Project } from '@twofold/views';
import { createHash } from 'node:crypto';
import { bytesText } from '../bytes-text.ts';
import { CliError } from '../errors.ts';
import { lettersOf, placeOf, placeText, type Letter, type LetterFlags } from '../letters.ts';
import { openToLook } from '../look.ts';
import { correcting } from '../open-correcting.ts';
import { EXIT, iso, print, table } from '../output.ts';
import { topicsOf, type StreamTopic } from '../platform.ts';
import type { CliSettings } from '../settings.ts';
import { noteOf, shown, type NoteFlags } from './correct.ts';

/** Letters of one replay. */
const MOST = 100_000;
/** Letters that a refusal names. */
const NAMED = 5;

/** Rejected records, newest first. */
export async function listLetters(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  stream: string,
  flags: LetterFlags & { readonly limit: number; readonly before?: string },
): Promise<number> {
  const { project, store, archive, openLog, close } = await openToLook(projectFolder, values);
  const log = await openLog();
  try {
    const found: Letter[] = [];
    let more = false;
    const before = flags.before === undefined ? undefined : placeOf('--before', flags.before);
    for await (const letter of lettersOf(topicOf(project, stream), flags, { store, archive, log }, before)) {
      more = found.length === flags.limit;
      if (more) break;
      found.push(letter);
    }
    const last = found.at(-1);
    const next = more && last !== undefined ? placeText(last) : null;
    print(json, { letters: found.map(plain), next }, () => [
      ...table([
        ['place', 'since', 'code', 'field', 'why'],
        ...found.map((each) => [placeText(each), iso(each.logTime), each.code, each.field ?? '-', each.detail]),
      ]),
      ...(next === null ? [] : [`older ones: twofold deadletter list ${stream} --before ${next}`]),
    ]);
    return EXIT.done;
  } finally {
    await log.close();
    await close();
  }
}

/** One rejected record, whole. */
export async function showLetter(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  stream: string,
  place: string,
): Promise<number> {
  const { project, store, archive, openLog, close } = await openToLook(projectFolder, values);
  const log = await openLog();
  try {
    const wanted = placeText(placeOf('deadletter show', place));
    for await (const letter of lettersOf(topicOf(project, stream), { at: [wanted] }, { store, archive, log })) {
      print(json, { letter: plain(letter) }, () => [
        `${stream} ${wanted}, ${iso(letter.logTime)}: ${letter.code}${letter.field === null ? '' : ` ${letter.field}`}: ${letter.detail}`,
        bytesText(letter.bytes, 16_384),
      ]);
      return EXIT.done;
    }
    throw new CliError('WRONG_USAGE', `stream ${stream} has no dead letter at ${wanted}`);
  } finally {
    await log.close();
    await close();
  }
}

export interface ReplayFlags extends LetterFlags, NoteFlags {
  readonly transform?: string;
  readonly all: boolean;
  readonly partial: boolean;
  readonly allowKnown: boolean;
}

/** Plans a correction that adds what rejected records were meant to be, mended by a transformation. */
export async function replayLetters(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  name: string,
  flags: ReplayFlags,
): Promise<number> {
  const { code, field, at, transform, all, allowKnown } = flags;
  if (!all && code === undefined && field === undefined && at === undefined)
    throw new CliError('WRONG_USAGE', 'say which letters: --code, --field, --at <partition:offset…>, or --all');
  const edits = transform === undefined ? [] : parseEdits(transform);
  const plan = await correcting(projectFolder, values, async ({ project, platform, layer, signal }) => {
    const topic = topicOf(project, name);
    const letters: Letter[] = [];
    for await (const letter of lettersOf(topic, flags, platform)) {
      if (letters.length === MOST) throw new CliError('WRONG_USAGE', `more than ${MOST} letters; replay fewer at once`);
      letters.push(letter);
    }
    const { rows, places } = mended(topic.stream, letters, edits, flags.partial, platform.clock.now());
    const from = `${rows.length} dead letters (${places.slice(0, NAMED).join(', ')}${places.length > NAMED ? ', …' : ''})`;
    return layer.corrections.plan(
      {
        ...noteOf(flags, keyOf(name, places, edits)),
        ...{ stream: name, kind: 'add', selection: nothingSelected, everything: false, newOnly: !allowKnown },
        rows: new TextEncoder().encode(rows.join('\n')),
        rowsFrom: transform === undefined ? from : `${from}, mended by: ${transform}`,
      },
      signal,
    );
  });
  return shown(plan, json);
}

/** The rows that letters become. @throws WRONG_USAGE with the first that become none, unless part of them will do */
function mended(
  stream: Stream,
  letters: readonly Letter[],
  edits: readonly MessageEdit[],
  partial: boolean,
  now: number,
): { readonly rows: readonly string[]; readonly places: readonly string[] } {
  const decoder = createDecoder(stream);
  const rows: string[] = [];
  const places: string[] = [];
  const faults: string[] = [];
  // Oldest first, as they came.
  for (const letter of [...letters].reverse()) {
    const text = letter.bytes === null ? null : new TextDecoder().decode(letter.bytes);
    const row = text === null ? null : edits.length === 0 ? text : editMessage(text, edits);
    const fault = row === null ? notThere(text) : faultOf(row, now);
    if (fault !== null) faults.push(`${placeText(letter)}: ${fault}`);
    else if (row !== null) {
      rows.push(row.replaceAll(/\s*[\r\n]\s*/g, ' '));
      places.push(placeText(letter));
    }
  }
  if (rows.length === 0 || (faults.length > 0 && !partial))
    throw new CliError(
      'WRONG_USAGE',
      letters.length === 0
        ? `no dead letter of stream ${stream.name} is meant`
        : `${faults.length} of ${letters.length} letters are no events of stream ${stream.name} after the transformation: ${faults.slice(0, NAMED).join('; ')}. Mend them further, or replay the others with --partial. Nothing was planned.`,
    );
  return { rows, places };

  function faultOf(row: string, logTime: number): string | null {
    const value = new TextEncoder().encode(row);
    const of = { partition: 0, offsets: [0], logTimes: [logTime], keys: [null], values: [value] };
    const [found] = decoder.decode(recordsBetween(of, 0, 1)).rejections;
    return found === undefined
      ? null
      : `${found.code}${found.field === null ? '' : ` ${found.field}`}: ${found.detail}`;
  }
}

function notThere(text: string | null): string {
  return text === null ? 'its bytes are no longer there' : 'it is no JSON object, which no transformation mends';
}

/** The same letters mended in the same way are one correction, however often it is asked for. */
function keyOf(stream: string, places: readonly string[], edits: readonly MessageEdit[]): string {
  return `deadletter-${createHash('sha256')
    .update(JSON.stringify([stream, places, edits]))
    .digest('hex')
    .slice(0, 32)}`;
}

function topicOf(project: Project, name: string): StreamTopic {
  const topic = topicsOf(project).find(({ stream }) => stream.name === name);
  if (topic !== undefined) return topic;
  const there = project.streams.map((stream) => stream.name).join(', ');
  throw new CliError('WRONG_USAGE', `project ${project.id} has no stream ${name}. It has: ${there}`);
}

function plain({ bytes, ...letter }: Letter) {
  return { ...letter, bytes: bytes === null ? null : Buffer.from(bytes).toString('base64') };
}
