import type { ArchiveState } from '@twofold/archive';
import type { Entry } from '@twofold/releases';
import type { BuildIndex, PartEntry } from '@twofold/view-store';
import { createAccumulator, type Piece, type View } from '@twofold/views';
import type { LoadedList } from './corrections/load-list.ts';
import { BatchError } from './errors.ts';
import { foldArchived } from './fold-archived.ts';
import { GROUP_LIMITS, groupParts, type GroupLimits, type PartGroup } from './part-groups.ts';
import type { PartSource } from './part-sources.ts';
import type { BuildPlan } from './plan-build.ts';
import type { BatchPorts } from './ports.ts';
import { addStored, writePart } from './stored-parts.ts';

/** Size of a part's chunks: what a point read decodes. */
const CHUNK_BYTES = 32 << 10;
/** Each part is folded by itself. */
const ALONE: GroupLimits = { records: 0, parts: 1 };

export interface BuildTask {
  readonly view: View;
  readonly entry: Entry;
  readonly build: string;
  /** Part ids begin with it, so that a collector knows whose they are before there is an index (E14). */
  readonly candidate: string;
  readonly state: ArchiveState;
  readonly origins: readonly number[];
  readonly plan: BuildPlan;
  /** What the entry's corrections make of the archive. */
  readonly list: LoadedList;
  /** Paths of archive files that this run has compared with their manifest. */
  readonly checked: Set<string>;
  /** Called when a part is written and verified. */
  readonly partBuilt?: () => void;
}

export interface BuildResult {
  readonly index: BuildIndex;
  readonly partsBuilt: number;
  readonly partsShared: number;
  readonly rowsWritten: number;
  /** Records of the archive files that were folded, each time one was. */
  readonly recordsRead: number;
}

/**
 * Makes the fresh parts, writes them and reads them back; the index is not stored. Those that follow one another and hold
 * little are folded in one reading of the archive.
 */
export async function buildParts(task: BuildTask, ports: BatchPorts, signal: AbortSignal): Promise<BuildResult> {
  const { fresh, shared } = task.plan;
  const parts: PartEntry[] = [...shared];
  let recordsRead = 0;
  for (const group of groupsOf(task)) {
    const made = await makeGroup(task, group, parts, ports, signal);
    recordsRead += made.recordsRead;
    for (const [number, pieces] of made.pieces.entries()) {
      const planned = group.parts[number];
      if (planned === undefined) continue;
      // Ids begin with the candidate's, so that a collector knows whose they are before there is an index (E14).
      const id = `${task.candidate}.${task.view.name}.${parts.length - shared.length}`;
      parts.push(await writePart(id, planned, pieces, ports, signal));
      task.partBuilt?.();
    }
  }
  const index: BuildIndex = { view: task.view.name, version: task.view.version, build: task.build, parts };
  const rowsWritten = parts.slice(shared.length).reduce((sum, { rows }) => sum + rows, 0);
  return { index, partsBuilt: fresh.length, partsShared: shared.length, rowsWritten, recordsRead };
}

function groupsOf({ view, plan, state }: BuildTask): PartGroup[] {
  // Sessions that meet at the edge of two parts would be joined there.
  return groupParts(plan.fresh, state.files, view.window.kind === 'session' ? ALONE : GROUP_LIMITS);
}

interface MadeGroup {
  /** The partials of each part, in its chunks. */
  readonly pieces: readonly Piece[][];
  readonly recordsRead: number;
}

/**
 * The parts of a group from what they are made of. What is stored and can not be read back as it was written is no
 * source: then the archive alone is.
 * @param built parts of this build: those that are shared, and those of finer levels
 */
async function makeGroup(
  task: BuildTask,
  group: PartGroup,
  built: readonly PartEntry[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<MadeGroup> {
  try {
    return await gather(task, group, built, ports, signal);
  } catch (error) {
    if (!(error instanceof BatchError && error.code === 'PART_DAMAGED')) throw error;
    const { from, to } = group;
    ports.logger.warn('a stored part is damaged: what was to be made of it is folded from the archive', {
      ...{ view: task.view.name, from, to, error: error.message },
    });
    return gather(task, { ...group, sources: [{ kind: 'archive', from, to }] }, built, ports, signal);
  }
}

/** @throws PART_DAMAGED when a stored part is not as its index says */
async function gather(
  task: BuildTask,
  { widthMs, parts, sources }: PartGroup,
  built: readonly PartEntry[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<MadeGroup> {
  const accumulator = createAccumulator(task.view, { widthMs });
  let recordsRead = 0;
  for (const source of sources)
    if (source.kind === 'archive')
      recordsRead += await foldArchived(task, { ...source, widthMs }, accumulator, ports, signal);
    else for (const part of storedOf(source, built)) await addStored(accumulator, part, source, ports, signal);
  return { pieces: accumulator.toPiecesIn(parts, CHUNK_BYTES), recordsRead };
}

function storedOf(source: Exclude<PartSource, { kind: 'archive' }>, built: readonly PartEntry[]): readonly PartEntry[] {
  if (source.kind === 'base') return [source.part];
  if (source.kind === 'view') return source.parts;
  const { widthMs, from, to } = source;
  return built.filter((part) => part.widthMs === widthMs && part.from < to && part.to > from);
}
