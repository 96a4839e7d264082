import { archivedEnd, createBlankLoader } from '@twofold/archive';
import { columnsOf } from '@twofold/batch-engine';
import { checkSelection, CorrectionError, firstAddedSource, type CorrectionPlan } from '@twofold/corrections';
import { BatchError } from '../../errors.ts';
import type { BatchPorts } from '../../ports.ts';
import { checkRequest, type CorrectionRequest } from '../correction-request.ts';
import type { PlanningGround } from '../planning-ground.ts';
import { CopyFinder, findCopies, searchedFiles } from './find-copies.ts';
import type { OperatorPlace } from './await-operator.ts';
import { prepareRedaction, requireMeant, writeRedaction } from './plan-redaction.ts';
import { StatedRows } from './stated-rows.ts';

/**
 * Plans the redaction of rows (E21, E27): of a stream that a change stream is made of, every restatement of the rows that are
 * meant, below what its operator has done; and, by a plan of its own, every change that was made of these. Each row has to be
 * taken away by then: so what is erased of the change stream adds up to nothing, and what comes later says nothing of it.
 */
export async function planRows(
  request: CorrectionRequest,
  of: { readonly stated: PlanningGround; readonly made: PlanningGround; readonly operator: OperatorPlace },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const { stated, made, operator } = of;
  const { stream, state } = stated;
  const { change } = made.stream;
  if (change === undefined) throw new CorrectionError('CORRECTION_INVALID', `${made.stream.name} is no change stream.`);
  checkRequest(request);
  checkSelection(stream, request.selection);
  requireArchived(made, operator);
  const prepared = await prepareRedaction(stated, ports);
  const preparedMade = await prepareRedaction(made, ports);
  const files = searchedFiles(state, prepared.list);
  const cut = state.origins.map((origin, p) =>
    Math.max(origin, Math.min(archivedEnd(state, p), operator.next[p] ?? 0)),
  );
  const rows = new StatedRows(change, cut);
  for (const { file, source } of files) {
    signal.throwIfAborted();
    if (source < firstAddedSource && file.from >= (cut[source] ?? 0)) continue;
    const columns = columnsOf(await ports.archive.readColumns(stream, file), {
      ...{ from: file.from, to: file.to, widthMs: 1, panes: null },
    });
    rows.match(request.selection, source, columns);
  }
  const finder = new CopyFinder(stream, stated.views, request.selection, rows.restatements());
  await findCopies(finder, stream, files, ports.archive, signal);
  requireMeant(request, finder, prepared);
  const changes = new CopyFinder(made.stream, made.views, request.selection, rows.changes(made.stream));
  await findCopies(changes, made.stream, searchedFiles(made.state, preparedMade.list), ports.archive, signal);
  rows.requireTakenAway(made.stream, await createBlankLoader(ports.archive)(state));
  const derived =
    changes.total === 0
      ? null
      : await writeRedaction({ request, ground: made, prepared: preparedMade, finder: changes }, ports);
  const found = { request, ground: stated, prepared, finder, rows, cut };
  if (derived === null) return writeRedaction(found, ports);
  const { id: plan, fingerprint } = derived;
  const named = { stream: made.stream.name, plan, fingerprint, changes: changes.total };
  return writeRedaction({ ...found, derived: named }, ports);
}

/** What the operator had emitted when it was asked how far it is has to be archived. */
function requireArchived({ state, stream }: PlanningGround, { ends }: OperatorPlace): void {
  const behind = ends.findIndex((end, p) => archivedEnd(state, p) < end);
  if (behind < 0) return;
  throw new BatchError(
    'SPEED_BEHIND',
    `the archive of change stream ${stream.name} ends at ${archivedEnd(state, behind)} of ${ends[behind]} in partition ${behind}; plan again`,
    { retryable: true },
  );
}
