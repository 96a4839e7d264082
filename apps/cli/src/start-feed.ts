import { runFeed } from '@twofold/batch-layer';
import type { Logger } from '@twofold/service';
import type { Project } from '@twofold/views';
import type { WritablePlatform } from './platform.ts';

/** Tells on the log what releases change, wherever the log can be written. */
export function startFeed(
  project: Project,
  platform: WritablePlatform,
  logger: Logger,
): { readonly ended: Promise<void>; readonly stop: () => Promise<void> } {
  const asked = new AbortController();
  const ended = runFeed({ id: project.id, streams: platform.topics }, { ...platform, logger }, asked.signal);
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    asked.abort();
    await ended.catch(() => undefined);
  };
  return { ended, stop };
}
