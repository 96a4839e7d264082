import type { ControlRow } from '@twofold/releases';
import type { JobRow } from '@twofold/schedules';

/**
 * What has to be true of every change of a job's row and of what runs of jobs do to the control row, whoever makes it
 * and whatever clocks say: one holder at a time, one effective run a slot, nothing done under a fence that is passed.
 */
export class JobWatch {
  /** Virtual time, and how long a lease is in it. */
  now: () => number = () => 0;
  leaseMs = 0;
  readonly #fail: (invariant: string, message: string) => void;
  readonly #rows = new Map<string, JobRow>();
  /** Job → when its holder last showed a sign of life. */
  readonly #aliveAt = new Map<string, number>();
  /** `job|slot` → the run that made a release for it, or that ended well without one. */
  readonly #effects = new Map<string, string>();
  readonly #ended = new Map<string, string>();
  /** Job → the fence of the newest run whose work has begun. */
  readonly #begun = new Map<string, number>();

  constructor(fail: (invariant: string, message: string) => void) {
    this.#fail = fail;
  }

  clear(): void {
    for (const each of [this.#rows, this.#aliveAt, this.#effects, this.#ended, this.#begun]) each.clear();
  }

  /** A run's work begins: who held the job before has nothing to say any more. */
  begins(job: string, fence: number): void {
    this.#begun.set(job, Math.max(fence, this.#begun.get(job) ?? 0));
  }

  changed(row: JobRow): void {
    const { job } = row;
    const before = this.#rows.get(job);
    this.#rows.set(job, row);
    if (row.sequence !== (before?.sequence ?? 0) + 1)
      this.#fail('SLOT', `row of ${job}: sequence ${row.sequence} follows ${before?.sequence ?? 0}`);
    if (row.fence < (before?.fence ?? 0)) this.#fail('FENCE', `fence of ${job} falls to ${row.fence}`);
    const [was, is] = [before?.holder ?? null, row.holder];
    if (is !== null && was !== null && is.run.id !== was.run.id)
      this.#fail('FENCE', `${job} is held by ${is.run.id} while ${was.run.id} holds it`);
    if (is !== null && was === null) this.#held(row);
    if (is === null && was !== null) this.#left(row);
    if (is !== null && (was?.beat !== is.beat || before?.fence !== row.fence)) this.#aliveAt.set(job, this.now());
  }

  #held({ job, fence, holder, settled }: JobRow): void {
    const slot = holder?.run.slot ?? null;
    if (slot === null) return;
    const done = this.#ended.get(`${job}|${slot}`);
    if (done !== undefined && done !== holder?.run.id)
      this.#fail(
        'SLOT',
        `slot ${slot} of ${job} was done by ${done} and is taken by ${holder?.run.id}, fence ${fence}`,
      );
    if (settled.some(({ from, to }) => from <= slot && slot <= to))
      this.#fail('SLOT', `slot ${slot} of ${job} is settled and is taken`);
  }

  #left({ job, last }: JobRow): void {
    if (last?.state === 'SUCCEEDED' && last.slot !== null) this.#ended.set(`${job}|${last.slot}`, last.id);
    const silentMs = this.now() - (this.#aliveAt.get(job) ?? 0);
    // A run that gives itself up says why; one that others closed has no error of its own.
    if (last?.state === 'ABANDONED' && last.error === null && silentMs < this.leaseMs)
      this.#fail('LEASE', `run ${last.id} of ${job} was closed ${silentMs} ms after a sign of life`);
  }

  controlChanged(before: ControlRow, row: ControlRow): void {
    for (const [job, mark] of Object.entries(row.jobs ?? {})) {
      const known = before.jobs?.[job];
      if (mark.fence < (known?.fence ?? 0)) this.#fail('FENCE', `${job}: fence ${mark.fence} follows ${known?.fence}`);
      if (mark.release === (known?.release ?? null) || mark.slot === null || mark.run === null) continue;
      if (mark.fence < (this.#begun.get(job) ?? 0))
        this.#fail(
          'FENCE',
          `run ${mark.run} of ${job} acts with fence ${mark.fence} after ${this.#begun.get(job)} began`,
        );
      const slot = `${job}|${mark.slot}`;
      const other = this.#effects.get(slot) ?? mark.run;
      if (other !== mark.run) this.#fail('SLOT', `slot ${mark.slot} of ${job} was done by ${other} and by ${mark.run}`);
      this.#effects.set(slot, mark.run);
    }
  }
}
