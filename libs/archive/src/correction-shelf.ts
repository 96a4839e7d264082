import type { Correction, Erasure } from '@twofold/corrections';
import type { ArchiveFile, RemovableBlobs } from './archive.ts';
import { sha256 } from './content-hash.ts';
import {
  correctionFolder,
  correctionName,
  damagedLink,
  decodeLink,
  encodeLink,
  missingLink,
  numbered,
  wordless,
} from './correction-link.ts';
import { partitionFolder } from './file-name.ts';
import { existsAfter } from './manifest-link.ts';

/** A correction whose added rows are a file of the archive. */
export type StoredCorrection = Correction<ArchiveFile>;

/**
 * The corrections of one stream: an append-only chain beside its manifests, and the documents (plans, lists of targets,
 * rows, diffs) that belong to it. Nothing in it ever changes, but what a redaction erases.
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
  /** Names of all documents; for redactions, which have to look at what nobody names any more. */
  listDocuments(): Promise<readonly string[]>;
  /** Fine when it is gone. */
  removeDocument(name: string): Promise<void>;
  /** Names of all files with added rows, whether a link names them or not; for redactions too. */
  listRows(): Promise<readonly string[]>;
  /** What a redaction says of links whose words go, so that the chain can still be followed. Those that have none left are left out. */
  erasedLinks(numbers: readonly number[]): Promise<Erasure['links']>;
  /** Puts links without words in the place of those that a redaction of the chain names. Repeating it is fine. */
  eraseLinks(links: Erasure['links']): Promise<void>;
}

/** What a control row said of a stream. */
export interface InForceNote {
  readonly incarnation: string;
  /** Of the control row: of two notes of one store the higher is the later. */
  readonly sequence: number;
  readonly list: readonly string[];
}

/** How far ahead a link that was lost is looked for, on opening; later, one further suffices. */
const farthest = 64;

/** What the list of targets of this hash is called among the documents. */
export function targetsName(hash: string): string {
  return `targets-${hash}.json`;
}

interface KnownLink {
  readonly correction: StoredCorrection;
  /** Of the link as it was first written: what the next one names. */
  readonly hash: string;
  /** Of what stands in its place since a redaction took its words; null: it is as it was written. */
  readonly erasedHash: string | null;
}

export function createCorrectionShelf(blobs: RemovableBlobs, stream: string): CorrectionShelf {
  const known: KnownLink[] = [];
  const documentFolder = `${correctionFolder(stream)}/documents`;
  const erasedName = (number: number): string => `${correctionFolder(stream)}/erased/${numbered(number)}`;
  // What stands in the place of a link is there before the link goes.
  const get = async (number: number): Promise<Uint8Array | null> =>
    (await blobs.get(correctionName(stream, number))) ?? blobs.get(erasedName(number));

  let opened = false;

  async function follow(): Promise<void> {
    for (;;) {
      const number = known.length;
      let bytes = await get(number);
      if (bytes === null && !(await existsAfter(number, opened ? 1 : farthest, get))) break;
      // Both may have been written between the two reads, so ask again before calling it missing.
      bytes ??= await get(number);
      if (bytes === null) throw missingLink(stream, number);
      const { previous, was = null, correction } = decodeLink(stream, number, bytes);
      if (previous !== (known[number - 1]?.hash ?? null))
        throw damagedLink(stream, number, `it does not follow from correction ${number - 1} as it is there`);
      const hash = sha256(bytes);
      const link = { correction, hash: was ?? hash, erasedHash: was === null ? null : hash };
      // Two callers may interleave; a link is taken once.
      if (known.length === number) known.push(link);
      for (const { number: of } of correction.erases?.links ?? []) forgetWords(of);
    }
    if (!opened) checkErased();
    opened = true;
  }

  function forgetWords(number: number): void {
    const link = known[number];
    if (link !== undefined) known[number] = { ...link, correction: wordless(link.correction) };
  }

  /** A link without words is believed only where a later link says that a redaction took them, and what is left. */
  function checkErased(): void {
    const named = known.flatMap(({ correction }) => correction.erases?.links ?? []);
    for (const [number, { hash, erasedHash }] of known.entries())
      if (
        erasedHash !== null &&
        !named.some((each) => each.number === number && each.was === hash && each.is === erasedHash)
      )
        throw damagedLink(stream, number, 'its words are gone, and no redaction says so');
  }

  function erasedBytes(number: number): Uint8Array | null {
    const link = known[number];
    if (link === undefined || link.erasedHash !== null || link.correction.kind === 'redact') return null;
    return encodeLink({
      ...{ format: 1, previous: known[number - 1]?.hash ?? null, was: link.hash },
      correction: wordless(link.correction),
    });
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
      const bytes = encodeLink({ format: 1, previous: known[number - 1]?.hash ?? null, correction });
      if (number === known.length && (await blobs.putIfAbsent(correctionName(stream, number), bytes))) return true;
      const there = await get(number);
      return there !== null && sha256(there) === sha256(bytes);
    },

    putDocument: (name, bytes) => blobs.putIfAbsent(`${documentFolder}/${name}`, bytes),
    getDocument: (name) => blobs.get(`${documentFolder}/${name}`),
    removeDocument: (name) => blobs.remove(`${documentFolder}/${name}`),
    listDocuments: async () => (await blobs.list(documentFolder)).map((name) => name.slice(documentFolder.length + 1)),

    listRows: () => blobs.list(partitionFolder(correctionFolder(stream), 0)),

    async erasedLinks(numbers) {
      await follow();
      return numbers.flatMap((number) => {
        const [was, bytes] = [known[number]?.hash, erasedBytes(number)];
        return was === undefined || bytes === null ? [] : [{ number, was, is: sha256(bytes) }];
      });
    },

    async eraseLinks(links) {
      await follow();
      for (const { number, is } of links) {
        const bytes = erasedBytes(number);
        if (bytes !== null && sha256(bytes) === is) await blobs.putIfAbsent(erasedName(number), bytes);
        if ((await blobs.get(erasedName(number))) !== null) await blobs.remove(correctionName(stream, number));
      }
    },
  };
}

/** One shelf a stream, kept open so that `list` reads only what is new. */
export function createCorrectionShelves(blobs: RemovableBlobs): (stream: string) => CorrectionShelf {
  const shelves = new Map<string, CorrectionShelf>();
  return (stream) => {
    const shelf = shelves.get(stream) ?? createCorrectionShelf(blobs, stream);
    shelves.set(stream, shelf);
    return shelf;
  };
}
