import path from 'node:path';
import { readCsv, type CsvRow } from './csv.ts';
import { messageOf } from './messages.ts';
import type { Published, Vintage } from './vintage.ts';

/** Where in a table of restatements a file that was published ends. */
export interface Cut {
  readonly asOf: string;
  /** `seq` of the last restatement that is in the file. */
  readonly lastSeq: number;
}

/** The end of every file that restated anything, from the first to the last. */
export function cutsOf(events: readonly CsvRow[]): Cut[] {
  const cuts = new Map<string, Cut>();
  for (const { as_of: asOf = '', seq } of events) cuts.set(asOf, { asOf, lastSeq: Number(seq) });
  return [...cuts.values()];
}

/**
 * Cuts whose file is here; and between two of them, and before the first, the one in the middle, for the oracle: that
 * file is not here. Or all of them.
 */
export function cutsToCompare(all: readonly Cut[], published: readonly Cut[], everyFile: boolean): readonly Cut[] {
  if (everyFile) return all;
  return published.flatMap((cut, i) => {
    const before = published[i - 1]?.lastSeq ?? 0;
    const between = all.filter(({ asOf, lastSeq }) => lastSeq > before && lastSeq < cut.lastSeq && asOf !== cut.asOf);
    const middle = between[between.length >> 1];
    return middle === undefined ? [cut] : [middle, cut];
  });
}

/** A vintage at each cut, with the restatements since the one before. */
export function vintagesAt(
  cuts: readonly Cut[],
  events: readonly CsvRow[],
  of: {
    readonly stream: string;
    readonly keyColumn: string;
    nameOf(cut: Cut): string;
    published(cut: Cut): Published[];
  },
): Vintage[] {
  return cuts.map((cut, i) => {
    const from = cuts[i - 1]?.lastSeq ?? 0;
    return {
      name: of.nameOf(cut),
      messages: () =>
        events
          .filter(({ seq }) => Number(seq) > from && Number(seq) <= cut.lastSeq)
          .map((row) => messageOf(of.stream, row, of.keyColumn)),
      published: () => of.published(cut),
    };
  });
}

/** The files of a publisher's table that are here. */
export function publishedFiles(folder: string): (Cut & { readonly name: string; readonly rows: readonly CsvRow[] })[] {
  return readCsv(path.join(folder, 'vintages.csv')).flatMap(({ vintage = '', as_of: asOf = '', last_seq: lastSeq }) => {
    const rows = readCsv(path.join(folder, 'published', `vintage-${vintage.padStart(3, '0')}.csv.gz`));
    return rows.length === 0 ? [] : [{ asOf, lastSeq: Number(lastSeq), name: `file ${vintage}`, rows }];
  });
}

/** What is compared of how many files, for people. */
export function aboutFiles(events: readonly CsvRow[], cuts: readonly Cut[], published: number): string {
  const all = cutsOf(events).length;
  return `${events.length} restatements in ${all} files: ${published} compared with the publisher, ${cuts.length} with the oracle, ${all - cuts.length} with neither`;
}
