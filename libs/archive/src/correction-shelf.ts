import type { Correction } from '@twofold/corrections';
import type { ArchiveFile, Blobs } from './archive.ts';
import { sha256 } from './content-hash.ts';
import { ArchiveError } from './errors.ts';
import { existsAfter } from './manifest-link.ts';

/** A correction whose added rows are a file of the archive. */
export type StoredCorrection = Correction<ArchiveFile>;

/**
 * The corrections of one stream: an append-only chain beside its manifests, and the documents (plans, lists of targets,
 * rows, diffs) that belong to it. Nothing in it ever changes.
 */
export interface CorrectionShelf {
  /** Every correction that was ever appended, in order; verifies each link that it has not seen before. */
  list(): Promise<readonly StoredCorrection[]>;
  /**
   * Appends a correction whose number is the length of the list, by put-if-absent. False: somebody else was first; read
   * the list again. A repeat of one whose outcome was unknown finds its own bytes and succeeds.
   */
  append(correction: StoredCorrection): Promise<boolean>;
  /** The list that was in force when it was last noted; empty when it never was. For a store that was lost only. */
  lastInForce(): Promise<readonly string[]>;
  /** Notes what is in force, unless that is known already or something later is. */
  noteInForce(note: InForceNote): Promise<void>;
  /** Durable when it resolves. False: there is a document of that name, and its bytes are untouched. */
  putDocument(name: string, bytes: Uint8Array): Promise<boolean>;
  getDocument(name: string): Promise<Uint8Array | null>;
}

/** What a control row said of a stream. */
export interface InForceNote {
  readonly incarnation: string;
  /** Of the control row: of two notes of one store the higher is the later. */
  readonly sequence: number;
  readonly list: readonly string[];
}

/** What is kept under the number of a correction: the SHA-256 of the rest, a line feed, then JSON. */
interface Link {
  readonly format: 1;
  /** SHA-256 of all bytes of the link before; null for number 0. */
  readonly previous: string | null;
  readonly correction: StoredCorrection;
}

/** How far ahead a link that was lost is looked for, on opening; later, one further suffices. */
const farthest = 64;

/** Everything that belongs to a stream's corrections is below this folder. No stream is called so: names have no dots. */
export function correctionFolder(stream: string): string {
  return `${stream}.corrections`;
}

export function correctionName(stream: string, number: number): string {
  return `${correctionFolder(stream)}/chain/${numbered(number)}`;
}

function numbered(number: number): string {
  return `${String(number).padStart(12, '0')}.json`;
}

/** What the list of targets of this hash is called among the documents. */
export function targetsName(hash: string): string {
  return `targets-${hash}.json`;
}

export function createCorrectionShelf(blobs: Blobs, stream: string): CorrectionShelf {
  const known: { readonly correction: StoredCorrection; readonly hash: string }[] = [];
  const get = (number: number): Promise<Uint8Array | null> => blobs.get(correctionName(stream, number));
  const documentName = (name: string): string => `${correctionFolder(stream)}/documents/${name}`;

  let opened = false;

  async function follow(): Promise<void> {
    for (;;) {
      const number = known.length;
      let bytes = await get(number);
      if (bytes === null && !(await existsAfter(number, opened ? 1 : farthest, get))) {
        opened = true;
        return;
      }
      // Both may have been written between the two reads, so ask again before calling it missing.
      bytes ??= await get(number);
      if (bytes === null) throw missing(stream, number);
      const link = decodeLink(stream, number, bytes);
      const previous = known[number - 1]?.hash ?? null;
      if (link.previous !== previous)
        throw damaged(stream, number, `it does not follow from correction ${number - 1} as it is there`);
      // Two callers may interleave; a link is taken once.
      if (known.length === number) known.push({ correction: link.correction, hash: sha256(bytes) });
    }
  }

  const notes: InForceNote[] = [];
  const noteName = (number: number): string => `${correctionFolder(stream)}/in-force/${numbered(number)}`;

  /** The latest note of the last store that anybody noted of. */
  async function latestNote(): Promise<InForceNote | null> {
    for (;;) {
      const bytes = await blobs.get(noteName(notes.length));
      if (bytes === null) break;
      notes.push(JSON.parse(new TextDecoder().decode(bytes)) as InForceNote);
    }
    const last = notes.at(-1) ?? null;
    return notes
      .filter(({ incarnation }) => incarnation === last?.incarnation)
      .reduce((latest, note) => (latest === null || note.sequence > latest.sequence ? note : latest), last);
  }

  return {
    async lastInForce() {
      return (await latestNote())?.list ?? [];
    },

    async noteInForce(note) {
      for (;;) {
        const latest = await latestNote();
        const { incarnation, sequence, list } = latest ?? { incarnation: '', sequence: -1, list: [] };
        if (list.join() === note.list.join() || (incarnation === note.incarnation && sequence > note.sequence)) return;
        const number = notes.length;
        if (await blobs.putIfAbsent(noteName(number), new TextEncoder().encode(JSON.stringify(note)))) return;
      }
    },

    async list() {
      await follow();
      return known.map(({ correction }) => correction);
    },

    async append(correction) {
      await follow();
      const { number } = correction;
      const link: Link = { format: 1, previous: known[number - 1]?.hash ?? null, correction };
      const body = `${JSON.stringify(link)}\n`;
      const bytes = new TextEncoder().encode(`${sha256(body)}\n${body}`);
      if (number === known.length && (await blobs.putIfAbsent(correctionName(stream, number), bytes))) return true;
      const there = await get(number);
      return there !== null && sha256(there) === sha256(bytes);
    },

    putDocument: (name, bytes) => blobs.putIfAbsent(documentName(name), bytes),
    getDocument: (name) => blobs.get(documentName(name)),
  };
}

/** One shelf a stream, kept open so that `list` reads only what is new. */
export function createCorrectionShelves(blobs: Blobs): (stream: string) => CorrectionShelf {
  const shelves = new Map<string, CorrectionShelf>();
  return (stream) => {
    const shelf = shelves.get(stream) ?? createCorrectionShelf(blobs, stream);
    shelves.set(stream, shelf);
    return shelf;
  };
}

function decodeLink(stream: string, number: number, bytes: Uint8Array): Link {
  const lineFeed = 64;
  const body = bytes.subarray(lineFeed + 1);
  if (bytes[lineFeed] !== 10 || new TextDecoder().decode(bytes.subarray(0, lineFeed)) !== sha256(body))
    throw damaged(stream, number, 'its bytes do not match the SHA-256 in its first line');
  const link = JSON.parse(new TextDecoder().decode(body)) as Link;
  if (!(link.format <= 1))
    throw new ArchiveError(
      'FORMAT_UNKNOWN',
      `${correctionName(stream, number)} has format ${String(link.format)}; this release reads up to 1. Use a newer release; nothing was changed.`,
      { facts: { stream, number } },
    );
  if (link.correction.number !== number || link.correction.stream !== stream)
    throw damaged(stream, number, `it is a copy of correction ${link.correction.number} of ${link.correction.stream}`);
  return link;
}

function missing(stream: string, number: number): ArchiveError {
  const name = correctionName(stream, number);
  return new ArchiveError(
    'MANIFEST_MISSING',
    `${name} is missing, though corrections after it exist. Put it back from a backup; nothing of ${stream} is corrected until then.`,
    { facts: { stream, name, number } },
  );
}

function damaged(stream: string, number: number, why: string): ArchiveError {
  const name = correctionName(stream, number);
  return new ArchiveError(
    'MANIFEST_DAMAGED',
    `${name} is damaged: ${why}. Put back this file, byte for byte, from a backup; do not edit it.`,
    { facts: { stream, name, number } },
  );
}
