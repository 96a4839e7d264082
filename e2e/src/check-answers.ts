import { compareAnswers, oracleAnswer, type ClassifiedRecord, type ServedRow } from '@twofold/oracle';
import type { View } from '@twofold/views';
import { WATCHED, WATCHED_SENSOR, type WatchedAnswer, type WatchedRow } from './answer-watch.ts';
import { WindowCounts } from './window-counts.ts';

export interface WatchVerdict {
  /** Answers whose counts were compared, and those of them in which every value was. */
  readonly answers: number;
  readonly inFull: number;
  /** The first answer that is not the oracle's over what it claims to hold, or that went back; null: none. */
  readonly difference: string | null;
}

/** Answers over all sensors in which every value is compared, at most: each takes a pass over the log. */
const FULL = 12;
/** The same for answers of one sensor. */
const FULL_OF_SENSOR = 80;
/**
 * Compares what the API answered meanwhile with the oracle. An answer may be old, or refused, and never a plausible
 * total with a hole (E22): it has all that it claims, and of what came after that, by partition, all up to somewhere,
 * since rows are stored before the progress that proves them (E6).
 */
export function checkAnswers(
  answers: readonly WatchedAnswer[],
  views: readonly View[],
  log: readonly ClassifiedRecord[],
): WatchVerdict {
  let [counted, inFull] = [0, 0];
  const partitions = log.reduce((most, { partition }) => Math.max(most, partition + 1), 0);
  for (const view of views) {
    const mine = answers.filter((answer) => answer.view === view.name).map((answer) => ofAll(answer, partitions));
    if (mine.length === 0) continue;
    counted += mine.length;
    const back = goesBack(mine);
    if (back !== null) return { answers: counted, inFull, difference: back };
    const found = view.name === 'sensorMinute' ? checkSensor(view, log, mine) : checkPlant(view, log, mine);
    inFull += found.inFull;
    if (found.difference !== null) return { answers: counted, inFull, difference: found.difference };
  }
  return { answers: counted, inFull, difference: null };
}

/** Nothing is claimed of a partition that the topic got later. */
function ofAll(answer: WatchedAnswer, partitions: number): WatchedAnswer {
  return { ...answer, positions: Array.from({ length: partitions }, (_, p) => answer.positions[p] ?? 0) };
}

type Found = Omit<WatchVerdict, 'answers'>;

const isWatched = (record: ClassifiedRecord): boolean =>
  record.class === 'applied' && record.event.values.get('sensorId') === WATCHED_SENSOR;

/** Each answer holds a sensor's events up to some position of each partition, at or above what it claims. */
function checkSensor(view: View, log: readonly ClassifiedRecord[], answers: readonly WatchedAnswer[]): Found {
  const records = log.filter(isWatched);
  const step = Math.max(1, Math.ceil(answers.length / FULL_OF_SENSOR));
  let inFull = 0;
  for (const answer of answers.filter((_, i) => i % step === 0)) {
    const difference = differenceOf(view, records, answer);
    if (difference !== null) return { inFull, difference: told(answer, difference) };
    inFull++;
  }
  return { inFull, difference: null };
}

/** Null: it is the oracle's over what it claims, or over that and what came next. */
function differenceOf(view: View, records: readonly ClassifiedRecord[], answer: WatchedAnswer): string | null {
  const difference = compared(view, records, answer);
  if (difference === null) return null;
  for (const positions of heldUpTo(view, records, answer))
    if (compared(view, records, { ...answer, positions }) === null) return null;
  return difference;
}

/**
 * Up to where the answer may hold each partition: what it claims, moved on by partition over so many events that they
 * have as many readings as the answer has more than it claims. A sensor's events are in two partitions when the topic got
 * one more, and rows of both may be ahead of the progress that proves them.
 */
function* heldUpTo(view: View, records: readonly ClassifiedRecord[], answer: WatchedAnswer): Generator<number[]> {
  const { positions, rows } = answer;
  const isClaimed = ({ partition, offset }: ClassifiedRecord): boolean => offset < (positions[partition] ?? 0);
  const readings = rows.reduce((sum, row) => sum + Number(row.readings), 0);
  const claimed = records.filter(isClaimed).reduce((sum, record) => sum + windowsOf(view, record), 0);
  const ahead = records.filter((record) => !isClaimed(record));
  function* movedOn(partition: number, missing: number): Generator<number[]> {
    const claim = positions[partition];
    if (claim === undefined) {
      if (missing === 0) yield [];
      return;
    }
    let [upTo, left] = [claim, missing];
    for (const rest of movedOn(partition + 1, left)) yield [upTo, ...rest];
    for (const record of ahead.filter((each) => each.partition === partition)) {
      if (windowsOf(view, record) === 0) continue;
      left -= windowsOf(view, record);
      if (left < 0) return;
      upTo = record.offset + 1;
      for (const rest of movedOn(partition + 1, left)) yield [upTo, ...rest];
    }
  }
  yield* movedOn(0, readings - claimed);
}

/** In how many of the watched windows an event counts. */
function windowsOf({ window }: View, record: ClassifiedRecord): number {
  if (record.class !== 'applied' || !('sizeMs' in window)) return 0;
  const { sizeMs, everyMs } = window;
  const { timeMs } = record.event;
  const steps = (ms: number): number => Math.floor(ms / everyMs);
  const last = Math.min(steps(timeMs + sizeMs), steps(WATCHED.to));
  return Math.max(0, last - Math.max(steps(timeMs), steps(WATCHED.from)));
}

/** Over all sensors: the counts of every answer, and every value of those that hold exactly what they claim. */
function checkPlant(view: View, log: readonly ClassifiedRecord[], answers: readonly WatchedAnswer[]): Found {
  const counts = new WindowCounts(view, log);
  let inFull = 0;
  let fullFrom = 0;
  for (const [i, answer] of answers.entries()) {
    const difference = counts.difference(answer);
    if (typeof difference === 'string') return { inFull, difference: told(answer, difference) };
    if (difference > 0 || i < fullFrom) continue;
    fullFrom = i + answers.length / FULL;
    inFull++;
    const inValues = compared(view, log, answer);
    if (inValues !== null) return { inFull, difference: told(answer, inValues) };
  }
  return { inFull, difference: null };
}

function told({ view, atMs, release, positions }: WatchedAnswer, difference: string): string {
  return `${view}, ${(atMs / 1_000).toFixed(1)} s after the watch began, of ${release} up to ${positions.join(' ')}: ${difference}`;
}

/** What was in an answer is in every later one. */
function goesBack(answers: readonly WatchedAnswer[]): string | null {
  for (const [i, answer] of answers.entries()) {
    const before = answers[i - 1]?.positions ?? [];
    const partition = before.findIndex((position, p) => (answer.positions[p] ?? 0) < position);
    if (partition !== -1)
      return told(
        answer,
        `partition ${partition} went back from ${before[partition] ?? 0} to ${answer.positions[partition] ?? 0}`,
      );
  }
  return null;
}

function compared(view: View, records: readonly ClassifiedRecord[], answer: WatchedAnswer): string | null {
  const { positions, watermark, rows } = answer;
  const oracle = oracleAnswer(view, records, { ...WATCHED, upTo: positions, watermark });
  const dimensions = view.dimensions.length === 0 ? {} : { sensor: WATCHED_SENSOR };
  return compareAnswers(
    oracle,
    rows.map((row) => servedRow(row, dimensions)),
  );
}

function servedRow({ windowStart, windowEnd, ...values }: WatchedRow, dimensions: ServedRow['dimensions']): ServedRow {
  return {
    dimensions,
    windowStart: Date.parse(windowStart),
    windowEnd: Date.parse(windowEnd),
    values: { ...values, readings: Number(values.readings) },
  };
}
