import { archivedEnd, type ColumnArchive } from '@twofold/archive';
import { restatementTopic } from '@twofold/batch-layer';
import { LogError, type PartitionRange } from '@twofold/event-log';
import { isTwofoldError } from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';
import type { WritableLog } from './open-parts.ts';
import { alarmTopic } from './run-alarms.ts';

/** What the one writer of an embedded log needs to let go of what was redacted. */
export interface LogEraserParts {
  readonly project: Project;
  readonly events: WritableLog;
  readonly archive: Pick<ColumnArchive, 'head'>;
  readonly store: Pick<ViewStore, 'control' | 'progress'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Alarms that were not delivered yet stay until they are. */
  readonly webhookUrl: string | null;
}

const LOOK_MS = 500;

/**
 * Lets go of every segment of the embedded log that holds redacted records: closes the newest one, waits until the
 * archive has all that is below, and removes them. What readers still want of it the archive gives (E7), without what
 * was erased. Then it notes so, for who waits with the certificate. Repeating any of it is fine.
 */
export class LogEraser {
  readonly #parts: LogEraserParts;
  /** First offset that is not in what was closed, by redaction, topic and partition. */
  readonly #sealed = new Map<string, number>();
  readonly #done = new Set<string>();

  constructor(parts: LogEraserParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        if (signal.aborted) return;
        if (!isTwofoldError(error) || !error.retryable) throw error;
        this.#parts.logger.warn('redacted records are still in the log, trying again', { code: error.code });
      }
      await this.#parts.clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  /** Does what can be done now. */
  async look(): Promise<void> {
    const { store, project, clock } = this.#parts;
    const row = await store.control.read();
    for (const [stream, mark] of Object.entries(row?.redactions ?? {})) {
      if (mark.release === null || this.#done.has(mark.correction)) continue;
      if (!(await isLogErased(store, mark.correction))) {
        const source = await this.#eraseStream(mark.correction, stream, mark.cut);
        const alarms = await this.#eraseAlarms(mark.correction, stream);
        // What was changed before is told first; nothing tells of it then but what stands there.
        const isTold = (row?.untold ?? []).every(({ number }) => number >= (mark.release ?? 0));
        if (!isTold || !(await this.#eraseFeed(mark.correction)) || !alarms || !source) continue;
        const times = { maxEventTime: null, lastLogTime: null, caughtUpAt: clock.now() };
        await store.progress.write([
          { ...erasureLane(mark.correction), partition: 0, lane: 'base', next: 1, ...times },
        ]);
        this.#parts.logger.info('the log has let go of what was redacted', { project: project.id, stream });
      }
      this.#done.add(mark.correction);
    }
  }

  async #eraseStream(correction: string, stream: string, cut: readonly number[]): Promise<boolean> {
    const topic = `${this.#parts.project.id}.${stream}`;
    const head = await this.#parts.archive.head(stream);
    return this.#eraseTopic(correction, topic, (partition, base) => archivedEnd(head, partition) >= base, cut);
  }

  /** Alarms name the key of what they are about; the alarms' own log is not archived, so they have to be delivered first. */
  async #eraseAlarms(correction: string, stream: string): Promise<boolean> {
    const { project, store, webhookUrl } = this.#parts;
    if (!project.alarms.some((alarm) => alarm.stream.name === stream)) return true;
    const told = webhookUrl === null ? null : await store.progress.read({ view: 'alarm-delivery', version: 1 });
    const isTold = (partition: number, base: number): boolean =>
      told === null || (told.find((each) => each.partition === partition)?.next ?? 0) >= base;
    return this.#eraseTopic(correction, alarmTopic(project), isTold, null);
  }

  /** The feed names keys and values of answers; who listened has them, and the diffs of releases are kept without it. */
  #eraseFeed(correction: string): Promise<boolean> {
    return this.#eraseTopic(correction, restatementTopic(this.#parts.project), () => true, null);
  }

  /** @param cut null: everything that stands there when it is first looked at */
  async #eraseTopic(
    correction: string,
    topic: string,
    mayGo: (partition: number, base: number) => boolean,
    cut: readonly number[] | null,
  ): Promise<boolean> {
    const { events } = this.#parts;
    let done = true;
    for (const { partition, start, end } of await this.#rangesOf(topic)) {
      const place = `${correction} ${topic}/${partition}`;
      const known = this.#sealed.get(place);
      if (start >= (cut === null ? (known ?? end) : (cut[partition] ?? 0))) continue;
      const base = known ?? (await events.seal?.(topic, partition)) ?? end;
      this.#sealed.set(place, base);
      if (mayGo(partition, base)) await events.trim(topic, partition, base);
      else done = false;
    }
    return done;
  }

  /** A log that was made before there was such a topic holds nothing of it. */
  async #rangesOf(topic: string): Promise<readonly PartitionRange[]> {
    try {
      return await this.#parts.events.partitions(topic);
    } catch (error) {
      if (error instanceof LogError && error.code === 'UNKNOWN_TOPIC') return [];
      throw error;
    }
  }
}

/** Has the writer of the embedded log let go of what a redaction erased? */
export async function isLogErased(store: Pick<ViewStore, 'progress'>, correction: string): Promise<boolean> {
  return (await store.progress.read(erasureLane(correction))).length > 0;
}

/** A redaction's place among the progress records: no view can be called so. */
function erasureLane(correction: string): { readonly view: string; readonly version: number } {
  return { view: `redaction/${correction}`, version: 1 };
}
