import { derivedStream, type CompactionLimits } from '@twofold/archive';
import type { GateResult } from '@twofold/corrections';
import type { Schedule } from '@twofold/schedules';
import { isTwofoldError } from '@twofold/schemas';
import type { Cron } from '@twofold/service';
import { DEFAULT_RESTATEMENTS, type View } from '@twofold/views';
import { ARCHIVE_DEFAULTS, type ArchiveOptions } from './archive-log.ts';
import { ARCHIVE_COLLECT_DEFAULTS, ArchiveCollector, type ArchiveCollectOptions } from './collect-archive.ts';
import { DOCUMENT_COLLECT_DEFAULTS, DocumentCollector } from './collect-documents.ts';
import { COLLECT_DEFAULTS, collect, emptyMemory, type CollectOptions } from './collect.ts';
import { COMPACTION_DEFAULTS, compactArchive } from './compact-archive.ts';
import { Corrections } from './corrections/corrections.ts';
import type { RunMaker } from './corrections/record-run.ts';
import { LogFollower } from './follow-logs.ts';
import type { Job, JobResult, Lack, RunWork } from './job.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts, BatchProject } from './ports.ts';
import { whatIsLacking } from './readiness.ts';
import { buildAndPromote, type RecomputeOptions, type RecomputeResult } from './recompute-views.ts';
import { registerStreams } from './register-project.ts';
import { reviewCandidate, type Reviewed } from './review/review-candidate.ts';
import { runViews } from './run-views.ts';
import { runSchedule } from './schedule.ts';
import { scheduledViews } from './scheduled-views.ts';

export interface RunOptions extends RecomputeOptions {
  /** Compare with what is live also when neither a gate nor the feed asks for it. */
  readonly compare?: boolean;
  /** Gates that are only told, by name: somebody has looked at what they stopped. */
  readonly passing?: readonly string[];
}

export interface BatchOptions extends RunMaker {
  /** How often the archive follows the log. */
  readonly archiveMs: number;
  readonly archive: ArchiveOptions;
  readonly collect: CollectOptions;
  readonly archiveCollect: ArchiveCollectOptions;
  readonly compaction: CompactionLimits;
  /** Cron expression, UTC, of views that declare no schedule. */
  readonly schedule: string;
}

export const BATCH_DEFAULTS: BatchOptions = {
  archiveMs: 5_000,
  archive: ARCHIVE_DEFAULTS,
  collect: COLLECT_DEFAULTS,
  archiveCollect: ARCHIVE_COLLECT_DEFAULTS,
  compaction: COMPACTION_DEFAULTS,
  schedule: '*/15 * * * *',
};

/** The batch layer of one project: archives the log, recomputes views, lets go of what is no longer needed. */
export class BatchLayer {
  readonly #project: BatchProject;
  readonly #ports: BatchPorts;
  readonly #options: BatchOptions;
  readonly #follower: LogFollower;
  readonly #memory = emptyMemory();
  readonly #collector: ArchiveCollector;
  readonly #documents: DocumentCollector;
  /** Corrections of this project: planned, applied, taken back. */
  readonly corrections: Corrections;

  constructor(project: BatchProject, ports: BatchPorts, options: BatchOptions = BATCH_DEFAULTS) {
    this.#project = project;
    this.#ports = ports;
    this.#options = options;
    this.#collector = new ArchiveCollector(ports, options.archiveCollect);
    this.#documents = new DocumentCollector(ports, {
      ...DOCUMENT_COLLECT_DEFAULTS,
      graceMs: options.archiveCollect.graceMs,
    });
    this.corrections = new Corrections(project, ports, {
      archive: (stream, signal) => this.#follower.archiveFor([stream], signal),
      recompute: (views, signal) => this.recompute(views, signal, { compare: true }),
      maker: this.#maker(),
    });
    this.#follower = new LogFollower(project, ports, options.archive);
  }

  /** Why archives do not follow their logs at the moment, in words; none: they do. */
  get troubles(): readonly string[] {
    return this.#follower.troubles;
  }

  /**
   * Archives every stream up to its log's end as of now.
   * @throws what stops one of them, after the others were archived
   */
  async archiveAll(signal: AbortSignal): Promise<void> {
    for (const error of (await this.#follower.archiveAll(signal)).values()) throw error;
  }

  /**
   * Archives up to now, recomputes the views, holds them against the project's gates, promotes them, lets go of what
   * nothing needs any more, merges small archive files, removes those that nothing names.
   */
  async recompute(views: readonly View[], signal: AbortSignal, options: RunOptions = {}): Promise<RecomputeResult> {
    await this.#follower.archiveFor(
      views.map(({ stream }) => stream.name),
      signal,
    );
    const result = await this.#reviewed(views, signal, options);
    await collect(this.#ports, signal, this.#options.collect, this.#memory);
    const chains = this.#project.streams.flatMap(({ stream }) => [stream, derivedStream(stream)]);
    for (const chain of chains) await compactArchive(chain, this.#ports.archive, signal, this.#options.compaction);
    await this.#collector.collect(
      chains.map(({ name }) => name),
      signal,
    );
    await this.#documents.collect(
      this.#project.streams.map(({ stream }) => stream.name),
      signal,
    );
    return result;
  }

  async #reviewed(views: readonly View[], signal: AbortSignal, options: RunOptions): Promise<RecomputeResult> {
    const { gates = [], restatements = DEFAULT_RESTATEMENTS } = this.#project;
    const { compare = false, passing = [], watch } = options;
    const task = {
      ...{ restatements, compare, correction: null, preview: false },
      gates: gates.map((gate) => (passing.includes(gate.name) ? { ...gate, severity: 'warn' as const } : gate)),
      gated: (results: readonly GateResult[]) => watch?.gated?.(results),
    };
    const seen: { review: Reviewed | null } = { review: null };
    const result = await buildAndPromote(views, this.#ports, signal, options, async (built) => {
      seen.review = await reviewCandidate(built, task, this.#ports, signal);
      return seen.review;
    });
    return seen.review === null ? result : { ...result, diff: seen.review.diff };
  }

  /** Runs until the signal: the archive follows the log, and each schedule's views are recomputed when due. */
  async run(cron: Cron, signal: AbortSignal): Promise<void> {
    await patiently(this.#ports.clock, () => registerStreams(this.#project, this.#ports, signal), signal);
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, ended.signal]);
    const guard = async (work: Promise<void>): Promise<void> => {
      try {
        await work;
      } finally {
        ended.abort();
      }
    };
    await Promise.all([
      guard(this.#follower.follow(this.#options.archiveMs, stop)),
      guard(runSchedule(this.jobs(), { ...this.#ports, cron }, stop)),
    ]);
    await this.#follower.close();
  }

  #maker(): RunMaker {
    const { engine, code } = this.#options;
    return { ...(engine === undefined ? {} : { engine }), ...(code === undefined ? {} : { code }) };
  }

  /** One job a schedule: views that share one move together. */
  jobs(): Job[] {
    return scheduledViews(this.#project.views, this.#options.schedule).map(({ job, schedule, views }) => ({
      name: job,
      subjects: views.map((view) => view.name),
      schedule,
      ...this.#maker(),
      ready: (signal) => this.#ready(views, schedule, signal),
      run: (work, signal) => this.#run(views, work, signal),
    }));
  }

  /**
   * Archives what the logs hold as it is called, and looks what a run would still lack. A stream whose log can not be
   * followed any more keeps nobody waiting: the run itself names it.
   */
  async #ready(views: readonly View[], schedule: Schedule, signal: AbortSignal): Promise<readonly Lack[]> {
    const wanted = new Set(views.map(({ stream }) => stream.name));
    const ends = new Map<string, number[]>();
    for (const { stream, topic } of this.#project.streams.filter((each) => wanted.has(each.stream.name)))
      try {
        const ranges = await this.#ports.log.partitions(topic);
        ends.set(
          stream.name,
          ranges.map(({ end }) => end),
        );
      } catch (error) {
        if (mayPass(error)) throw error;
      }
    for (const [name, error] of await this.#follower.archiveAll(signal)) {
      if (wanted.has(name) && mayPass(error)) throw error;
      ends.delete(name);
    }
    const { row } = await registerStreams(this.#project, this.#ports, signal);
    return whatIsLacking(views, schedule.ready, row, ends, this.#ports, signal);
  }

  #run(views: readonly View[], work: RunWork, signal: AbortSignal): Promise<JobResult> {
    const wanted = views.filter(({ name }) => work.views.includes(name));
    return runViews(wanted, work, (some, stop, options) => this.recompute(some, stop, options), this.#ports, signal);
  }
}

/** Is it worth while to try again? */
const mayPass = (error: unknown): boolean => !isTwofoldError(error) || error.retryable;
