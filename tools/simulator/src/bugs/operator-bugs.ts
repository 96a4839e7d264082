import type { PlantedBug } from './planted-bugs.ts';

type Bug = Omit<PlantedBug, 'kind'>;

const FOLD = 'speed-layer/src/operators/upsert-fold.ts';
const WORKER = 'speed-layer/src/operators/operator-worker.ts';
const SNAPSHOTS = 'speed-layer/src/operators/snapshots.ts';
const MEASURES = 'views/src/change-measures.ts';
const REDACTION = 'batch-layer/src/corrections/redaction/';

const BUGS: readonly Bug[] = [
  {
    name: 'a snapshot newer than its output',
    file: WORKER,
    find: `    fold.next = columns.nextOffset;`,
    replace: `    fold.next = columns.nextOffset;
    await this.early?.store(fold);`,
    also: [
      {
        file: WORKER,
        find: `    const fold = await snapshots.restore(origin);`,
        replace: `    const fold = await snapshots.restore(origin);
    this.early = snapshots;`,
      },
    ],
  },
  {
    name: 'a superseded revision is applied',
    file: FOLD,
    find: `revision <= held.revision`,
    replace: `revision === held.revision`,
  },
  {
    name: 'an equal revision wins',
    file: FOLD,
    find: `revision <= held.revision`,
    replace: `revision < held.revision`,
  },
  {
    name: 'ids of changes are counted up',
    file: FOLD,
    find: `    const offset = columns.offsets[row] ?? 0;`,
    replace: `    const offset = (this.made = (this.made ?? 0) + 1);`,
  },
  {
    name: 'the state of another declaration is restored',
    file: SNAPSHOTS,
    find: `    if (fingerprint !== this.#stream.change?.fingerprint) return null;`,
    replace: ``,
    also: [
      {
        file: SNAPSHOTS,
        find: `\${partition}/\${change?.fingerprint ?? ''}`,
        replace: `\${partition}/\${change === undefined ? '' : 'state'}`,
      },
    ],
  },
  {
    name: 'a delete leaves the old row in',
    file: FOLD,
    find: `    if (before !== null) changes.push(`,
    replace: `    if (before !== null && after !== null) changes.push(`,
  },
  {
    name: 'the new values are taken back',
    file: FOLD,
    find: `ordinal: 0, values: before });`,
    replace: `ordinal: 0, values: after ?? before });`,
  },
  {
    name: 'a row that was taken away is forgotten with its revision',
    file: FOLD,
    find: `    this.rows.set(key, { revision, values: after });`,
    replace: `    if (after === null) this.rows.delete(key);
    else this.rows.set(key, { revision, values: after });`,
  },
  {
    name: 'an operator goes on with an empty state',
    file: SNAPSHOTS,
    find: `      if (fold !== null && fold.next >= origin) return fold;`,
    replace: `      if (fold !== null && fold.next >= origin) return new UpsertFold(this.#stream, fold.next);`,
  },
  {
    name: 'an append without an answer is taken for done',
    file: WORKER,
    find: `        if (signal.aborted || !isTwofoldError(error) || !error.retryable) throw error;`,
    replace: `        if (signal.aborted || !isTwofoldError(error) || !error.retryable) throw error;
        return;`,
  },
  {
    name: 'repeated changes are told by their ids within the horizon',
    file: 'schemas/src/create-classifier.ts',
    find: `    if (stream.change !== undefined) return new OrderHorizon(stream);`,
    replace: ``,
    also: [
      {
        file: WORKER,
        find: `this.#emitted.has(change)`,
        replace: `this.#emitted.has(change) && this.#stored < 0`,
      },
    ],
  },
  {
    name: 'what was left unsaid is null',
    file: FOLD,
    find: `    if (before !== null) for (const field of this.kept)`,
    replace: `    if (before === null) for (const field of this.kept)`,
  },
  {
    name: 'old values are added once more',
    file: MEASURES,
    find: `else: { op: 'negate', of, type: turned }`,
    replace: `else: of`,
  },
  {
    name: 'windows in which no row is left are answered',
    file: MEASURES,
    find: `  if (!(sums instanceof SumState)) return ranges;`,
    replace: `  if (sums !== undefined) return ranges;`,
  },
  {
    name: 'an operator goes on knowing what was erased',
    file: FOLD,
    find: `if (gone !== undefined && gone.revision >= revision)`,
    replace: `if (gone !== undefined && gone.revision < 0 * revision)`,
  },
  {
    name: 'states of operators outlive a redaction',
    file: `${REDACTION}erase-states.ts`,
    find: `  if (states === undefined || made.length === 0) return 0;`,
    replace: `  if (states === undefined || made.length >= 0) return 0;`,
    also: [{ file: SNAPSHOTS, find: `[...older, ...before]`, replace: `older` }],
  },
  {
    name: 'what came above the cut is not looked through',
    file: `${REDACTION}plan-repeats.ts`,
    find: `  if (finder.total === 0) return null;`,
    replace: `  if (finder.total >= 0) return null;`,
  },
  {
    name: 'what is stated of an erased row later is taken for a repetition',
    file: `${REDACTION}plan-repeats.ts`,
    find: `offset < (from[source] ?? 0) || input >= (cut[source] ?? 0)`,
    replace: `offset < (from[source] ?? 0) || input < 0 * (cut[source] ?? 0)`,
  },
  {
    name: 'a row that holds still is erased',
    file: `${REDACTION}stated-rows.ts`,
    find: `    if (held === 0) return;`,
    replace: `    if (held >= 0) return;`,
  },
];

/** Of operators and change streams (E26, E27). */
export const OPERATOR_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({ ...bug, kind: 'upserts' }));
