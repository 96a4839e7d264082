import type { RunProgress } from '@twofold/schedules';
import type { Clock } from '@twofold/service';
import type { RecomputeWatch } from './recompute-views.ts';

/** Tells how far a build is, with each part that is done. */
export function progressWatch(
  clock: Pick<Clock, 'monotonic'>,
  tell: (progress: RunProgress) => void,
): Pick<RecomputeWatch, 'planned' | 'partBuilt'> {
  let [done, total, beganAt] = [0, 0, 0];
  const progress = (): RunProgress => {
    const tookMs = clock.monotonic() - beganAt;
    return { done, total, leftMs: done === 0 ? null : Math.round((tookMs / done) * (total - done)) };
  };
  return {
    planned: (_, parts) => {
      [done, total, beganAt] = [0, parts, clock.monotonic()];
      tell(progress());
    },
    partBuilt: () => {
      done++;
      tell(progress());
    },
  };
}
