import { ClassifiedReader, type LogReader } from '@twofold/event-log';
import { createClassifier, createDecoder, RecordClass, TwofoldError, type Columns } from '@twofold/schemas';
import type { Clock, Logger, Notifier } from '@twofold/service';
import type { Progress } from '@twofold/view-store';
import { alarmStream } from './alarm-event.ts';

const LANE = { view: 'alarm-delivery', version: 1 } as const;
const WAIT_MS = 200;
const RETRY_MS = 500;
const RETRY_MS_MAX = 30_000;

export interface DeliveryParts {
  readonly topic: string;
  readonly partition: number;
  readonly log: Pick<LogReader, 'open' | 'partitions'>;
  readonly progress: Progress;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tells the notifier of every alarm in the log, in order. An alarm that is in the log twice is told once (E9). After a
 * crash between telling and recording it, one alarm is told again, with the same id, by which the receiver knows it.
 */
export async function deliverAlarms(parts: DeliveryParts, signal: AbortSignal): Promise<void> {
  const { progress, partition, topic, log } = parts;
  const known = (await progress.read(LANE)).find((record) => record.partition === partition);
  const start = (await log.partitions(topic)).find((range) => range.partition === partition)?.start ?? 0;
  const cursor = log.open(topic, partition);
  const reader = new ClassifiedReader(
    {
      cursor,
      decoder: createDecoder(alarmStream),
      classifier: createClassifier(alarmStream),
      origin: start,
      dedupeHorizon: alarmStream.dedupeHorizon,
      historySize: 2,
      maxBytes: 1 << 18,
    },
    Math.max(start, known?.next ?? start),
  );
  try {
    while (!signal.aborted) {
      const read = await reader.read({ waitMs: WAIT_MS, signal });
      if (read === null) continue;
      await tellAll(read.columns, parts, signal);
      await note(read.columns.nextOffset, parts, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await cursor.close();
  }
}

/** Tries until it is stored, or the signal: what can not be noted now, as on a full disk, ends no delivery. */
async function note(next: number, { progress, partition, clock, logger }: DeliveryParts, signal: AbortSignal) {
  const told = { ...LANE, partition, lane: 'base' as const, next };
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
    try {
      await progress.write([{ ...told, maxEventTime: null, lastLogTime: null, caughtUpAt: null }]);
      return;
    } catch (error) {
      if (signal.aborted || !(error instanceof TwofoldError) || !error.retryable) throw error;
      logger.warn(`how far alarms are told could not be stored, trying again in ${waitMs} ms`, { code: error.code });
    }
    await clock.sleep(waitMs, signal);
  }
}

async function tellAll(columns: Columns, parts: DeliveryParts, signal: AbortSignal): Promise<void> {
  for (let row = 0; row < columns.count; row++) {
    if (columns.classes[row] !== RecordClass.applied) continue;
    const alarm: Record<string, string | number | null> = {};
    for (const [index, field] of alarmStream.fields.entries()) {
      const column = columns.fields[index];
      if (column === undefined) continue;
      alarm[field.name] =
        column.kind === 'text' ? column.dictionary.text(column.ids[row] ?? 0) : (column.values[row] ?? null);
    }
    await tell(`${alarm['alarm']}/${alarm['source']}/${alarm['position']}`, alarm, parts, signal);
  }
}

/** Tries until it is accepted, or the signal: an alarm is not dropped because its receiver is down. */
async function tell(id: string, alarm: unknown, parts: DeliveryParts, signal: AbortSignal): Promise<void> {
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
    try {
      await parts.notifier.notify(id, alarm, signal);
      return;
    } catch (error) {
      if (signal.aborted || !(error instanceof TwofoldError)) throw error;
      parts.logger.warn(`alarm ${id} was not accepted, trying again in ${waitMs} ms`, { code: error.code });
    }
    await parts.clock.sleep(waitMs, signal);
  }
}
