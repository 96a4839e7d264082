import { correctionsOf, liveRelease, type ControlRow } from '@twofold/releases';
import { patiently } from '../patiently.ts';
import type { BatchPorts } from '../ports.ts';

/** Notes beside the archive which corrections are in force: a lost store is made again with them. */
export async function noteInForce(
  row: ControlRow,
  { archive, clock }: Pick<BatchPorts, 'archive' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const { incarnation, sequence } = row;
  const live = liveRelease(row);
  for (const stream of Object.keys(row.streams)) {
    const note = { incarnation, sequence, list: correctionsOf(row, live, stream) };
    await patiently(clock, () => archive.corrections(stream).noteInForce(note), signal);
  }
}
