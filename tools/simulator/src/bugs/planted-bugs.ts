import { BATCH_BUGS, HOLE_BUGS, RELEASE_BUGS } from './batch-bugs.ts';
import { OPERATOR_BUGS } from './operator-bugs.ts';
import { CORRECTION_BUGS } from './correction-bugs.ts';
import { FEED_BUGS, GATE_BUGS } from './feed-bugs.ts';
import { FOLD_BUGS } from './fold-bugs.ts';
import { READING_BUGS } from './reading-bugs.ts';
import { REDACTION_BUGS } from './redaction-bugs.ts';
import { REPEAT_BUGS } from './repeat-bugs.ts';
import { SCHEDULE_BUGS } from './schedule-bugs.ts';
import { WINDOW_BUGS } from './window-bugs.ts';

/** A change of one source. The text has to be found exactly once, or the run says so. */
export interface Patch {
  /** End of the source file's path. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** By its project, its file there and its whole title. */
export interface NamedTest {
  readonly project: string;
  readonly file: string;
  readonly title: string;
}

/** A change of a service's source that breaks one rule. */
export interface PlantedBug extends Patch {
  readonly name: string;
  /** The histories that can show it; those of the small project unless told. */
  readonly kind?: 'upserts' | 'versions';
  /** What has to change with it, where the rule is kept in more than one place. */
  readonly also?: readonly Patch[];
  /**
   * What catches it where histories hardly do, as when a process has to stop between two certain steps: the test fails with
   * the bug. `--only` looks for it in histories all the same.
   */
  readonly test?: NamedTest;
}

const SPEED: readonly PlantedBug[] = [
  {
    name: 'progress before rows',
    file: 'speed-layer/src/flush-queue.ts',
    find: `    if (flush.rows.length > 0)`,
    replace: `    if (flush.progress.length > 0) await this.#persist('progress', () => this.#store.progress.write(flush.progress, signal), signal);
    if (flush.rows.length > 0)`,
  },
  {
    name: 'a swallowed write error',
    file: 'speed-layer/src/flush-queue.ts',
    find: `        this.#logger.warn(`,
    replace: `        return; this.#logger.warn(`,
  },
  {
    name: 'only the delta in the row',
    file: 'speed-layer/src/lane-fold.ts',
    find: `    const rows = this.#rows;
    this.#rows = [];`,
    replace: `    const rows = this.#rows;
    this.#fold.clear();
    this.#rows = [];`,
  },
  {
    name: 'increments instead of whole partials',
    file: 'speed-layer/src/lane-fold.ts',
    find: `    const rows = this.#rows;
    this.#rows = [];`,
    replace: `    const rows = this.#rows;
    this.#fold.clear();
    this.#rows = [];`,
    also: [
      {
        file: 'speed-layer/src/partition-worker.ts',
        find: `rows: lanes.flatMap((lane) => lane.takeRows()),`,
        replace: `rows: await (async (fresh) => {
          const { mergeChunks } = await import('@twofold/views');
          const sums = [];
          for (const row of fresh) {
            const view = this.#task.views.find((v) => v.name === row.view && v.version === row.version);
            const query = { ...row, buckets: [row.bucket], startFrom: row.start, startBelow: row.start + 1 };
            const old = (await this.#ports.store.speedRows.read(query)).find((r) => r.end === row.end);
            const bytes = old === undefined ? row.bytes : mergeChunks(view, [old.bytes, row.bytes]).bytes;
            sums.push({ ...row, bytes });
          }
          return sums;
        })(lanes.flatMap((lane) => lane.takeRows())),`,
      },
    ],
  },
  {
    name: 'code changed without a version',
    file: 'speed-layer/src/partition-worker.ts',
    find: `createFold(view, this.#reads)`,
    replace: `createFold(this.#options.flushMs % 2 === 0 ? view : { ...view, where: null }, this.#reads)`,
  },
  {
    name: 'recovery at the next offset with empty state',
    file: 'releases/src/lanes.ts',
    find: `return Math.max(lane.start, floorTo(progress, sliceSize));`,
    replace: `return Math.max(lane.start, progress);`,
  },
  {
    name: 'no horizon at recovery',
    file: 'event-log/src/classified-reader.ts',
    find: `Math.max(this.#parts.origin, position - this.#parts.dedupeHorizon)`,
    replace: `Math.max(this.#parts.origin, position)`,
  },
  {
    name: 'half of the horizon at recovery',
    file: 'event-log/src/classified-reader.ts',
    find: `position - this.#parts.dedupeHorizon`,
    replace: `position - Math.floor(this.#parts.dedupeHorizon / 2)`,
  },
  {
    name: 'horizon below the origin',
    file: 'event-log/src/classified-reader.ts',
    find: `Math.max(this.#parts.origin, position - this.#parts.dedupeHorizon)`,
    replace: `Math.max(0, position - this.#parts.dedupeHorizon)`,
  },
  {
    name: 'a new lane without reading again',
    file: 'speed-layer/src/partition-worker.ts',
    find: `if (await this.#follow(this.#seen, signal)) reader.rewind(this.#position(Infinity));`,
    replace: `await this.#follow(this.#seen, signal);`,
  },
  {
    name: 'the control row is read once',
    file: 'speed-layer/src/partition-worker.ts',
    find: `if (now >= nextControl && this.#looking.idle) {`,
    replace: `if (now < 0) {`,
  },
  {
    name: 'the ledger goes on inside a slice',
    file: 'speed-layer/src/partition-worker.ts',
    find: `Math.max(origin, floorTo(known.next, stream.sliceSize))`,
    replace: `Math.max(origin, known.next)`,
  },
  {
    name: 'wide row from an unsealed slice',
    file: 'speed-layer/src/merge-slices.ts',
    find: `start + width <= sealed && !signal.aborted`,
    replace: `start < sealed && !signal.aborted`,
  },
  {
    name: 'wide rows made of remainders too',
    file: 'speed-layer/src/merge-slices.ts',
    find: `    if (row.end - row.start !== narrow || row.start % narrow !== 0) continue;`,
    replace: `    if (row.end - row.start > narrow) continue;`,
  },
  {
    name: 'merged through before the wide row',
    file: 'speed-layer/src/merge-slices.ts',
    find: `      await widen({ ...task, start, end: start + width }, ports, signal);`,
    replace: `      await ports.store.progress.write([{ ...base, lane, next: start + width }], signal);
      await widen({ ...task, start, end: start + width }, ports, signal);`,
  },
  {
    name: 'a repeated id counts after a rejection only',
    file: 'event-log/src/class-history.ts',
    find: `columns.classes[row] = this.#classes[(columns.offsets[row] ?? 0) & this.#mask] ?? RecordClass.control;`,
    replace: `if (columns.classes[row] !== RecordClass.applied) columns.classes[row] = this.#classes[(columns.offsets[row] ?? 0) & this.#mask] ?? RecordClass.control;`,
  },
];

const STORE: readonly PlantedBug[] = [
  {
    name: 'wall-clock write timestamps',
    file: 'view-store/src/memory/memory-speed-rows.ts',
    find: `old === undefined || row.appliedOffset > old.appliedOffset`,
    replace: `old === undefined || row.appliedOffset !== old.appliedOffset`,
  },
  {
    name: 'acknowledged rows lost in a crash',
    file: 'view-store/src/memory/memory-speed-rows.ts',
    find: `    const old = rows.get(key);`,
    replace: `    const old = rows.get(key);
    if ((row.start + row.end + row.appliedOffset) % 37 === 0) return;`,
  },
  {
    name: 'progress goes back',
    file: 'view-store/src/memory/memory-progress.ts',
    find: `if (record.next !== old.next) return record.next > old.next;`,
    replace: `if (record.next !== old.next) return true;`,
  },
  {
    name: 'progress shared across view versions',
    file: 'view-store/src/memory/memory-progress.ts',
    find: `.filter((record) => record.view === of.view && record.version === of.version)`,
    replace: `.filter((record) => record.view === of.view)`,
  },
  {
    name: 'promotion without compare-and-set',
    file: 'view-store/src/memory/memory-control.ts',
    find: `state.row === null || state.row.sequence !== row.sequence - 1`,
    replace: `state.row === null`,
  },
  {
    name: 'compare on the release id instead of the sequence',
    file: 'view-store/src/memory/memory-control.ts',
    find: `state.row.sequence !== row.sequence - 1`,
    replace: `(state.row.live !== row.live && state.row.live !== row.releases.at(-2)?.id)`,
  },
  {
    name: 'manifest overwritten',
    file: 'archive/src/memory-blobs.ts',
    find: `if (stored.has(name)) return false;`,
    replace: `if (stored.has(name) && !name.includes('manifest')) return false;`,
  },
];

/** Every change that a bug makes. */
export function patchesOf(bug: PlantedBug): readonly Patch[] {
  return [bug, ...(bug.also ?? [])];
}

/** Of the list in the exactness contract, all that concern what is built, and some more. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...SPEED,
  ...FOLD_BUGS,
  ...STORE,
  ...READING_BUGS,
  ...WINDOW_BUGS,
  ...BATCH_BUGS,
  ...HOLE_BUGS,
  ...RELEASE_BUGS,
  ...SCHEDULE_BUGS,
  ...CORRECTION_BUGS,
  ...REDACTION_BUGS,
  ...FEED_BUGS,
  ...GATE_BUGS,
  ...OPERATOR_BUGS,
  ...REPEAT_BUGS,
];
