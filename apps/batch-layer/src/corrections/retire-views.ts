import { CorrectionError } from '@twofold/corrections';
import { entryOf, liveRelease, releaseOf, retireViews, type ControlRow } from '@twofold/releases';
import { changeControl } from '../change-control.ts';
import { BatchError } from '../errors.ts';
import type { BatchPorts, BatchProject } from '../ports.ts';
import { mustRead } from '../recompute-views.ts';

/** Views of the live release that the project declares no more; of one stream, when that is named. */
export function undeclaredViews(
  row: ControlRow,
  declared: readonly { readonly name: string }[],
  stream: string | null = null,
): string[] {
  const live = liveRelease(row);
  return Object.keys(live.entries).filter(
    (name) =>
      !declared.some((view) => view.name === name) && (stream === null || entryOf(row, live, name)?.stream === stream),
  );
}

/**
 * A correction moves every view of its stream together (E0), and builds those that are declared: one that is live and
 * not declared any more could not follow. @throws VIEW_UNDECLARED
 */
export function requireDeclared(row: ControlRow, declared: readonly { readonly name: string }[], stream: string): void {
  const left = undeclaredViews(row, declared, stream);
  if (left.length === 0) return;
  throw new CorrectionError(
    'VIEW_UNDECLARED',
    `View ${left.join(', ')} of stream ${stream} is in the live release, and the project declares it no more: a correction moves all views of a stream together. Declare it again, or take it out of what is read: ${left.map((name) => `twofold retire ${name}`).join(', ')}. Nothing was changed.`,
    { facts: { views: left } },
  );
}

/** Takes views that are not declared any more out of what is read, in a new release. Gives its id. @throws RETIRE_REFUSED */
export async function retire(
  views: readonly string[],
  project: Pick<BatchProject, 'views'>,
  ports: Pick<BatchPorts, 'store' | 'clock' | 'ids'>,
  signal: AbortSignal,
): Promise<{ readonly release: string; readonly number: number }> {
  const row = await mustRead(ports, signal);
  const left = undeclaredViews(row, project.views);
  const wrong = views.filter((view) => !left.includes(view));
  if (wrong.length > 0) {
    const declared = project.views.some(({ name }) => wrong.includes(name));
    throw refused(
      declared
        ? `view ${wrong.join(', ')} is declared by the project: take it out of twofold.config.ts first, or the next run brings it back`
        : `the live release has no view ${wrong.join(', ')}; what could be retired: ${left.join(', ') || 'none'}`,
    );
  }
  const release = ports.ids.next();
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (now) => retireViews(now, views, release),
      effect: (now) => (releaseOf(now, release) === null ? 'NOT_DONE' : 'DONE'),
    },
    signal,
  );
  if (outcome.kind === 'REFUSED') throw refused(outcome.refusal.message);
  if (outcome.kind !== 'DONE')
    throw new BatchError('CONTROL_BUSY', 'it is not known what became of it; look at twofold releases', {
      retryable: true,
    });
  return { release, number: releaseOf(outcome.row, release)?.number ?? 0 };
}

function refused(why: string): CorrectionError {
  return new CorrectionError('RETIRE_REFUSED', `Nothing is retired: ${why}.`);
}
