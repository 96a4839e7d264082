import { restatementTopic, type SourceEraser } from '@twofold/batch-layer';
import { CorrectionError, type ErasedPlace } from '@twofold/corrections';
import { LogError } from '@twofold/event-log';
import type { KafkaLog } from '@twofold/event-log-kafka';
import type { Logger } from '@twofold/service';
import type { Project } from '@twofold/views';
import { isLogErased, LogEraser } from './erase-log.ts';
import { openKafka, openLog } from './open-parts.ts';
import type { Platform } from './platform.ts';
import { alarmTopic } from './run-alarms.ts';
import type { CliSettings } from './settings.ts';

/** How long the program that writes the log may take. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 300;
/** Kafka removes closed segments only, and closes one after this time unless it is full or the topic says otherwise. */
const SEGMENT_MS = 7 * 24 * 60 * 60 * 1_000;
/** The broker looks for what has expired every five minutes, and removes a file a minute after it let go of it. */
const SWEEP_MS = 10 * 60 * 1_000;

/**
 * What a redaction asks of the log: the embedded one lets go of the segments, by the program that writes it or, when none
 * runs, from here; of Kafka it is said when retention removes them.
 * @param archiveAll archives every stream up to now
 */
export function openSourceEraser(
  project: Project,
  platform: Platform,
  values: CliSettings,
  logger: Logger,
  archiveAll: (signal: AbortSignal) => Promise<void>,
): SourceEraser {
  const { clock } = platform;
  return {
    async erase({ stream, topic, correction }, signal) {
      const alarms = project.alarms.some((alarm) => alarm.stream.name === stream.name) ? [alarmTopic(project)] : [];
      const derived = [...alarms, restatementTopic(project)];
      const kafka = openKafka(values, { clock, logger });
      if (kafka === null) {
        await eraseEmbedded(correction.id, signal);
        return [topic, ...derived].map((name) => ({
          place: `log ${name}`,
          goneBy: null,
          how: `the segments that held it were closed and removed${name === topic ? '; what readers still want of them the archive gives' : ''}`,
        }));
      }
      try {
        const lastAt = correction.erases?.lastLogTime ?? clock.now();
        const places = [await retentionOf(kafka, topic, lastAt)];
        for (const name of derived) places.push(await retentionOf(kafka, name, clock.now()));
        return places;
      } finally {
        await kafka.close();
      }
    },
  };

  async function eraseEmbedded(correction: string, signal: AbortSignal): Promise<void> {
    const { store, archive } = platform;
    for (const begun = clock.monotonic(); !(await isLogErased(store, correction));) {
      if (clock.monotonic() - begun > PATIENCE_MS)
        throw new CorrectionError(
          'REDACTION_UNFINISHED',
          'What was redacted is in no answer any more, but the program that writes the log has not let go of its segments: is it of an earlier release, or are there alarms that could not be delivered? Repeat the apply when that is mended; there is no certificate before.',
          { retryable: false },
        );
      const events = await openLog(values, { ...platform, logger }).catch((error: unknown) => {
        // Its writer does it.
        if (error instanceof LogError && error.code === 'LOG_LOCKED') return null;
        throw error;
      });
      if (events !== null)
        try {
          await archiveAll(signal);
          const { webhookUrl } = values;
          const eraser = new LogEraser({ project, events, archive, store, clock, logger, webhookUrl });
          for (let look = 0; look < 3; look++) await eraser.look();
        } finally {
          await events.close();
        }
      await clock.sleep(LOOK_MS, signal);
    }
  }
}

async function retentionOf(kafka: KafkaLog, topic: string, lastAt: number): Promise<ErasedPlace> {
  const { retentionMs, segmentMs } = await kafka.report(topic);
  const closedMs = segmentMs ?? SEGMENT_MS;
  if (retentionMs === null)
    return {
      place: `log ${topic}`,
      goneBy: 'NEVER',
      how: 'the topic keeps its records for ever (retention.ms is -1): readers of this project see none of what was erased, but the broker has it until its records are deleted (kafka-delete-records) or a retention is set',
    };
  return {
    place: `log ${topic}`,
    goneBy: lastAt + retentionMs + closedMs + SWEEP_MS,
    how: `readers of this project see none of what was erased; the broker removes its last copy by retention: retention.ms ${retentionMs} after the last of it was written, at most segment.ms ${closedMs} until its segment is closed, and a few minutes until it looks`,
  };
}
