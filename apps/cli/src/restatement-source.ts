import { readRestatements, restatementTopic } from '@twofold/batch-layer';
import type { LogReader } from '@twofold/event-log';
import type { RestatementSource } from '@twofold/serving-api';
import type { Project } from '@twofold/views';

/** The feed of a project's log, for subscriptions. */
export function restatementSource(project: Project, log: Pick<LogReader, 'partitions' | 'open'>): RestatementSource {
  const topic = restatementTopic(project);
  return {
    async *follow(after, signal) {
      const [range] = await log.partitions(topic);
      const { start = 0, end = 0 } = range ?? {};
      // What the log has let go of, or never had, is not waited for.
      const from = after === null ? end : Math.min(Math.max(after + 1, start), end);
      try {
        yield* readRestatements(topic, log, { from }, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
