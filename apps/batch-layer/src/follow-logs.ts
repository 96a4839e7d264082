import { isTwofoldError, type TwofoldError } from '@twofold/schemas';
import { LogArchiver, type ArchiveOptions } from './archive-log.ts';
import { deriveVersion } from './derive-version.ts';
import type { BatchPorts, BatchProject, StreamTopic } from './ports.ts';
import { registerStreams } from './register-project.ts';

/** Stream → what stops its archiving. */
export type Stopped = ReadonlyMap<string, TwofoldError>;

/** Keeps the archive of every stream of a project at its log's end. What stops one of them stops no other (E7). */
export class LogFollower {
  readonly #project: BatchProject;
  readonly #ports: BatchPorts;
  readonly #options: ArchiveOptions;
  readonly #archivers: ReadonlyMap<string, LogArchiver>;
  /** One archiver a stream at a time in this process. */
  readonly #archiving = new Map<string, Promise<unknown>>();
  #stopped: Stopped = new Map();
  /** What stops all of them. */
  #trouble: string | null = null;

  constructor(project: BatchProject, ports: BatchPorts, options: ArchiveOptions) {
    this.#project = project;
    this.#ports = ports;
    this.#options = options;
    this.#archivers = new Map(
      project.streams.map((topic) => [topic.stream.name, new LogArchiver(topic, ports, options)]),
    );
  }

  /** Why archives do not follow their logs at the moment, in words; none: they do. */
  get troubles(): readonly string[] {
    if (this.#trouble !== null) return [`the archive does not follow the log: ${this.#trouble}`];
    return [...this.#stopped].map(
      ([stream, error]) => `the archive of ${stream} does not follow its log: ${told(error)}`,
    );
  }

  /** Archives every stream up to its log's end as of now; gives what stops which. */
  async archiveAll(signal: AbortSignal): Promise<Stopped> {
    const registered = await registerStreams(this.#project, this.#ports, signal);
    const stopped = new Map(registered.stopped);
    for (const topic of this.#project.streams) {
      const { name } = topic.stream;
      if (stopped.has(name)) continue;
      try {
        await this.#archive(topic, registered.row.streams[name]?.origins ?? [], signal);
      } catch (error) {
        if (signal.aborted || !isTwofoldError(error)) throw error;
        stopped.set(name, error);
      }
    }
    this.#stopped = stopped;
    return stopped;
  }

  /** The same. @throws what stops one of these streams; what stops others is none of the caller's */
  async archiveFor(streams: Iterable<string>, signal: AbortSignal): Promise<void> {
    const stopped = await this.archiveAll(signal);
    for (const name of streams) {
      const error = stopped.get(name);
      if (error !== undefined) throw error;
    }
  }

  /** Archives again and again until the signal. What it meets is said once, and looked at again each time. */
  async follow(everyMs: number, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#ports;
    let said = '';
    while (!signal.aborted) {
      try {
        await this.archiveAll(signal);
        this.#trouble = null;
      } catch (error) {
        if (signal.aborted) return;
        this.#trouble = told(error);
      }
      const now = this.troubles.join('; ');
      if (now !== said && now !== '') logger.error(`${now}; trying again`, { streams: [...this.#stopped.keys()] });
      else if (now !== said) logger.info('the archive follows the log again');
      said = now;
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    for (const archiver of this.#archivers.values()) await archiver.close();
  }

  async #archive(topic: StreamTopic, origins: readonly number[], signal: AbortSignal): Promise<void> {
    const { name } = topic.stream;
    const before = this.#archiving.get(name) ?? Promise.resolve();
    const mine = before
      .catch(() => undefined)
      .then(async () => {
        const state = await this.#archivers.get(name)?.archiveUntilEnd(origins, signal);
        if (state !== undefined) await deriveVersion(topic, state, origins, this.#ports, this.#options, signal);
      });
    this.#archiving.set(name, mine);
    await mine;
  }
}

function told(error: unknown): string {
  return isTwofoldError(error) ? `${error.code}: ${error.message}` : String(error);
}
