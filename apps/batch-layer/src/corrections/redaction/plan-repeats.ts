import { blanksName, decodeBlanks, sha256 } from '@twofold/archive';
import {
  CorrectionError,
  firstAddedSource,
  nothingSelected,
  type CorrectionNote,
  type CorrectionPlan,
} from '@twofold/corrections';
import { createChangePlaceReader, createRowKeyReader, type BlankRecords, type Stream } from '@twofold/schemas';
import type { BatchPorts } from '../../ports.ts';
import type { PlanningGround } from '../planning-ground.ts';
import { CopyFinder, findCopies, searchedFiles, type CopiedRows } from './find-copies.ts';
import { prepareRedaction, writeRedaction } from './plan-redaction.ts';

/** The rows that one redaction erased, and how a change of theirs is known again. */
interface ErasedOnce {
  /** By partition of the restatements: only what stands below it was erased, and only its changes are meant. */
  readonly cut: readonly number[];
  /** By partition of the change stream: below it every one of these changes is erased. */
  readonly from: readonly number[];
  /** By partition, with the hashes of the rows' keys. */
  readonly blanks: ReadonlyMap<number, BlankRecords>;
}

/**
 * Plans the redaction of what operators repeated of erased changes: above the cuts of the redactions of rows that the archive
 * has of a stream, by the hashes of the keys that these keep, and by the restatement that brought each. What a later
 * restatement of such a row brings is none. Null: nothing was repeated.
 */
export async function planRepeats(
  note: CorrectionNote,
  of: { readonly stated: Stream; readonly made: PlanningGround },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan | null> {
  const { stated, made } = of;
  const { stream, state, views } = made;
  const erased = await loadErased(stated, stream, ports);
  const files = searchedFiles(state, []).filter(({ file, source }) =>
    erased.some(({ from }) => file.to > (from[source] ?? 0)),
  );
  const finder = new CopyFinder(stream, views, nothingSelected, repeatsOf(stream, erased));
  await findCopies(finder, stream, files, ports.archive, signal);
  if (finder.total === 0) return null;
  const prepared = await prepareRedaction(made, ports);
  const request = { ...note, idempotencyKey: ports.ids.next(), selection: nothingSelected };
  const repeats = `what operators repeated of changes that redactions of rows of stream ${stated.name} erased`;
  return writeRedaction({ request, ground: made, prepared, finder, repeats }, ports);
}

function repeatsOf(stream: Stream, erased: readonly ErasedOnce[]): CopiedRows {
  const [placeOf, keyOf] = [createChangePlaceReader(stream), createRowKeyReader(stream, stream.change?.key ?? [])];
  return {
    leavesRejected: true,
    isBelow: (source) => source < firstAddedSource,
    isMeant: (columns, row, source) => {
      const offset = columns.offsets[row] ?? 0;
      const input = Math.floor((placeOf?.(columns, row) ?? Infinity) / 2);
      return erased.some(({ cut, from, blanks }) => {
        if (offset < (from[source] ?? 0) || input >= (cut[source] ?? 0)) return false;
        const of = blanks.get(source);
        return of?.rows?.has(of.hashOf(keyOf(columns, row))) === true;
      });
    },
  };
}

/** Of every redaction of rows that the archive of the restatements names. */
async function loadErased(stated: Stream, made: Stream, { archive }: BatchPorts): Promise<ErasedOnce[]> {
  const shelf = archive.corrections(stated.name);
  const [list, derived] = [await shelf.list(), await archive.corrections(made.name).list()];
  const erased: ErasedOnce[] = [];
  for (const number of (await archive.head(stated.name)).redactions) {
    const { cut, erases, idempotencyKey } = list[number] ?? {};
    const bytes = erases === undefined ? null : await shelf.getDocument(blanksName(erases.blanks));
    if (cut === undefined || bytes === null || sha256(bytes) !== erases?.blanks)
      throw new CorrectionError(
        'CORRECTION_DAMAGED',
        `What redaction ${number} of stream ${stated.name} keeps of its rows is not what was written. Put it back from a backup; nothing was erased.`,
      );
    // Applied with it, under the same key; where there is none, no change was made of its rows.
    const from = derived.find((each) => each.idempotencyKey === idempotencyKey)?.cut ?? [];
    erased.push({ cut, from, blanks: decodeBlanks(bytes) });
  }
  return erased;
}
