import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '@twofold/cli';
import type { TwofoldProcess } from './dev-process.ts';

type Store = Pick<Platform['store'], 'jobs' | 'runs'>;

/** Scheduled runs of a data folder, watched from beside: which go on, which were killed, and what became of those. */
export class ScheduledRuns {
  /** Ids of runs whose process was killed in the midst of them. */
  readonly killed: string[] = [];
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Kills a process while a scheduled run of it goes on, some way into it.
   * @param part of the time that runs take, from 0 to 1
   * @returns false when the run had ended before
   */
  async killOne(process: TwofoldProcess, part: number): Promise<boolean> {
    const usualMs = await this.#usualMs();
    let run: string | undefined;
    for (const until = performance.now() + 60_000; run === undefined && performance.now() < until;) {
      run = (await this.#going()).find((id) => !this.killed.includes(id));
      if (run === undefined) await sleep(2);
    }
    if (run === undefined) throw new Error('no scheduled run began');
    await sleep(part * usualMs);
    await process.kill('SIGKILL');
    if (!(await this.#going()).includes(run)) return false;
    this.killed.push(run);
    return true;
  }

  /** Killed runs that nobody has closed yet: whoever runs the schedule does, after a lease. */
  async open(): Promise<number> {
    return (await this.#going()).filter((id) => this.killed.includes(id)).length;
  }

  /** By state, the killed runs; and slots that more than one release was made for. */
  async ends(): Promise<{ states: Record<string, number>; slotsDoneTwice: number }> {
    const runs = await this.#store.runs.list({ limit: 100_000 });
    const states: Record<string, number> = {};
    for (const { state } of runs.filter(({ id }) => this.killed.includes(id))) states[state] = (states[state] ?? 0) + 1;
    const releases = new Map<string, Set<string>>();
    for (const { job, slot, release } of runs)
      if (slot !== null && release !== null)
        releases.set(`${job} ${slot}`, (releases.get(`${job} ${slot}`) ?? new Set()).add(release));
    return { states, slotsDoneTwice: [...releases.values()].filter(({ size }) => size > 1).length };
  }

  async #going(): Promise<string[]> {
    return (await this.#store.jobs.list()).flatMap(({ holder }) => holder?.run.id ?? []);
  }

  /** Half of the latest runs that made something took no longer. */
  async #usualMs(): Promise<number> {
    const took = (await this.#store.runs.list({ limit: 30 }))
      .filter(({ slot, release }) => slot !== null && release !== null)
      .map(({ startedAt, endedAt }) => (endedAt ?? startedAt) - startedAt)
      .sort((a, b) => a - b);
    return took[took.length >> 1] ?? 100;
  }
}
