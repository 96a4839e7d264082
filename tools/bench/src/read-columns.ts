import { createClassifier, createDecoder, type Columns, type Stream } from '@twofold/schemas';
import { TOPIC, type BenchLog } from './bench-log.ts';

/** Gives the columns of a whole log, decoded and classified, batch by batch; returns how many positions it has. */
export async function readColumns(
  { log }: BenchLog,
  stream: Stream,
  take: (columns: Columns) => void,
  maxBytes = 1 << 20,
): Promise<number> {
  const decoder = createDecoder(stream);
  const classifier = createClassifier(stream);
  classifier.restart(0);
  const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
  const cursor = log.open(TOPIC, 0);
  for (let at = 0; at < end;) {
    const columns = decoder.decode(await cursor.read(at, { maxBytes, to: end }));
    classifier.classify(columns);
    take(columns);
    at = columns.nextOffset;
  }
  await cursor.close();
  return end;
}
