import {
  encodeBlanks,
  sha256,
  type ArchivedColumns,
  type ArchiveFile,
  type ArchiveState,
  type BlankPosition,
  type ColumnArchive,
  type ErasedRows,
  type StoredCorrection,
} from '@twofold/archive';
import { columnsOf } from '@twofold/batch-engine';
import {
  addedSourceOf,
  createRowMatcher,
  isOvertaken,
  runsOf,
  type Runs,
  type Selection,
  type ShownEvent,
  type Targets,
} from '@twofold/corrections';
import { createChangePlaceReader, createIdReader, RecordClass, type Columns, type Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { EffectCounter } from '../effect-counter.ts';
import { requireAtMost } from '../find-targets.ts';
import { shownEvent } from '../shown-event.ts';

/** Events that a plan shows. */
const SAMPLE = 10;
/** Distinct texts of erased events that are looked for in earlier corrections; with more, all of those lose their words. */
const MAX_WORDS = 10_000;
const SHORTEST_WORD = 3;

/** A file whose rows are looked at: of the log, or added by a correction. */
export interface SearchedFile {
  readonly source: number;
  readonly file: ArchiveFile;
  /** Of the correction that added it; null: of the log. */
  readonly number: number | null;
}

/** Of rows that are stated again and again, and of what is made of them: whatever was selected by, all of a row is meant. */
export interface CopiedRows {
  /** Is the position looked at? */
  isBelow(source: number, offset: number): boolean;
  /** Of an event or a duplicate; asked once each, in order. */
  isMeant(columns: Columns, row: number, source: number): boolean;
  /** Rejected records are none of its business: nobody was shown them. */
  readonly leavesRejected?: true;
}

/**
 * Finds every copy of what a selection means, whether it counts or not (E21): applied events, their duplicates, events
 * that were corrected away, rows of corrections that are no longer in force; and every rejected record, since nobody can
 * tell of whom it speaks.
 */
export class CopyFinder {
  readonly #stream: Stream;
  readonly #selection: Selection;
  readonly #matches: (columns: Columns, row: number) => boolean;
  readonly #idOf: (columns: Columns, row: number) => string;
  readonly #rows: CopiedRows | null;
  readonly #placeOf: ((columns: Columns, row: number) => number) | null;
  readonly #runs = new Map<number, Runs>();
  readonly #blanks = new Map<number, BlankPosition[]>();
  readonly #words = new Set<string>();
  readonly #idWords = new Set<string>();
  readonly counts = { applied: 0, duplicate: 0, rejected: 0, added: 0 };
  /** Rejected records at positions that were asked for by nothing but their place. */
  rejectedAsked = 0;
  readonly sample: ShownEvent[] = [];
  readonly effects: EffectCounter;
  /** Files with a target. */
  readonly files: SearchedFile[] = [];
  recordsRead = 0;
  lastLogTime: number | null = null;

  constructor(stream: Stream, views: readonly View[], selection: Selection, rows: CopiedRows | null = null) {
    this.#stream = stream;
    this.#selection = selection;
    // The condition of rows is one over the stream that states them.
    this.#matches = rows === null ? createRowMatcher(stream, selection) : () => false;
    this.#idOf = createIdReader(stream);
    this.#rows = rows;
    this.#placeOf = createChangePlaceReader(stream);
    this.effects = new EffectCounter(views);
  }

  /** Throws TOO_MANY_TARGETS. */
  take(searched: SearchedFile, archived: ArchivedColumns): void {
    const { source, file, number } = searched;
    const columns = columnsOf(archived, { from: file.from, to: file.to, widthMs: 1, panes: null });
    const hit = { ...columns, classes: new Uint8Array(columns.count).fill(RecordClass.control) };
    const offsets: number[] = [];
    this.recordsRead += columns.count;
    for (let row = 0; row < columns.count; row++) {
      const of = archived.classes[row] ?? RecordClass.control;
      if (!this.#isTarget(columns, row, of, source)) continue;
      const offset = columns.offsets[row] ?? 0;
      offsets.push(offset);
      if (number === null) this.#note(source, columns, row, of);
      else this.counts.added++;
      if (of === RecordClass.rejected) continue;
      this.#keepWords(columns, row);
      if (of !== RecordClass.applied) continue;
      hit.classes[row] = RecordClass.applied;
      if (this.sample.length < SAMPLE) this.sample.push(shownEvent(this.#stream, source, columns, row));
    }
    if (offsets.length === 0) return;
    this.files.push(searched);
    this.#runs.set(source, [...(this.#runs.get(source) ?? []), ...runsOf(offsets)]);
    requireAtMost(this.total);
    this.effects.add(hit);
  }

  get total(): number {
    const { applied, duplicate, rejected, added } = this.counts;
    return applied + duplicate + rejected + added;
  }

  /** By source, rising. */
  targets(): Targets {
    return [...this.#runs].sort(([a], [b]) => a - b).map(([source, runs]) => ({ source, runs }));
  }

  /** Texts of the erased events; null: there are too many to look for. */
  get words(): ReadonlySet<string> | null {
    return this.#words.size > MAX_WORDS ? null : this.#words;
  }

  /** Texts of the ids of erased events. */
  get idWords(): Iterable<string> {
    return this.#idWords;
  }

  /** The document with what stays of the records of the log, and its hash. */
  blanks(key: string, rows: ErasedRows = new Map()): { readonly bytes: Uint8Array; readonly sha256: string } {
    const bytes = encodeBlanks(this.#blanks, key, rows);
    return { bytes, sha256: sha256(bytes) };
  }

  #isTarget(columns: Columns, row: number, of: number, source: number): boolean {
    const { where, eventTime, ids } = this.#selection;
    const offset = columns.offsets[row] ?? 0;
    if (this.#rows?.isBelow(source, offset) === false) return false;
    const byPlace = this.#isAsked(source, offset);
    if (this.#rows !== null && isEvent(of)) return this.#rows.isMeant(columns, row, source);
    if (of === RecordClass.rejected) {
      if (this.#rows?.leavesRejected === true) return false;
      const byContent = where !== null || eventTime !== null || ids !== null;
      if (byPlace && !byContent) this.rejectedAsked++;
      return true;
    }
    return byPlace && (of === RecordClass.applied || of === RecordClass.duplicate) && this.#matches(columns, row);
  }

  #isAsked(source: number, offset: number): boolean {
    const { partition: asked, offsets } = this.#selection;
    if (asked === null) return true;
    return source === asked && (offsets === null || (offset >= offsets.from && offset < offsets.to));
  }

  #note(partition: number, columns: Columns, row: number, of: number): void {
    const rejected = of === RecordClass.rejected;
    const blanks = this.#blanks.get(partition) ?? [];
    this.#blanks.set(partition, blanks);
    const name = rejected ? 'rejected' : of === RecordClass.applied ? 'applied' : 'duplicate';
    this.counts[name]++;
    const id = rejected ? null : this.#idOf(columns, row);
    const place = rejected ? null : (this.#placeOf?.(columns, row) ?? null);
    blanks.push({
      ...{ offset: columns.offsets[row] ?? 0, class: RecordClass[name], id },
      ...(place === null ? {} : { place }),
    });
    this.lastLogTime = Math.max(this.lastLogTime ?? -Infinity, columns.times[row] ?? -Infinity);
  }

  #keepWords(columns: Columns, row: number): void {
    if (this.#words.size > MAX_WORDS) return;
    for (const [place, column] of columns.fields.entries()) {
      const text = column.kind === 'text' ? (column.ids[row] ?? -1) : -1;
      if (column.kind !== 'text' || text < 0) continue;
      const word = column.dictionary.text(text);
      if (word.length < SHORTEST_WORD) continue;
      this.#words.add(word);
      if (this.#stream.id.includes(this.#stream.fields[place]?.name ?? '')) this.#idWords.add(word);
    }
  }
}

export function isEvent(of: number | undefined): boolean {
  return of === RecordClass.applied || of === RecordClass.duplicate;
}

/** The files of the log, and those of added rows, as the redactions in effect have left them: of some, nothing is left. */
export function searchedFiles(
  { files, redactions }: Pick<ArchiveState, 'files' | 'redactions'>,
  list: readonly StoredCorrection[],
): readonly SearchedFile[] {
  const inEffect = redactions.flatMap((number) => list[number]?.erases?.added ?? []);
  const rewritten = new Map(inEffect.map((each) => [each.number, each.file]));
  const added = list.flatMap((correction): SearchedFile[] => {
    const { number, added: rows } = correction;
    if (rows === null || isOvertaken(correction, redactions)) return [];
    return [{ source: addedSourceOf(number), file: rewritten.get(number) ?? rows.file, number }];
  });
  return [...files.map((file) => ({ source: file.partition, file, number: null })), ...added];
}

/** Looks through every file; rejected records are found whatever is asked for. */
export async function findCopies(
  finder: CopyFinder,
  stream: Stream,
  files: readonly SearchedFile[],
  archive: Pick<ColumnArchive, 'readColumns'>,
  signal: AbortSignal,
): Promise<void> {
  for (const searched of files) {
    signal.throwIfAborted();
    finder.take(searched, await archive.readColumns(stream, searched.file));
  }
}

/** Does it select by nothing but where events stand? */
export function isByPlace({ where, eventTime, ids, partition }: Selection): boolean {
  return partition !== null && where === null && eventTime === null && ids === null;
}
