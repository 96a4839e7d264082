import type { Platform } from '@twofold/cli';
import type { LoadedProject } from '@twofold/cli';
import { sleep } from './until.ts';

/**
 * Looks at the speed rows and lanes in the store again and again: no row may ever show a lower applied offset than it
 * showed before, and no lane a lower position (E5, E6), whoever writes them.
 */
export class OffsetWatch {
  /** Rows and lanes that were looked at, each time counted. */
  looks = 0;
  /** Times that the store could not be asked: that is allowed. */
  unanswered = 0;
  /** The first that went back, in words. */
  difference: string | null = null;
  readonly #platform: Platform;
  readonly #project: LoadedProject['project'];
  readonly #seen = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(project: LoadedProject['project'], platform: Platform, everyMs = 250) {
    this.#project = project;
    this.#platform = platform;
    this.#done = this.#run(everyMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(everyMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const { name, version } of this.#project.views)
        await this.#look({ view: name, version }).catch(() => this.unanswered++);
      await sleep(everyMs);
    }
  }

  async #look(of: { view: string; version: number }): Promise<void> {
    const { store } = this.#platform;
    const lanes = await store.progress.read(of);
    for (const { partition, lane, next } of lanes) this.#note(`${of.view} partition ${partition} lane ${lane}`, next);
    for (const partition of new Set(lanes.map((each) => each.partition))) {
      const everything = { ...of, partition, buckets: null, startFrom: 0, startBelow: Infinity };
      for (const { start, end, bucket, appliedOffset } of await store.speedRows.read(everything))
        this.#note(`${of.view} partition ${partition} row ${start}-${end} bucket ${bucket}`, appliedOffset);
    }
  }

  #note(what: string, offset: number): void {
    const before = this.#seen.get(what) ?? -Infinity;
    this.looks++;
    if (offset < before) this.difference ??= `${what} went back from ${before} to ${offset}`;
    this.#seen.set(what, Math.max(before, offset));
  }
}
