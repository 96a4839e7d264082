import { LossWatch } from '@twofold/batch-layer';
import type { Logger } from '@twofold/service';
import type { WritablePlatform } from './platform.ts';

const LOOK_MS = 10_000;

/** Watches whether the log may let go of what is not archived yet, until the signal (E13). */
export function startLossWatch(
  { topics, events, archive, clock }: WritablePlatform,
  logger: Logger,
  signal: AbortSignal,
): { readonly watch: LossWatch; readonly ended: Promise<void> } {
  const retainMs = async (topic: string): Promise<number | null> => (await events.report?.(topic))?.retentionMs ?? null;
  const watch = new LossWatch(topics, { log: events, archive, retainMs, clock, logger });
  return { watch, ended: watch.run(LOOK_MS, signal) };
}
