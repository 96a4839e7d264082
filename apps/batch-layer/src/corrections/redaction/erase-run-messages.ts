import type { RunRecord } from '@twofold/schedules';
import { changeJob } from '../../change-job.ts';
import { patiently } from '../../patiently.ts';
import type { BatchPorts } from '../../ports.ts';

const PAGE = 100;
/** What stands in the place of a message. */
const ERASED = '(erased by a redaction)';

/** Messages of failed runs name keys, when the layers differed or an audit failed: they are taken out of the history, the code stays. Gives how many. */
export async function eraseRunMessages(
  { store, clock }: Pick<BatchPorts, 'store' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  // First the jobs: a record that is missing in the history is put there from them.
  for (const { job, last } of await patiently(clock, () => store.jobs.list(), signal))
    if (last !== null && tells(last))
      await changeJob(
        store.jobs,
        clock,
        job,
        {
          make: (row) =>
            row?.last == null || !tells(row.last)
              ? null
              : { ...row, sequence: row.sequence + 1, last: silent(row.last) },
          isMade: (row) => row.last === null || !tells(row.last),
        },
        signal,
      );
  let erased = 0;
  let page = await patiently(clock, () => store.runs.list({ limit: PAGE }), signal);
  while (page.length > 0) {
    for (const run of page.filter(tells)) {
      await patiently(clock, () => store.runs.put(silent(run)), signal);
      erased++;
    }
    const before = page.at(-1);
    if (before === undefined) break;
    page = await patiently(clock, () => store.runs.list({ limit: PAGE, before }), signal);
  }
  return erased;
}

function tells({ error, outputs = [], gates = [] }: RunRecord): boolean {
  const messages = [error, ...outputs.map((output) => output.error)].map((each) => each?.message);
  return [...messages, ...gates.map(({ detail }) => detail)].some((each) => each !== undefined && each !== ERASED);
}

function silent(run: RunRecord): RunRecord {
  const { error, outputs, gates } = run;
  const silentOutputs = outputs?.map((output) =>
    output.error === null ? output : { ...output, error: { ...output.error, message: ERASED } },
  );
  return {
    ...run,
    error: error === null ? null : { ...error, message: ERASED },
    ...(silentOutputs === undefined ? {} : { outputs: silentOutputs }),
    // An audit names a row.
    ...(gates === undefined ? {} : { gates: gates.map((gate) => ({ ...gate, detail: ERASED })) }),
  };
}
