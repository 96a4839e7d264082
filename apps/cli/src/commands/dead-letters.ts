import { bytesText } from '../bytes-text.ts';
import { CliError } from '../errors.ts';
import { lettersOf, placeOf, placeText, type Letter, type LetterFlags } from '../letters.ts';
import { openToLook } from '../look.ts';
import { correcting } from '../open-correcting.ts';
import { EXIT, iso, print, table } from '../output.ts';
import { planReplay, topicOf, type AskedReplay } from '../replay-letters.ts';
import type { CliSettings } from '../settings.ts';
import { noteOf, shown, type NoteFlags } from './correct.ts';

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

export type ReplayFlags = AskedReplay & NoteFlags;

/** Plans a correction that adds what rejected records were meant to be, mended by a transformation. */
export async function replayLetters(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  name: string,
  flags: ReplayFlags,
): Promise<number> {
  const plan = await correcting(projectFolder, values, (of) =>
    planReplay(name, flags, (key) => noteOf(flags, key), of, of.signal),
  );
  return shown(plan, json);
}

function plain({ bytes, ...letter }: Letter) {
  return { ...letter, bytes: bytes === null ? null : Buffer.from(bytes).toString('base64') };
}
