import type { ToldRestatement } from '@twofold/corrections';
import type { EventLog } from '@twofold/event-log';
import type { RecordBatch } from '@twofold/schemas';

const WAIT_MS = 1_000;

/** A change as it stands in the topic; the position after it is where to go on. */
export interface PlacedRestatement {
  readonly position: number;
  readonly told: ToldRestatement;
}

/** Changes as they stand in the topic, `[from, to)`; without an end it goes on until the signal. */
export async function* readRestatements(
  topic: string,
  log: Pick<EventLog, 'open'>,
  { from, to = null }: { readonly from: number; readonly to?: number | null },
  signal: AbortSignal,
): AsyncGenerator<PlacedRestatement> {
  const cursor = log.open(topic, 0);
  try {
    for (let at = from; !signal.aborted && (to === null || at < to);) {
      const batch = await cursor.read(at, to === null ? { waitMs: WAIT_MS, signal } : { to, signal });
      if (to !== null && batch.nextOffset === at) return;
      at = batch.nextOffset;
      // What is read is gone with the next read: it is taken out before anything is given.
      for (const placed of placedIn(batch)) yield placed;
    }
  } finally {
    await cursor.close();
  }
}

function placedIn(batch: RecordBatch): PlacedRestatement[] {
  const placed: PlacedRestatement[] = [];
  for (let row = 0; row < batch.count; row++) {
    const start = batch.valueStarts[row] ?? -1;
    if (start < 0) continue;
    const text = new TextDecoder().decode(batch.bytes.subarray(start, batch.valueEnds[row]));
    placed.push({ position: batch.offsets[row] ?? 0, told: JSON.parse(text) as ToldRestatement });
  }
  return placed;
}
