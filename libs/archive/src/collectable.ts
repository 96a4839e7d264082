import { archivedEnd, type ArchiveState } from './archive.ts';
import type { StoredFile } from './archived-columns.ts';

/**
 * Can no manifest ever name this file again? It is not named now, nor was it when it was found.
 *
 * Who could still name it is whoever wrote it, however long ago: a file is complete before a manifest names it (E12), and
 * between the two its writer may stand still for any time. Time proves nothing here; two things do:
 * - *Its first position is covered by another file.* Coverage only grows at its end, so an archiver, which adds its file
 *   at the end, can not commit it any more.
 * - *The chain has moved on since the file was found.* A compaction commits on the state that it read before it wrote its
 *   file, or not at all. That state's number was not above the head's when the file was found, so the manifest it would
 *   have to create is there, and is not its own.
 *
 * @param foundAt number of the head that was read after the file was found in storage
 * @param state the head as it is now
 */
export function collectable(file: StoredFile, foundAt: number, state: ArchiveState): boolean {
  if (state.files.some((named) => named.name === file.name)) return false;
  return state.number > foundAt && archivedEnd(state, file.partition) > file.from;
}
