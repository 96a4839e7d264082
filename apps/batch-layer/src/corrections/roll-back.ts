import { CorrectionError } from '@twofold/corrections';
import {
  liveRelease,
  releaseHolds,
  releaseOf,
  rollBack,
  type ControlRow,
  type Release,
  type RollbackStep,
} from '@twofold/releases';
import { changeControl, type ChangeOutcome } from '../change-control.ts';
import { BatchError } from '../errors.ts';
import type { BatchPorts, BatchProject } from '../ports.ts';
import { mustRead } from '../recompute-views.ts';
import { keepRollbackChanges } from '../review/rollback-changes.ts';
import { noteInForce } from './note-in-force.ts';
import { recordRun, type RunMaker } from './record-run.ts';

export interface RollbackRequest {
  /** Id or number of a release that is kept. */
  readonly release: string;
  /** Null: every view that the release has otherwise than live. */
  readonly views: readonly string[] | null;
}

export interface RollbackResult {
  readonly release: string;
  readonly number: number;
  readonly steps: readonly RollbackStep[];
}

/**
 * Puts the entries of an earlier release back, in a new release, with the corrections lists that they had (E17). Live
 * data go on being added; the views are held until they are let go of. Those who read what it takes back are told.
 */
export async function rollBackTo(
  request: RollbackRequest,
  project: Pick<BatchProject, 'views' | 'restatements'>,
  ports: Pick<BatchPorts, 'store' | 'archive' | 'clock' | 'ids' | 'logger'> & Pick<RunMaker, 'code'>,
  signal: AbortSignal,
): Promise<RollbackResult> {
  const { code } = ports;
  const facts = { 'to release': request.release };
  const begun = {
    job: 'roll back',
    subjects: request.views ?? [],
    trigger: 'ROLLBACK',
    facts,
    ...(code === undefined ? {} : { code }),
  } as const;
  const end = ({ release, steps }: RollbackResult) =>
    Promise.resolve({ release, facts: { views: steps.map(({ view }) => view).join(' ') } });
  return recordRun(begun, ports, signal, () => putBack(request, project, ports, signal), end);
}

async function putBack(
  request: RollbackRequest,
  project: Pick<BatchProject, 'views' | 'restatements'>,
  ports: Pick<BatchPorts, 'store' | 'archive' | 'clock' | 'ids' | 'logger'>,
  signal: AbortSignal,
): Promise<RollbackResult> {
  const row = await mustRead(ports, signal);
  const { target, steps } = stepsTo(row, request);
  const release = ports.ids.next();
  const task = { row, steps, release, reason: `rolled back to release ${nameOf(target)}` };
  const announces = await keepRollbackChanges(task, project, ports, signal);
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (now) => rollBack(now, steps, release, announces),
      effect: (now) => (releaseOf(now, release) === null ? 'NOT_DONE' : 'DONE'),
    },
    signal,
  );
  const after = requireDone(outcome);
  await noteInForce(after, ports, signal);
  return { release, number: releaseOf(after, release)?.number ?? liveRelease(after).number, steps };
}

/** Throws ROLLBACK_REFUSED when the release is not kept, is live's equal, or lacks an entry. */
function stepsTo(
  row: ControlRow,
  { release: wanted, views }: RollbackRequest,
): { readonly target: Release; readonly steps: RollbackStep[] } {
  const live = liveRelease(row);
  const target = row.releases.find(({ id, number }) => id === wanted || String(number) === wanted);
  const past = Object.entries(row.redactions ?? {}).find(
    ([, mark]) => mark.release !== null && Number(wanted) < mark.release,
  );
  if (target === undefined && past !== undefined)
    throw refused(
      `release ${wanted} is from before the redaction of stream ${past[0]} (correction ${past[1].correction}), which dropped it for good: what it erased is nowhere any more. The oldest release that can be put back is ${past[1].release}`,
    );
  if (target === undefined)
    throw refused(
      `release ${wanted} is not kept any more. Those that are: ${row.releases
        .filter((each) => isWhole(row, each))
        .map(nameOf)
        .join(', ')}`,
    );
  const unknown = (views ?? []).filter((view) => target.entries[view] === undefined);
  if (unknown.length > 0) throw refused(`release ${nameOf(target)} has no view ${unknown.join(', ')}`);
  const steps = Object.entries(target.entries).flatMap(([view, to]): RollbackStep[] => {
    const from = live.entries[view];
    const isMeant = views === null || views.includes(view);
    return isMeant && from !== undefined && from !== to ? [{ view, from, to }] : [];
  });
  if (steps.length === 0) throw refused(`release ${nameOf(target)} has the same entries as live, ${nameOf(live)}`);
  const gone = steps.filter(({ to }) => row.entries[to] === undefined);
  if (gone.length > 0)
    throw refused(
      `what release ${nameOf(target)} read of ${gone.map(({ view }) => view).join(', ')} is not kept any more. Those that can be put back: ${row.releases
        .filter((each) => isWhole(row, each))
        .map(nameOf)
        .join(', ')}`,
    );
  return { target, steps };
}

/** Lets held views be built and promoted again. Gives those that were held. */
export async function letGoOf(
  views: readonly string[] | null,
  ports: Pick<BatchPorts, 'store' | 'clock'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { holds } = await mustRead(ports, signal);
  const meant = holds.filter((view) => views === null || views.includes(view));
  const change = {
    make: (now: ControlRow) => (meant.some((view) => now.holds.includes(view)) ? releaseHolds(now, meant) : null),
    effect: (now: ControlRow) =>
      meant.some((view) => now.holds.includes(view)) ? ('NOT_DONE' as const) : ('DONE' as const),
  };
  const outcome = await changeControl(ports.store.control, ports.clock, change, signal);
  if (outcome.kind !== 'NOTHING') requireDone(outcome);
  return meant;
}

/** Can every view be put back to it? */
export function isWhole(row: ControlRow, release: Release): boolean {
  return Object.values(release.entries).every((id) => row.entries[id] !== undefined);
}

function requireDone(outcome: ChangeOutcome): ControlRow {
  if (outcome.kind === 'DONE') return outcome.row;
  if (outcome.kind === 'REFUSED') throw refused(outcome.refusal.message);
  throw new BatchError(
    'CONTROL_BUSY',
    'it is not known what became of the change; look at twofold releases and repeat it',
    {
      retryable: true,
    },
  );
}

function nameOf({ number, id }: Release): string {
  return `${number} (${id})`;
}

function refused(why: string): CorrectionError {
  return new CorrectionError('ROLLBACK_REFUSED', `Nothing is rolled back: ${why}.`);
}
