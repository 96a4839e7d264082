import { createHash } from 'node:crypto';
import { recordsBetween } from '@twofold/archive';
import type { BatchLayer } from '@twofold/batch-layer';
import {
  editMessage,
  nothingSelected,
  parseEdits,
  type CorrectionNote,
  type CorrectionPlan,
  type MessageEdit,
} from '@twofold/corrections';
import { createDecoder, type Stream } from '@twofold/schemas';
import type { Project } from '@twofold/views';
import { CliError } from './errors.ts';
import { lettersOf, placeText, type Letter, type LetterFlags } from './letters.ts';
import { topicsOf, type Platform, type StreamTopic } from './platform.ts';

/** Letters of one replay. */
const MOST = 100_000;
/** Letters that a refusal names. */
const NAMED = 5;

/** Which letters are replayed, and how they are mended. */
export interface AskedReplay extends LetterFlags {
  /** Steps, parted by `;` (`parseEdits`). */
  readonly transform?: string;
  /** Every letter of the stream. */
  readonly all: boolean;
  /** Leave out letters that are no events even so. */
  readonly partial: boolean;
  /** Also letters whose id an event has already. */
  readonly allowKnown: boolean;
}

/**
 * Plans a correction that adds what rejected records were meant to be, mended by a transformation.
 * @param noteOf the note, given the key that the same letters mended in the same way have
 * @throws WRONG_USAGE when no letters are named, or some are no events even so; ROWS_INVALID; what planning throws
 */
export async function planReplay(
  name: string,
  asked: AskedReplay,
  noteOf: (key: string) => CorrectionNote,
  of: { readonly project: Project; readonly platform: Platform; readonly layer: BatchLayer },
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const { code, field, at, transform, all, partial, allowKnown } = asked;
  if (!all && code === undefined && field === undefined && at === undefined)
    throw new CliError('WRONG_USAGE', 'say which letters: by code, by field, by place (partition:offset), or all');
  const edits = transform === undefined ? [] : parseEdits(transform);
  const topic = topicOf(of.project, name);
  // Before letters are mended for nothing.
  of.layer.corrections.requireCorrectable(name, 'add');
  const letters: Letter[] = [];
  for await (const letter of lettersOf(topic, asked, of.platform)) {
    if (letters.length === MOST) throw new CliError('WRONG_USAGE', `more than ${MOST} letters; replay fewer at once`);
    letters.push(letter);
  }
  const { rows, places } = mended(topic.stream, letters, edits, partial, of.platform.clock.now());
  const from = `${rows.length} dead letters (${places.slice(0, NAMED).join(', ')}${places.length > NAMED ? ', …' : ''})`;
  return of.layer.corrections.plan(
    {
      ...noteOf(keyOf(name, places, edits)),
      ...{ stream: name, kind: 'add', selection: nothingSelected, everything: false, newOnly: !allowKnown },
      rows: new TextEncoder().encode(rows.join('\n')),
      rowsFrom: transform === undefined ? from : `${from}, mended by: ${transform}`,
    },
    signal,
  );
}

/** @throws WRONG_USAGE */
export function topicOf(project: Project, name: string): StreamTopic {
  const topic = topicsOf(project).find(({ stream }) => stream.name === name);
  if (topic !== undefined) return topic;
  const there = project.streams.map((stream) => stream.name).join(', ');
  throw new CliError('WRONG_USAGE', `project ${project.id} has no stream ${name}. It has: ${there}`);
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
    if (fault !== null) faults.push(`${placeText(letter)}: ${fault.replace(/\.$/, '')}`);
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
        : `${faults.length} of ${letters.length} letters are no events of stream ${stream.name} after the transformation: ${faults.slice(0, NAMED).join('; ')}. Mend them further, or replay the others alone (partial). Nothing was planned.`,
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
  return text === null
    ? 'its bytes are no longer there, as after a redaction'
    : 'it is no JSON object, which no transformation mends';
}

/** The same letters mended in the same way are one correction, however often it is asked for. */
function keyOf(stream: string, places: readonly string[], edits: readonly MessageEdit[]): string {
  return `deadletter-${createHash('sha256')
    .update(JSON.stringify([stream, places, edits]))
    .digest('hex')
    .slice(0, 32)}`;
}
