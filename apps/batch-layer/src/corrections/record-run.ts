import type { RunProgress, RunRecord } from '@twofold/schedules';
import { isTwofoldError } from '@twofold/schemas';
import type { BatchPorts } from '../ports.ts';

/** What a run of no schedule is found by, and what is known of it as it begins. */
export type RunBegun = Pick<RunRecord, 'job' | 'subjects' | 'trigger' | 'facts'> & RunMaker;
/** What names the engine and the code that run; a run that builds nothing has no engine. */
export type RunMaker = Pick<RunRecord, 'engine' | 'code'>;
/** What is known of it at its end. */
export type RunEnded = Pick<RunRecord, 'release' | 'facts' | 'inputs' | 'outputs' | 'gates'>;

/** Runs of one job that are looked through for those whose process is gone. */
const LOOKED_AT = 50;
/** How often progress is put into the history, milliseconds. */
const TELL_MS = 1_000;

/**
 * Keeps a run that people asked for in the history, beside those of schedules. History is for people: the run does not
 * wait for it, and what could not be kept is only said in the log.
 */
export async function recordRun<T>(
  begun: RunBegun,
  ports: Pick<BatchPorts, 'store' | 'clock' | 'ids' | 'logger'>,
  signal: AbortSignal,
  work: (tell: (progress: RunProgress) => void) => Promise<T>,
  endOf: (result: T) => Promise<RunEnded>,
): Promise<T> {
  const { store, clock, ids, logger } = ports;
  const put = (run: RunRecord): Promise<void> =>
    store.runs.put(run).catch((error: unknown) => {
      logger.warn('a run could not be recorded', { run: run.id, error: String(error) });
    });
  await closeGone(begun, put, ports);
  const run: RunRecord = {
    ...{ ...begun, id: ids.next(), slot: null, state: 'RUNNING', startedAt: clock.now(), endedAt: null },
    ...{ release: null, error: null },
  };
  await put(run);
  let telling = Promise.resolve();
  let toldAt = clock.monotonic();
  const tell = (progress: RunProgress): void => {
    if (clock.monotonic() - toldAt < TELL_MS) return;
    toldAt = clock.monotonic();
    telling = telling.then(() => put({ ...run, progress }));
  };
  try {
    const result = await work(tell).finally(() => telling);
    const ended = await endOf(result);
    await put({ ...run, ...ended, facts: { ...run.facts, ...ended.facts }, state: 'SUCCEEDED', endedAt: clock.now() });
    return result;
  } catch (error) {
    await put({ ...run, ...failureOf(error, signal), endedAt: clock.now() });
    throw error;
  }
}

/** A run of the same thing that never ended was that of a process that is gone, or is overtaken by this one. */
async function closeGone(
  { job, facts }: RunBegun,
  put: (run: RunRecord) => Promise<void>,
  { store, clock }: Pick<BatchPorts, 'store' | 'clock'>,
): Promise<void> {
  const runs = await store.runs.list({ job, limit: LOOKED_AT }).catch(() => []);
  for (const run of runs)
    if (run.state === 'RUNNING' && run.facts['plan'] === facts['plan'])
      await put({
        ...{ ...run, state: 'ABANDONED', endedAt: clock.now() },
        error: { code: 'ENDED', message: 'it was begun again, and this attempt had not said how it ended' },
      });
}

function failureOf(error: unknown, signal: AbortSignal): Pick<RunRecord, 'state' | 'error'> {
  if (signal.aborted) return { state: 'ABANDONED', error: { code: 'ENDED', message: 'it was asked to end' } };
  if (!isTwofoldError(error))
    return {
      state: 'FAILED',
      error: { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) },
    };
  return { state: error.retryable ? 'FAILED' : 'REFUSED', error: { code: error.code, message: error.message } };
}
