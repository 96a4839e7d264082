import type { LogReader } from '@twofold/event-log';
import type { ColumnArchive } from '@twofold/archive';
import type { DeadLetter, ViewStore } from '@twofold/view-store';
import { CliError } from './errors.ts';
import type { StreamTopic } from './platform.ts';
import { readRecord } from './read-record.ts';

/** Which dead letters of a stream are meant. */
export interface LetterFlags {
  readonly code?: string;
  readonly field?: string;
  /** Places, `partition:offset`. */
  readonly at?: readonly string[];
}

export type Letter = DeadLetter & { readonly bytes: Uint8Array | null };

const PAGE = 500;

export interface LetterPorts {
  readonly store: Pick<ViewStore, 'ledger'>;
  readonly log: Pick<LogReader, 'open'>;
  readonly archive: Pick<ColumnArchive, 'head' | 'read' | 'corrections'>;
}

/** Dead letters that are meant, newest first, with their bytes. */
export async function* lettersOf(
  topic: StreamTopic,
  { code, field, at }: LetterFlags,
  ports: LetterPorts,
  after?: { readonly partition: number; readonly offset: number },
): AsyncGenerator<Letter> {
  const wanted = at === undefined ? null : new Set(at.map((place) => placeText(placeOf('--at', place))));
  for (let before = after; ;) {
    const page = await ports.store.ledger.deadLetters(topic.stream.name, {
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    for (const letter of page) {
      const meant =
        (code === undefined || letter.code === code.toUpperCase()) && (field === undefined || letter.field === field);
      if (meant && wanted?.has(placeText(letter)) !== false)
        yield { ...letter, bytes: await readRecord(topic, letter, ports) };
    }
    before = page.at(-1);
    if (before === undefined || page.length < PAGE) return;
  }
}

export function placeText({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}:${offset}`;
}

/** @throws WRONG_USAGE */
export function placeOf(flag: string, text: string): { readonly partition: number; readonly offset: number } {
  const [, partition = '', offset = ''] = /^(\d{1,9}):(\d{1,15})$/.exec(text) ?? [];
  if (offset !== '') return { partition: Number(partition), offset: Number(offset) };
  throw new CliError('WRONG_USAGE', `${flag} takes a place, partition:offset, such as 0:17, not ${text}`);
}
