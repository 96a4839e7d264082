import { sliding, tumbling, type View } from '@twofold/views';
import { makeLog, rollingView, sensorReadings, type BenchLog } from './bench-log.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { runSpeed } from './run-speed.ts';

/** Windows that are longer and longer than their step, over the same panes: 1, 60 and 3,600 times. */
const windows = [
  ['limit: windows of one step', tumbling('1s')],
  ['windows of 60 steps', sliding('1m', { every: '1s' })],
  ['windows of 3,600 steps', sliding('1h', { every: '1s' })],
] as const;

/** What an event costs must not depend on how many windows it is in: panes are folded, and windows summed when they are read. */
export async function v2(messages: number): Promise<Measurement[]> {
  const bench = await makeLog(messages, 500_000);
  try {
    const of = { workload: 'V2 window ÷ step, log to durable rows', unit: 'messages' };
    const measurements: Measurement[] = [];
    for (const [program, window] of windows) {
      const view = rollingView(sensorReadings, window);
      measurements.push(await measure({ ...of, program }, () => speedLayer(bench, view)));
    }
    return measurements;
  } finally {
    await bench.close();
  }
}

async function speedLayer(bench: BenchLog, view: View): Promise<Outcome> {
  const { units, applied, rows } = await runSpeed(bench, [view]);
  const all = rows(view).filter(({ start, end }) => end - start === sensorReadings.sliceSize);
  return { units, checksum: () => `${applied} rows in ${all.length} chunks` };
}
