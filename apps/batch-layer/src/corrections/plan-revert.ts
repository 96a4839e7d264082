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
import { writePlan, type FoundCorrection } from './write-plan.ts';

/** The plan that takes a correction back. Throws CORRECTION_UNKNOWN, NOT_IN_FORCE. */
export async function planRevert(
  id: string,
  note: CorrectionNote,
  ground: PlanningGround,
  ports: BatchPorts,
): Promise<CorrectionPlan> {
  const { stream, row, state, views } = ground;
  const base = correctionsOf(row, liveRelease(row), stream.name);
  const { corrections, overlay } = await loadList(ports.archive, stream.name, base);
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
  const found: FoundCorrection = {
    kind: inverseOf[correction.kind],
    reverts: id,
    asked: `the inverse of ${correction.kind} ${id} (${correction.asked})`,
    targets: [],
    count: 0,
    rows: null,
    added: 0,
    touched: correction.touched,
    sample: [],
    counts: views.map(() => ({ keys: 0, panes: 0 })),
    collisions: [],
    recordsRead: 0,
    requested: revertHash(id, note),
  };
  return writePlan(
    found,
    note,
    { ...ground, base, counted: countOf(state, overlay), at: ports.clock.now(), overlay },
    ports,
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
