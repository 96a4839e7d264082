import { versionState, type ArchiveState } from '@twofold/archive';
import type { GateResult, ReleaseDiff } from '@twofold/corrections';
import {
  carrying,
  candidateOf,
  completeRedaction,
  promote,
  registerCandidate,
  cancelCandidate,
  releaseOf,
  type Candidate,
  type ChangeMark,
  type ControlRow,
  type Entry,
  type Transition,
} from '@twofold/releases';
import type { View } from '@twofold/views';
import { awaitPositions } from './await-positions.ts';
import type { BuildResult } from './build-parts.ts';
import { buildView } from './build-view.ts';
import { changeControl, readControl, type ChangeOutcome } from './change-control.ts';
import { noteInForce } from './corrections/note-in-force.ts';
import { BatchError } from './errors.ts';
import { drawnFrom, inBuildingOrder, type BuiltView } from './other-views.ts';
import { compareLayers, type ParityReport } from './parity.ts';
import { patiently } from './patiently.ts';
import { planCandidate, type CandidateOptions, type PlannedCandidate, type Work } from './plan-candidate.ts';
import type { BatchPorts } from './ports.ts';
import { movedOr } from './source-files.ts';

export interface RecomputeResult {
  /** Null: nothing had changed since the live release. */
  readonly release: string | null;
  readonly views: readonly string[];
  readonly facts: Readonly<Record<string, number>>;
  /** What was changed, where that was looked at. */
  readonly diff?: ReleaseDiff;
}

export interface RecomputeOptions extends CandidateOptions {
  /** The run of a job that it is done for: once the job is somebody else's, nothing of it is registered or promoted. */
  readonly mark?: ChangeMark;
  readonly watch?: RecomputeWatch;
  /** The stream that the candidate redacts: what it makes live is all there is then (E21). */
  readonly redacts?: string;
}

/** Told of a run as it goes on. */
export interface RecomputeWatch {
  /** What the candidate names, and how many parts have to be built for it. */
  planned(entries: readonly Entry[], parts: number): void;
  /** A part is written and verified. */
  partBuilt(): void;
  /** The candidate was held against its gates. */
  gated?(results: readonly GateResult[]): void;
}

/** A candidate whose builds are whole and verified, before it is made live. */
export interface BuiltCandidate extends PlannedCandidate {
  readonly builds: readonly BuildResult[];
  /** Id of the release that it will be. */
  readonly release: string;
}

/** What becomes of a built candidate. */
export interface Verdict {
  /** False: it is given up, and the served release stays. */
  readonly promotes: boolean;
  /** There is something to tell those who read what was before; it is kept under the release's id. */
  readonly announces: boolean;
}

/** Looks at a built candidate before it is made live. */
export type BeforeLive = (built: BuiltCandidate) => Promise<Verdict>;

/** It is made live, and nobody is told. */
export const unseen: Verdict = { promotes: true, announces: false };

/**
 * Recomputes views from the archive and promotes them together (E14, E15): register, build, verify, compare,
 * wait for the lanes, promote.
 * Whatever happens before the last step, the served release stays as it is.
 */
export async function recomputeViews(
  views: readonly View[],
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions = {},
): Promise<RecomputeResult> {
  return buildAndPromote(views, ports, signal, options, () => Promise.resolve(unseen));
}

/** The same, with a look at what was built before it is made live. */
export async function buildAndPromote(
  views: readonly View[],
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions,
  beforeLive: BeforeLive,
): Promise<RecomputeResult> {
  // The row first: every cut in it was archived by then, so the heads read after it reach at least so far.
  const row = await mustRead(ports, signal);
  await noteInForce(row, ports, signal);
  const states = new Map<string, ArchiveState>();
  for (const { stream } of views)
    if (!states.has(stream.name))
      states.set(stream.name, await patiently(ports.clock, () => versionState(stream, ports.archive), signal));
  try {
    const planned = await planCandidate(views, row, states, ports, signal, options);
    if (planned === null) return { release: null, views: [], facts: {} };
    return await buildCandidate(planned, row, ports, signal, options, beforeLive);
  } catch (error) {
    throw await movedOr(error, states.values(), ports.archive);
  }
}

/** Registers a planned candidate, builds it, and makes it live; gives it up when something is in the way. */
async function buildCandidate(
  planned: PlannedCandidate,
  row: ControlRow,
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions,
  beforeLive: BeforeLive,
): Promise<RecomputeResult> {
  const { candidate, works } = planned;
  const { mark = null, watch, redacts = null } = options;
  const release = ports.ids.next();
  const partBuilt = (): void => watch?.partBuilt();
  watch?.planned(
    candidate.entries,
    works.reduce((sum, { plan }) => sum + plan.fresh.length, 0),
  );
  await register(candidate, mark, ports, signal);
  const registeredMs = ports.clock.monotonic();
  try {
    const facts: Record<string, number> = {
      partsBuilt: 0,
      partsShared: 0,
      rowsWritten: 0,
      recordsRead: 0,
      events: 0,
      slicesCompared: 0,
      slicesNotReached: 0,
    };
    const add = (name: string, value: number): void => void (facts[name] = (facts[name] ?? 0) + value);
    const done = new Map<Work, BuildResult>();
    const others: BuiltView[] = [];
    for (const work of inBuildingOrder(works)) {
      const plan = drawnFrom(others, work, work.state.files);
      const task = { ...work, plan, build: work.entry.id, candidate: candidate.id, partBuilt };
      const built = await buildView(task, ports, signal);
      done.set(work, built);
      others.push({ ...work, index: built.index });
      add('partsBuilt', built.partsBuilt);
      add('partsShared', built.partsShared);
      add('rowsWritten', built.rowsWritten);
      add('recordsRead', built.recordsRead);
      add('events', work.eventsSince);
      const parity = await requireParity(work, candidate, row, ports, signal);
      add('slicesCompared', parity.slicesCompared);
      add('slicesNotReached', parity.slicesNotReached);
    }
    const builds = works.flatMap((work) => done.get(work) ?? []);
    const { promotes, announces } = await beforeLive({ ...planned, builds, release });
    if (!promotes) {
      await giveUp(candidate, ports);
      return { release: null, views: [], facts };
    }
    await awaitPositions({ candidate, works, registeredMs }, ports, signal);
    await makeLive({ candidate, release, redacts, announces }, mark, ports, signal);
    return { release, views: works.map((work) => work.view.name), facts };
  } catch (error) {
    await giveUp(candidate, ports);
    throw error;
  }
}

export async function mustRead(ports: Pick<BatchPorts, 'store' | 'clock'>, signal: AbortSignal): Promise<ControlRow> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  if (row === null) throw new BatchError('NOT_REGISTERED', 'the project has no control row; register it first');
  return row;
}

async function register(
  candidate: Candidate,
  mark: ChangeMark | null,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (row) => carrying(row, mark, (now) => registerCandidate(now, candidate), null),
      // Not found once the sequence has moved counts as cancelled (E15): the next attempt takes new ids.
      effect: (row, moved) => (candidateOf(row, candidate.id) !== null ? 'DONE' : moved ? 'UNDONE' : 'NOT_DONE'),
    },
    signal,
  );
  requireDone(outcome, candidate, 'registered');
}

async function requireParity(
  work: Work,
  candidate: Candidate,
  row: ControlRow,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<ParityReport> {
  const live = work.base;
  if (live === null || live.version !== work.view.version)
    return { slicesCompared: 0, slicesNotReached: 0, differences: [] };
  const report = await compareLayers(
    { view: work.view, live, cut: work.entry.cut, row, state: work.state, erased: work.list.overlay.erased },
    ports,
    signal,
  );
  const first = report.differences[0];
  if (first === undefined) return report;
  // A registered candidate keeps the rows above its base's cut. One that was cancelled meanwhile does not: they may
  // have been swept while they were read.
  if (candidateOf(await mustRead(ports, signal), candidate.id) === null)
    requireDone({ kind: 'UNDONE' }, candidate, 'compared');
  throw new BatchError(
    'PARITY_DIFFERS',
    `view ${first.view}@${first.version}: the layers disagree in ${report.differences.length} chunks of sealed slices, first in positions [${first.start}, ${first.end}) of partition ${first.partition}: ${first.detail}. Nothing is promoted; the served release stays.`,
    { facts: { differences: report.differences.slice(0, 20) } },
  );
}

async function makeLive(
  of: {
    readonly candidate: Candidate;
    readonly release: string;
    readonly redacts: string | null;
    readonly announces: boolean;
  },
  mark: ChangeMark | null,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  const { candidate, release, redacts, announces } = of;
  const change = (now: ControlRow): Transition =>
    redacts === null
      ? promote(now, candidate.id, release, announces)
      : completeRedaction(now, redacts, candidate.id, release);
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (row) => carrying(row, mark, change, release),
      effect: (row) =>
        releaseOf(row, release) !== null ? 'DONE' : candidateOf(row, candidate.id) !== null ? 'NOT_DONE' : 'UNDONE',
    },
    signal,
  );
  requireDone(outcome, candidate, 'promoted');
}

function requireDone(outcome: ChangeOutcome, candidate: Candidate, what: string): void {
  // What was registered and is not any more was cancelled: as an outcome that was undone, whichever way it shows.
  const lost = outcome.kind === 'REFUSED' && outcome.refusal.code === 'NOT_REGISTERED';
  if (outcome.kind === 'REFUSED' && !lost)
    throw new BatchError(
      'CANDIDATE_REFUSED',
      `candidate ${candidate.id} could not be ${what}: ${outcome.refusal.message}`,
      {
        retryable: outcome.refusal.code === 'BASE_MOVED' || outcome.refusal.code === 'BELOW_FLOOR',
        facts: { code: outcome.refusal.code },
      },
    );
  if (outcome.kind !== 'DONE')
    throw new BatchError(
      'CANDIDATE_LOST',
      `candidate ${candidate.id} was cancelled by somebody else before it was ${what}; nothing is deleted, the next run takes a new id`,
      { retryable: true },
    );
}

/** Takes the candidate out of the control row, so that its cut pins nothing. What it wrote is collected later (E14). */
async function giveUp(candidate: Candidate, ports: BatchPorts): Promise<void> {
  const change = {
    make: (row: ControlRow) => (candidateOf(row, candidate.id) === null ? null : cancelCandidate(row, candidate.id)),
    effect: (row: ControlRow) => (candidateOf(row, candidate.id) === null ? ('DONE' as const) : ('NOT_DONE' as const)),
  };
  try {
    await changeControl(ports.store.control, ports.clock, change);
  } catch (error) {
    ports.logger.warn('a candidate that failed is still registered; the next collection cancels it', {
      candidate: candidate.id,
      error: String(error),
    });
  }
}
