import { plainSchedule, type RunState, type Schedule } from '@twofold/schedules';
import { ulidIds, type Cron } from '@twofold/service';
import { recordingLogger, seededRng, virtualClock, type VirtualClock } from '@twofold/service/testing';
import { createMemoryStore } from '@twofold/view-store';
import type { Job } from '../src/job.ts';
import type { SchedulePorts } from '../src/schedule-ports.ts';

export const MINUTE_MS = 60_000;
/** Four seconds past a full minute. */
export const START = Date.UTC(2026, 0, 1, 12, 0, 4);

export function world() {
  const clock = virtualClock(START);
  const ids = ulidIds(clock, seededRng(3));
  const wakers: (() => void)[] = [];
  const cron: Cron = {
    schedule: (_, wake) => {
      wakers.push(wake);
      return () => undefined;
    },
  };
  const logger = recordingLogger();
  const ports: SchedulePorts = { store: createMemoryStore({ ids }), clock, cron, ids, logger };
  return { ports, logger, clock, wake: () => wakers.forEach((waker) => waker()) };
}

export function everyMinute(
  run: Job['run'] = async () => ({ release: 'r', facts: {} }),
  of: Partial<Schedule> = {},
): Job {
  return { name: 'recompute', subjects: ['v'], schedule: { ...plainSchedule('* * * * *'), ...of }, run };
}

export async function statesOf(ports: SchedulePorts): Promise<[number, RunState][]> {
  const runs = await ports.store.runs.list({ limit: 100 });
  return runs.map((run): [number, RunState] => [((run.slot ?? 0) - (START - 4_000)) / MINUTE_MS, run.state]).reverse();
}

export async function passes(clock: VirtualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 1_000) await clock.advance(1_000);
}
