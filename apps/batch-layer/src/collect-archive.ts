import { collectable, type StoredFile } from '@twofold/archive';
import { readControl } from './change-control.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';

export interface ArchiveCollectOptions {
  /** A file that nothing names stays for at least this long after it was found: somebody may be reading it. */
  readonly graceMs: number;
}

export const ARCHIVE_COLLECT_DEFAULTS: ArchiveCollectOptions = { graceMs: 60 * 60 * 1000 };

type CollectPorts = Pick<BatchPorts, 'archive' | 'store' | 'clock' | 'logger'>;

/** When a file was first found without a name, and the number of the head then. */
interface Found {
  readonly atMs: number;
  readonly headNumber: number;
}

/**
 * Removes data files that nothing names: those that a compaction replaced, those whose writer died before a manifest
 * named them, and left-overs that were never finished.
 *
 * That no *manifest* can name a file again is proved by `collectable`, whoever stands still for however long. That no
 * *reader* needs it is a matter of time, counted by this process's own clock from when it first found the file: a reader
 * takes its files from a head that it has just read, and a build from one that it read before it registered its
 * candidate; so files wait for `graceMs`, and for every candidate that registered before that time was over. A reader
 * that is slower still finds the file missing, never another one in its place, and reads the head again.
 *
 * What it knows is in memory only. A process that dies at any step has removed some files and not others; the next one
 * finds the rest and waits anew. Several may work at once: a file that is gone is fine.
 */
export class ArchiveCollector {
  readonly #ports: CollectPorts;
  readonly #options: ArchiveCollectOptions;
  /** By file name. */
  readonly #found = new Map<string, Found>();
  /** Candidate → a time before which it was not registered. */
  readonly #candidates = new Map<string, number>();
  /** When this process last looked at the candidates. */
  #lookedAt: number | null = null;

  constructor(ports: CollectPorts, options: ArchiveCollectOptions = ARCHIVE_COLLECT_DEFAULTS) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Gives how many files were removed. */
  async collect(streams: readonly string[], signal: AbortSignal): Promise<number> {
    const { archive, clock, logger } = this.#ports;
    const there = new Set<string>();
    const old: StoredFile[] = [];
    const leftOver = new Set<string>();
    for (const stream of streams) {
      const { files, unfinished } = await patiently(clock, () => archive.listStored(stream), signal);
      // After the listing: what it shows was written on this head or on an earlier one.
      const head = await patiently(clock, () => archive.head(stream), signal);
      const named = new Set(head.files.map((file) => file.name));
      for (const file of files) {
        if (named.has(file.name)) continue;
        there.add(file.name);
        const found = this.#note(file.name, head.number);
        if (collectable(file, found.headNumber, head)) old.push(file);
      }
      for (const name of unfinished) {
        there.add(name);
        this.#note(name, 0);
        leftOver.add(name);
      }
    }
    for (const name of this.#found.keys()) if (!there.has(name)) this.#found.delete(name);
    const waitedFor = await this.#oldEnough(signal);
    const gone = [...old.map((file) => file.name), ...leftOver].filter(waitedFor);
    if (gone.length === 0) return 0;
    logger.info('archive files that nothing names are removed', { files: gone.length });
    await patiently(clock, () => archive.removeStored(gone), signal);
    return gone.length;
  }

  #note(name: string, headNumber: number): Found {
    const known = this.#found.get(name) ?? { atMs: this.#ports.clock.monotonic(), headNumber };
    this.#found.set(name, known);
    return known;
  }

  /** Is the grace of a file over, and every candidate gone that was registered before it was? */
  async #oldEnough(signal: AbortSignal): Promise<(name: string) => boolean> {
    const { clock, store } = this.#ports;
    const { graceMs } = this.#options;
    const now = clock.monotonic();
    const registered = (await readControl(store.control, clock, signal))?.candidates.map(({ id }) => id) ?? [];
    for (const id of this.#candidates.keys()) if (!registered.includes(id)) this.#candidates.delete(id);
    for (const id of registered) if (!this.#candidates.has(id)) this.#candidates.set(id, this.#lookedAt ?? now);
    this.#lookedAt = now;
    const earliest = Math.min(now, ...this.#candidates.values());
    return (name) => {
      const found = this.#found.get(name);
      return found !== undefined && earliest - found.atMs >= graceMs;
    };
  }
}
