import {
  CorrectionError,
  runsOf,
  sizeOf,
  unionOf,
  type Runs,
  type ShownEvent,
  type Targets,
} from '@twofold/corrections';
import { RecordClass, type Columns, type Stream } from '@twofold/schemas';
import type { CountedRows } from './counted-events.ts';
import type { EffectCounter } from './effect-counter.ts';
import { shownEvent } from './shown-event.ts';

/** Events that one correction may hit: its list of positions is held in memory wherever it is in force. */
export const MAX_TARGETS = 1_000_000;
/** Events that a plan shows. */
export const SAMPLE = 10;
/** What is touched is kept in steps of event time so wide. */
export const TOUCHED_MS = 60_000;

/** Throws TOO_MANY_TARGETS. */
export function requireAtMost(count: number): void {
  if (count <= MAX_TARGETS) return;
  throw new CorrectionError(
    'TOO_MANY_TARGETS',
    `More than ${MAX_TARGETS} events match. Divide the correction, by event time for instance. Nothing was changed.`,
  );
}

/** Collects what a correction hits, file by file. */
export class TargetFinder {
  readonly #stream: Stream;
  readonly #runs = new Map<number, Runs[]>();
  readonly #minutes = new Set<number>();
  readonly #keeps: boolean;
  readonly sample: ShownEvent[] = [];
  readonly effects: EffectCounter;
  count = 0;
  /** Records looked at. */
  recordsRead = 0;

  /** @param keeps their positions, of so many as can be kept; else they are only counted */
  constructor(stream: Stream, effects: EffectCounter, keeps = true) {
    this.#stream = stream;
    this.effects = effects;
    this.#keeps = keeps;
  }

  /** Takes the rows for which the test holds. Throws TOO_MANY_TARGETS where positions are kept. */
  take({ source, columns }: CountedRows, meant: (columns: Columns, row: number) => boolean): void {
    this.recordsRead += columns.count;
    const offsets: number[] = [];
    const hit = { ...columns, classes: columns.classes.slice() };
    for (let row = 0; row < columns.count; row++) {
      if (columns.classes[row] !== RecordClass.applied) continue;
      if (!meant(columns, row)) {
        hit.classes[row] = RecordClass.control;
        continue;
      }
      offsets.push(columns.offsets[row] ?? 0);
      if (this.sample.length < SAMPLE) this.sample.push(shownEvent(this.#stream, source, columns, row));
    }
    this.count += offsets.length;
    if (this.#keeps) requireAtMost(this.count);
    if (offsets.length === 0) return;
    if (this.#keeps) this.#runs.set(source, [...(this.#runs.get(source) ?? []), runsOf(offsets)]);
    this.touch(hit);
    this.effects.add(hit);
  }

  /** Marks the event time of every row that counts. */
  touch({ classes, eventTimes, count }: Columns): void {
    for (let row = 0; row < count; row++)
      if (classes[row] === RecordClass.applied) this.#minutes.add(Math.floor((eventTimes[row] ?? 0) / TOUCHED_MS));
  }

  /** By source, rising. */
  targets(): Targets {
    return [...this.#runs]
      .sort(([a], [b]) => a - b)
      .map(([source, lists]) => ({ source, runs: unionOf(lists) }))
      .filter(({ runs }) => sizeOf(runs) > 0);
  }

  touched(): Runs {
    const rising = [...this.#minutes].sort((a, b) => a - b);
    return runsOf(rising).map(([from, to]) => [from * TOUCHED_MS, to * TOUCHED_MS]);
  }
}
