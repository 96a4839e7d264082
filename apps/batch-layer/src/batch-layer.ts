import type { CompactionLimits } from '@twofold/archive';
import type { Stream } from '@twofold/schemas';
import type { Cron } from '@twofold/service';
import type { View } from '@twofold/views';
import { ARCHIVE_DEFAULTS, LogArchiver, type ArchiveOptions } from './archive-log.ts';
import { ARCHIVE_COLLECT_DEFAULTS, ArchiveCollector, type ArchiveCollectOptions } from './collect-archive.ts';
import { COLLECT_DEFAULTS, collect, emptyMemory, type CollectOptions } from './collect.ts';
import { COMPACTION_DEFAULTS, compactArchive } from './compact-archive.ts';
import { Corrections } from './corrections/corrections.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts, BatchProject } from './ports.ts';
import { recomputeViews, type RecomputeResult } from './recompute-views.ts';
import { ensureRegistered } from './register-project.ts';
import { runSchedule, type Job } from './schedule.ts';

export interface BatchOptions {
  /** How often the archive follows the log. */
  readonly archiveMs: number;
  readonly archive: ArchiveOptions;
  readonly collect: CollectOptions;
  readonly archiveCollect: ArchiveCollectOptions;
  readonly compaction: CompactionLimits;
  /** Schedule of views that declare none. */
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
  readonly #archivers: ReadonlyMap<string, LogArchiver>;
  readonly #memory = emptyMemory();
  readonly #collector: ArchiveCollector;
  /** Corrections of this project: planned, applied, taken back. */
  readonly corrections: Corrections;
  /** One archiver a stream at a time in this process. */
  readonly #archiving = new Map<string, Promise<unknown>>();

  constructor(project: BatchProject, ports: BatchPorts, options: BatchOptions = BATCH_DEFAULTS) {
    this.#project = project;
    this.#ports = ports;
    this.#options = options;
    this.#collector = new ArchiveCollector(ports, options.archiveCollect);
    this.corrections = new Corrections(project, ports, {
      archive: (signal) => this.archiveAll(signal),
      recompute: (views, signal) => this.recompute(views, signal),
    });
    this.#archivers = new Map(
      project.streams.map((topic) => [topic.stream.name, new LogArchiver(topic, ports, options.archive)]),
    );
  }

  /** Archives every stream up to its log's end as of now. */
  async archiveAll(signal: AbortSignal): Promise<void> {
    const row = await ensureRegistered(this.#project, this.#ports, signal);
    for (const { stream } of this.#project.streams)
      await this.#archive(stream, row.streams[stream.name]?.origins ?? [], signal);
  }

  /**
   * Archives up to now, recomputes the views, promotes them, lets go of what nothing needs any more, merges small archive
   * files, removes those that nothing names.
   */
  async recompute(views: readonly View[], signal: AbortSignal): Promise<RecomputeResult> {
    await this.archiveAll(signal);
    const result = await recomputeViews(views, this.#ports, signal);
    await collect(this.#ports, signal, this.#options.collect, this.#memory);
    for (const { stream } of this.#project.streams)
      await compactArchive(stream, this.#ports.archive, signal, this.#options.compaction);
    await this.#collector.collect(
      this.#project.streams.map(({ stream }) => stream.name),
      signal,
    );
    return result;
  }

  /** Runs until the signal: the archive follows the log, and each schedule's views are recomputed when due. */
  async run(cron: Cron, signal: AbortSignal): Promise<void> {
    await patiently(this.#ports.clock, () => ensureRegistered(this.#project, this.#ports, signal), signal);
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, ended.signal]);
    const guard = async (work: Promise<void>): Promise<void> => {
      try {
        await work;
      } finally {
        ended.abort();
      }
    };
    await Promise.all([guard(this.#follow(stop)), guard(runSchedule(this.jobs(), { ...this.#ports, cron }, stop))]);
    for (const archiver of this.#archivers.values()) await archiver.close();
  }

  /** One job a schedule: views that share one move together. */
  jobs(): Job[] {
    const bySchedule = new Map<string, View[]>();
    for (const view of this.#project.views) {
      const schedule = view.schedule ?? this.#options.schedule;
      bySchedule.set(schedule, [...(bySchedule.get(schedule) ?? []), view]);
    }
    return [...bySchedule].map(([schedule, views]) => ({
      name: `recompute ${schedule}`,
      subjects: views.map((view) => view.name),
      schedule,
      run: async (signal) => {
        const { release, facts } = await this.recompute(views, signal);
        return { release, facts };
      },
    }));
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.archiveAll(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#ports.logger.error('the archive does not follow the log; trying again', { error: String(error) });
      }
      await this.#ports.clock.sleep(this.#options.archiveMs, signal).catch(() => undefined);
    }
  }

  async #archive(stream: Stream, origins: readonly number[], signal: AbortSignal): Promise<void> {
    const before = this.#archiving.get(stream.name) ?? Promise.resolve();
    const mine = before
      .catch(() => undefined)
      .then(() => this.#archivers.get(stream.name)?.archiveUntilEnd(origins, signal));
    this.#archiving.set(stream.name, mine);
    await mine;
  }
}
