import type { ArchiveState } from '@twofold/archive';
import { archivedEnd } from '@twofold/archive';
import {
  candidateOf,
  correctionsOf,
  cutAt,
  entryOf,
  liveRelease,
  promote,
  registerCandidate,
  cancelCandidate,
  releaseOf,
  type Candidate,
  type ControlRow,
  type Entry,
} from '@twofold/releases';
import type { View } from '@twofold/views';
import { buildView, planView } from './build-view.ts';
import { candidateId } from './candidate-id.ts';
import { changeControl, readControl, type ChangeOutcome } from './change-control.ts';
import { BatchError } from './errors.ts';
import { compareLayers, type ParityReport } from './parity.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { registeredView } from './register-project.ts';
import { movedOr } from './source-files.ts';

export interface RecomputeResult {
  /** Null: nothing had changed since the live release. */
  readonly release: string | null;
  readonly views: readonly string[];
  readonly facts: Readonly<Record<string, number>>;
}

export interface RecomputeOptions {
  /** The cut of one partition, at most the archive's end: the archive's end unless a simulator wants otherwise. */
  readonly chooseCut?: (view: View, partition: number, from: number, archived: number) => number;
}

/**
 * Recomputes views from the archive and promotes them together (E14, E15): register, build, verify, compare, promote.
 * Whatever happens before the last step, the served release stays as it is.
 */
export async function recomputeViews(
  views: readonly View[],
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions = {},
): Promise<RecomputeResult> {
  // The row first: every cut in it was archived by then, so the heads read after it reach at least so far.
  const row = await mustRead(ports, signal);
  const states = new Map<string, ArchiveState>();
  for (const { stream } of views)
    if (!states.has(stream.name))
      states.set(stream.name, await patiently(ports.clock, () => ports.archive.head(stream.name), signal));
  try {
    const planned = await planCandidate(views, row, states, ports, signal, options);
    if (planned === null) return { release: null, views: [], facts: {} };
    return await buildCandidate(planned, row, ports, signal);
  } catch (error) {
    throw await movedOr(error, states.values(), ports.archive);
  }
}

/** Registers a planned candidate, builds it, and makes it live; gives it up when something is in the way. */
async function buildCandidate(
  { candidate, works }: { readonly candidate: Candidate; readonly works: readonly Work[] },
  row: ControlRow,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<RecomputeResult> {
  await register(candidate, ports, signal);
  try {
    const facts: Record<string, number> = {
      partsBuilt: 0,
      partsShared: 0,
      rowsWritten: 0,
      events: 0,
      slicesCompared: 0,
      slicesNotReached: 0,
    };
    const add = (name: string, value: number): void => void (facts[name] = (facts[name] ?? 0) + value);
    for (const work of works) {
      const built = await buildView({ ...work, build: work.entry.id, candidate: candidate.id }, ports, signal);
      add('partsBuilt', built.partsBuilt);
      add('partsShared', built.partsShared);
      add('rowsWritten', built.rowsWritten);
      add('events', work.eventsSince);
      const parity = await requireParity(work, candidate, row, ports, signal);
      add('slicesCompared', parity.slicesCompared);
      add('slicesNotReached', parity.slicesNotReached);
    }
    const release = await makeLive(candidate, ports, signal);
    return { release, views: works.map((work) => work.view.name), facts };
  } catch (error) {
    await giveUp(candidate, ports);
    throw error;
  }
}

interface Work {
  readonly view: View;
  readonly entry: Entry;
  readonly base: Entry | null;
  readonly state: ArchiveState;
  readonly origins: readonly number[];
  readonly plan: Awaited<ReturnType<typeof planView>>['plan'];
  readonly eventsSince: number;
  readonly checked: Set<string>;
}

async function mustRead(ports: BatchPorts, signal: AbortSignal): Promise<ControlRow> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  if (row === null) throw new BatchError('NOT_REGISTERED', 'the project has no control row; register it first');
  return row;
}

/** One candidate that names every view for which there is something new. Its cuts are the archive's ends. */
async function planCandidate(
  views: readonly View[],
  row: ControlRow,
  states: ReadonlyMap<string, ArchiveState>,
  ports: BatchPorts,
  signal: AbortSignal,
  options: RecomputeOptions,
): Promise<{ candidate: Candidate; works: readonly Work[] } | null> {
  const id = candidateId(row.sequence, ports.ids);
  const live = liveRelease(row);
  const works: Work[] = [];
  const checked = new Set<string>();
  for (const view of views) {
    const state = states.get(view.stream.name);
    const stream = row.streams[view.stream.name];
    if (state === undefined || stream === undefined || row.holds.includes(view.name)) continue;
    const base = entryOf(row, live, view.name);
    const floor = row.floors[`${view.name}@${view.version}`] ?? [];
    const cut = stream.origins.map((origin, p) => {
      const lowest = Math.max(base === null ? origin : cutAt(base.cut, p, stream.origins), floor[p] ?? origin);
      const archived = archivedEnd(state, p);
      return Math.max(lowest, options.chooseCut?.(view, p, lowest, archived) ?? archived);
    });
    if (base !== null && base.version === view.version && cut.every((c, p) => c === cutAt(base.cut, p, stream.origins)))
      continue;
    const named = {
      id: `${id}.${view.name}`,
      ...registeredView(view),
      build: `${id}.${view.name}`,
      cut,
      corrections: correctionsOf(row, live, view.stream.name),
    };
    const origins = stream.origins;
    const { watermark, plan, eventsSince } = await planView(
      { view, entry: named, base, state, origins, checked },
      ports,
      signal,
    );
    works.push({ view, entry: { ...named, watermark }, base, state, origins, plan, eventsSince, checked });
  }
  if (works.length === 0) return null;
  const baseEntries = Object.fromEntries(works.map(({ view, base }) => [view.name, base?.id ?? null]));
  const baseCorrections = Object.fromEntries(
    works.map(({ view }) => [view.stream.name, correctionsOf(row, live, view.stream.name)]),
  );
  return {
    candidate: {
      id,
      registeredAt: ports.clock.now(),
      base: live.id,
      baseEntries,
      baseCorrections,
      entries: works.map((work) => work.entry),
    },
    works,
  };
}

async function register(candidate: Candidate, ports: BatchPorts, signal: AbortSignal): Promise<void> {
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (row) => registerCandidate(row, candidate),
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
    { view: work.view, live, cut: work.entry.cut, row, state: work.state },
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

async function makeLive(candidate: Candidate, ports: BatchPorts, signal: AbortSignal): Promise<string> {
  const release = ports.ids.next();
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (row) => promote(row, candidate.id, release),
      effect: (row) =>
        releaseOf(row, release) !== null ? 'DONE' : candidateOf(row, candidate.id) !== null ? 'NOT_DONE' : 'UNDONE',
    },
    signal,
  );
  requireDone(outcome, candidate, 'promoted');
  return release;
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
