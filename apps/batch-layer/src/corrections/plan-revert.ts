import {
  CorrectionError,
  standingOf,
  type CorrectionKind,
  type CorrectionNote,
  type CorrectionPlan,
} from '@twofold/corrections';
import { correctionsOf, liveRelease } from '@twofold/releases';
import type { BatchPorts } from '../ports.ts';
import { countOf } from './counted-events.ts';
import { revertHash } from './known-request.ts';
import { loadList } from './load-list.ts';
import type { PlanningGround } from './planning-ground.ts';
import { reachedBy, takeBack, type Reached } from './taken-back.ts';
import { writePlan, type FoundCorrection } from './write-plan.ts';

/** The plan that takes a correction back, with what comes and goes by it. Throws NOT_IN_FORCE, NOT_REVERTIBLE. */
export async function planRevert(
  id: string,
  note: CorrectionNote,
  ground: PlanningGround,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const { stream, row, state } = ground;
  const base = correctionsOf(row, liveRelease(row), stream.name);
  const list = await loadList(ports.archive, stream.name, base);
  const { corrections, overlay } = list;
  const correction = standingOf(corrections).find((each) => each.id === id);
  if (correction === undefined) {
    const takenBack = corrections.find(({ reverts }) => reverts === id);
    throw new CorrectionError(
      'NOT_IN_FORCE',
      takenBack === undefined
        ? `Correction ${id} is not in force in the live release, so there is nothing to take back. twofold releases shows those that are.`
        : `Correction ${id} was taken back by ${takenBack.id} already. Nothing was changed.`,
      { facts: { id } },
    );
  }
  if (correction.kind === 'redact')
    throw new CorrectionError(
      'NOT_REVERTIBLE',
      `Correction ${id} is a redaction: what it erased is nowhere any more, so it can not be taken back. To bring other events, use add. Nothing was changed.`,
      { facts: { id } },
    );
  const reached = await reachedBy(correction, list, ports);
  requireLeft(id, reached);
  const { comes, goes, effects } = await takeBack(correction, reached, { ...ground, list }, ports, signal);
  const found: FoundCorrection = {
    kind: inverseOf[correction.kind],
    reverts: id,
    asked: `the inverse of ${correction.kind} ${id} (${correction.asked})`,
    targets: [],
    count: 0,
    rows: null,
    added: 0,
    touched: correction.touched,
    sample: goes.sample,
    sampleAdded: comes.sample,
    takesBack: { comes: comes.count, goes: goes.count, erased: reached.erased },
    counts: effects.counts(),
    collisions: [],
    recordsRead: comes.recordsRead + goes.recordsRead,
    requested: revertHash(id, note),
  };
  return writePlan(
    found,
    note,
    { ...ground, base, counted: countOf(state, overlay), at: ports.clock.now(), overlay },
    ports,
  );
}

/** Erased in between, so that nothing is left to come or to go. Throws NOT_REVERTIBLE. */
function requireLeft(id: string, { count, erased }: Reached): void {
  if (erased === 0 || erased < count) return;
  throw new CorrectionError(
    'NOT_REVERTIBLE',
    `All ${count} events that correction ${id} is about were erased by a redaction: nothing is left to take back. To bring other events, use add. Nothing was changed.`,
    { facts: { id } },
  );
}

const inverseOf: Readonly<Record<CorrectionKind, CorrectionKind>> = {
  retract: 'add',
  add: 'retract',
  replace: 'replace',
  restate: 'restate',
  // Never reached: it was refused above.
  redact: 'redact',
};
