import { isTwofoldError } from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';

/** Why a partition stands still: an incident is shown to operators, and readers see how old its answers are (E7, E22). */
export interface Incident {
  readonly stream: string;
  readonly partition: number;
  readonly code: string;
  readonly message: string;
}

const RESTART_MS = 200;
const RESTART_MS_MAX = 10_000;

/** Restarts a worker after a passing failure; leaves it standing after an incident; ends the process when the store is gone. */
export async function keepRunning(
  work: {
    /** By which its incident is kept. */
    readonly key: string;
    readonly stream: string;
    readonly partition: number;
    readonly run: (signal: AbortSignal) => Promise<void>;
  },
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  incidents: Map<string, Incident>,
  signal: AbortSignal,
): Promise<void> {
  const { key, stream, partition } = work;
  for (let waitMs = RESTART_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, RESTART_MS_MAX)) {
    try {
      await work.run(signal);
      break;
    } catch (error) {
      if (signal.aborted) break;
      if (!isTwofoldError(error) || error.code === 'STORE_GONE') throw error;
      incidents.set(key, { stream, partition, code: error.code, message: error.message });
      logger.error(`partition ${partition} of ${stream} stopped`, { code: error.code, message: error.message });
      // An incident does not heal by trying at once; it is looked at again at the longest interval.
      await clock.sleep(error.retryable ? waitMs : RESTART_MS_MAX, signal).catch(() => undefined);
    }
  }
  // Whoever has the partition now tells of it.
  incidents.delete(key);
}
