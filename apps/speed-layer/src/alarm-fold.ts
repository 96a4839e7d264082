import { rowAt, type LogAppender, type PartitionRange } from '@twofold/event-log';
import { RecordClass, TwofoldError, type Columns, type Stream } from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';
import type { Progress } from '@twofold/view-store';
import { compileCondition, type Alarm } from '@twofold/views';
import { alarmEvent } from './alarm-event.ts';
import type { SideFold } from './side-folds.ts';

/** Alarms have no versions; their progress does. */
const ALARM_VERSION = 1;
/** How often the position is noted while nothing is raised: what was read since then is read again after a crash. */
const NOTE_MS = 1_000;
const RETRY_MS = 20;
const RETRY_MS_MAX = 1_000;

export interface AlarmParts {
  readonly alarm: Alarm;
  readonly stream: Stream;
  readonly partition: number;
  /** Topic of the project's alarms. */
  readonly topic: string;
  readonly log: LogAppender;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Raises an alarm for each applied event that meets its condition, as an event of the alarms' own log (E26). The event's
 * id is (alarm, partition, offset): what is raised again after a crash is a duplicate there (E9), so each counts once.
 */
export class AlarmFold implements SideFold {
  readonly finished = false;
  readonly #parts: AlarmParts;
  readonly #meets: (columns: Columns, row: number) => boolean;
  readonly #keyField: number;
  #next: number;
  #saved: number;
  #notedAt = -Infinity;
  #raised: ReturnType<typeof alarmEvent>[] = [];
  #pendingBytes = 0;
  #maxEventTime: number | null = null;
  #lastLogTime: number | null = null;

  constructor(parts: AlarmParts, next: number) {
    this.#parts = parts;
    this.#meets = compileCondition(parts.alarm.when, parts.stream);
    this.#keyField = parts.stream.fields.findIndex((field) => field.name === parts.alarm.key);
    this.#next = next;
    this.#saved = next;
  }

  get next(): number {
    return this.#next;
  }

  apply(columns: Columns): void {
    if (columns.nextOffset <= this.#next) return;
    for (let row = rowAt(columns, this.#next); row < columns.count; row++) {
      this.#lastLogTime = columns.times[row] ?? this.#lastLogTime;
      if (columns.classes[row] !== RecordClass.applied) continue;
      this.#maxEventTime = Math.max(this.#maxEventTime ?? -Infinity, columns.eventTimes[row] ?? -Infinity);
      if (this.#meets(columns, row)) this.#raise(this.#event(columns, row));
    }
    this.#next = columns.nextOffset;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The alarms, durable; then the progress. A repeated append makes duplicates, which count once. */
  async flush(signal: AbortSignal): Promise<void> {
    const { alarm, topic, log, progress, partition } = this.#parts;
    const raised = this.#raised;
    const next = this.#next;
    const now = this.#parts.clock.monotonic();
    if (next === this.#saved || (raised.length === 0 && now < this.#notedAt + NOTE_MS)) return;
    this.#raised = [];
    this.#pendingBytes = 0;
    if (raised.length > 0) await this.#persist(() => log.append(topic, raised, signal), signal);
    const record = {
      view: alarmLane(alarm),
      version: ALARM_VERSION,
      partition,
      lane: 'base' as const,
      next,
      maxEventTime: this.#maxEventTime,
      lastLogTime: this.#lastLogTime,
      caughtUpAt: null,
    };
    await this.#persist(() => progress.write([record], signal), signal);
    this.#saved = next;
    this.#notedAt = now;
  }

  #raise(event: ReturnType<typeof alarmEvent>): void {
    this.#raised.push(event);
    this.#pendingBytes += event.value.byteLength;
  }

  #event(columns: Columns, row: number): ReturnType<typeof alarmEvent> {
    const { alarm, partition } = this.#parts;
    const column = columns.fields[this.#keyField];
    const key =
      column === undefined
        ? ''
        : column.kind === 'text'
          ? column.dictionary.text(column.ids[row] ?? 0)
          : String(column.values[row]);
    const offset = columns.offsets[row] ?? 0;
    return alarmEvent({ alarm, partition, offset, key, eventTime: columns.eventTimes[row] ?? 0 });
  }

  async #persist(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        await write();
        return;
      } catch (error) {
        if (!(error instanceof TwofoldError) || !error.retryable) throw error;
        this.#parts.logger.warn(`alarm ${this.#parts.alarm.name} could not be written, trying again in ${waitMs} ms`, {
          code: error.code,
        });
      }
      await this.#parts.clock.sleep(waitMs, signal);
    }
  }
}

/** An alarm's place among the progress records: no view can be called so. */
export function alarmLane(alarm: Alarm): string {
  return `alarm/${alarm.name}`;
}

/**
 * Notes where each alarm that is new begins: at the log's end as of now, not with history. Before anything is
 * accepted, so that what is sent from here on rings, whenever its fold starts and however often the process dies.
 */
export async function noteNewAlarms(parts: {
  readonly alarms: readonly Alarm[];
  readonly ranges: (stream: Stream) => Promise<readonly PartitionRange[]>;
  readonly progress: Progress;
}): Promise<void> {
  for (const alarm of parts.alarms) {
    const lane = { view: alarmLane(alarm), version: ALARM_VERSION, lane: 'base' as const };
    const known = new Set((await parts.progress.read(lane)).map((record) => record.partition));
    const begun = (await parts.ranges(alarm.stream))
      .filter(({ partition }) => !known.has(partition))
      .map(({ partition, end }) => ({
        ...lane,
        partition,
        next: end,
        maxEventTime: null,
        lastLogTime: null,
        caughtUpAt: null,
      }));
    if (begun.length > 0) await parts.progress.write(begun);
  }
}

/** The alarms of one partition, each going on where its progress says, or at `end` when nothing was noted of it. */
export async function alarmFolds(
  parts: Omit<AlarmParts, 'alarm'> & { readonly alarms: readonly Alarm[] },
  end: number,
): Promise<AlarmFold[]> {
  const { alarms, ...rest } = parts;
  const folds: AlarmFold[] = [];
  for (const alarm of alarms) {
    if (alarm.stream.name !== parts.stream.name) continue;
    const known = await parts.progress.read({ view: alarmLane(alarm), version: ALARM_VERSION });
    const next = known.find((record) => record.partition === parts.partition)?.next ?? end;
    folds.push(new AlarmFold({ ...rest, alarm }, next));
  }
  return folds;
}
