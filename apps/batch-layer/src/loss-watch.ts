import { archivedEnd, type ColumnArchive } from '@twofold/archive';
import type { EventLog } from '@twofold/event-log';
import type { Clock, Logger } from '@twofold/service';
import type { StreamTopic } from './ports.ts';

/** Records that are in the log and not in the archive, and that the log may let go of (E13). */
export interface LossRisk {
  readonly stream: string;
  readonly partition: number;
  /** Where the archive ends. */
  readonly archivedTo: number;
  /** What the log still holds. */
  readonly start: number;
  readonly end: number;
  /** In words, for operators. */
  readonly message: string;
}

export interface LossPorts {
  /** The log alone, without the archive below it. */
  readonly log: Pick<EventLog, 'partitions' | 'open'>;
  readonly archive: Pick<ColumnArchive, 'head'>;
  /** How long the log keeps a topic's records, milliseconds; null: nobody knows, or for ever. */
  readonly retainMs: (topic: string) => Promise<number | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An alarm is raised when so much of the time, or of the room, that the log gives is used up. */
const SHARE = 0.5;

/**
 * Raises the alarm before the log lets go of what is not archived yet (E13): by age where the log says how long it keeps
 * records, else by how much of what it holds is not archived once it has begun to let go of any. Whoever runs beside
 * the archiver may watch; one that has died can not.
 */
export class LossWatch {
  readonly #streams: readonly StreamTopic[];
  readonly #ports: LossPorts;
  readonly #risks = new Map<string, LossRisk>();
  /** Where the archive ended at the last look, by stream and partition. */
  readonly #before = new Map<string, number>();

  constructor(streams: readonly StreamTopic[], ports: LossPorts) {
    this.#streams = streams;
    this.#ports = ports;
  }

  get risks(): readonly LossRisk[] {
    return [...this.#risks.values()];
  }

  /** Looks again and again until the signal. A look that fails says nothing. */
  async run(everyMs: number, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#ports;
    while (!signal.aborted) {
      await this.look(signal).catch((error: unknown) => {
        if (!signal.aborted)
          logger.warn('nobody knows how far the archive is behind the log', { error: String(error) });
      });
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }

  /** @throws what kept it from looking at a stream, after it has looked at the others */
  async look(signal: AbortSignal): Promise<void> {
    const failures: unknown[] = [];
    for (const topic of this.#streams) await this.#lookAt(topic, signal).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #lookAt(topic: StreamTopic, signal: AbortSignal): Promise<void> {
    const { archive, log, logger } = this.#ports;
    const { name } = topic.stream;
    const state = await archive.head(name);
    for (const { partition, start, end } of await log.partitions(topic.topic)) {
      const key = `${name}/${partition}`;
      const origin = state.origins[partition];
      const archivedTo = origin === undefined ? start : archivedEnd(state, partition);
      // An archive that moves takes what there is; only one that stands still is looked at more closely.
      const stands = this.#before.get(key) === archivedTo && archivedTo < end;
      this.#before.set(key, archivedTo);
      const place = { stream: name, partition, archivedTo, start, end };
      const message = stands ? await this.#danger(topic, place, origin ?? start, signal) : null;
      if (message === null) {
        if (this.#risks.delete(key)) logger.info('the archive follows the log again', { stream: name, partition });
        continue;
      }
      if (!this.#risks.has(key)) logger.error(message, { code: 'ARCHIVE_BEHIND', ...place });
      this.#risks.set(key, { ...place, message });
    }
  }

  /** What may be lost, in words; null: nothing for now. */
  async #danger(
    { topic }: StreamTopic,
    { stream, partition, archivedTo, start, end }: Omit<LossRisk, 'message'>,
    origin: number,
    signal: AbortSignal,
  ): Promise<string | null> {
    const of = `stream ${stream}, partition ${partition}: positions ${archivedTo} to ${end - 1} are not archived`;
    if (start > archivedTo) return `${of}, and the log has let go of those below ${start}`;
    const retainMs = await this.#ports.retainMs(topic);
    if (retainMs !== null) {
      const ageMs = this.#ports.clock.now() - (await this.#timeOf(topic, partition, archivedTo, signal));
      if (ageMs < SHARE * retainMs) return null;
      return `${of}; the oldest is ${ageMs} ms old, and the log keeps records for ${retainMs} ms`;
    }
    if (start === origin || end - archivedTo < SHARE * (end - start)) return null;
    return `${of}, of ${end - start} that the log holds, and it has begun to let go of the oldest`;
  }

  /** The log time of the first record at or above a position. */
  async #timeOf(topic: string, partition: number, from: number, signal: AbortSignal): Promise<number> {
    const cursor = this.#ports.log.open(topic, partition);
    try {
      const batch = await cursor.read(from, { maxBytes: 1, signal });
      return batch.times[0] ?? this.#ports.clock.now();
    } finally {
      await cursor.close();
    }
  }
}
