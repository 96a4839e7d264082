import { operatorLane, type ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';

/** How far the operator of a change stream is, by partition of what it is made of. */
export interface OperatorStatus {
  readonly stream: string;
  readonly of: string;
  readonly key: readonly string[];
  readonly positions: readonly number[];
}

/** Every change stream of a project, and how far its operator has told to be (E26). */
export function operatorStatus(project: Project, store: ViewStore): Promise<OperatorStatus[]> {
  const made = project.streams.flatMap((stream) =>
    stream.change === undefined ? [] : [{ stream, change: stream.change }],
  );
  return Promise.all(
    made.map(async ({ stream, change }) => {
      const told = [...(await store.progress.read(operatorLane(stream)))].sort((a, b) => a.partition - b.partition);
      return { stream: stream.name, of: change.of.name, key: change.key, positions: told.map(({ next }) => next) };
    }),
  );
}
