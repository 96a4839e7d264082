import type { ClassifiedRecord } from '@twofold/oracle';
import type { ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { Coverage } from './coverage.ts';
import type { Truth } from './truth.ts';

/** Where an event id stood last, in a record that is not rejected. */
interface Stood {
  readonly partition: number;
  readonly offset: number;
  readonly class: ClassifiedRecord['class'];
  /** Losses of the store until then. */
  readonly losses: number;
}

/** Counts which kinds of repetitions (E9) a history has had. Judges nothing: that is the oracle's part. */
export class RepeatWatch {
  readonly #truth: Truth;
  readonly #coverage: Coverage;
  /** By stream and id: where it stood last in each partition, the newest first. */
  readonly #stood = new Map<string, readonly Stood[]>();
  /** By stream: duplicates, with what they repeat. */
  readonly #pairs = new Map<string, { readonly partition: number; readonly first: number; readonly again: number }[]>();
  /** By stream and partition: below it the log has let go of its records. */
  readonly #starts = new Map<string, number>();

  constructor(truth: Truth, coverage: Coverage) {
    this.#truth = truth;
    this.#coverage = coverage;
  }

  trimmed(stream: string, partition: number, below: number): void {
    this.#starts.set(`${stream}/${partition}`, below);
  }

  /** Records of one append, as they came to stand in the log. */
  appended(stream: Stream, records: readonly ClassifiedRecord[]): void {
    const erased = this.#erased(stream.name);
    for (const record of records) {
      if (record.class === 'rejected') continue;
      const id = stream.id.map((name) => String(record.event.values.get(name))).join('|');
      const name = `${stream.name}|${id}`;
      const stood = this.#stood.get(name) ?? [];
      const before = stood.find(({ partition }) => partition === record.partition);
      if (before !== undefined) this.#note(stream, record, before, erased);
      else if (stood.length > 0) this.#coverage.repeatsElsewhere++;
      const { partition, offset } = record;
      const now = { partition, offset, class: record.class, losses: this.#coverage.storeLosses };
      this.#stood.set(name, [now, ...stood.filter((each) => each !== before)]);
    }
  }

  #note(stream: Stream, record: ClassifiedRecord, before: Stood, erased: ReadonlySet<string>): void {
    const coverage = this.#coverage;
    const { partition, offset } = record;
    const distance = offset - before.offset;
    if (distance === stream.dedupeHorizon + 1) coverage.repeatsBeyondHorizon++;
    if (record.class !== 'duplicate') return;
    if (distance === stream.dedupeHorizon) coverage.repeatsAtHorizon++;
    if (before.class === 'duplicate') coverage.repeatsOfRepeats++;
    if (before.losses < coverage.storeLosses) coverage.repeatsAcrossLoss++;
    if (before.offset < (this.#starts.get(`${stream.name}/${partition}`) ?? 0)) coverage.repeatsOfTrimmed++;
    if (erased.has(`${partition} ${before.offset}`)) coverage.repeatsOfErased++;
    const pairs = this.#pairs.get(stream.name) ?? [];
    this.#pairs.set(stream.name, pairs);
    pairs.push({ partition, first: before.offset, again: offset });
  }

  /** Of the duplicates so far, those whose cut lies between them and what they repeat, once for each entry. */
  countCuts(row: ControlRow): void {
    for (const { stream, cut, build } of Object.values(row.entries))
      for (const { partition, first, again } of build === null ? [] : (this.#pairs.get(stream) ?? []))
        if (first < (cut[partition] ?? 0) && (cut[partition] ?? 0) <= again) this.#coverage.repeatsAcrossCut++;
  }

  #erased(stream: string): ReadonlySet<string> {
    const { begun } = this.#truth.corrected.erasing(stream);
    const drops = begun.flatMap((id) => this.#truth.corrected.listOf(stream, [id]).flatMap((each) => each.drops));
    return new Set(drops.map(({ source, offset }) => `${source} ${offset}`));
  }
}
