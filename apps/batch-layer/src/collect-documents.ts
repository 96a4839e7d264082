import type { ControlRow } from '@twofold/releases';
import { readControl } from './change-control.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { releaseOfDiff } from './review/diff-store.ts';
import { releaseOfRestatements } from './review/told-restatements.ts';

export interface DocumentCollectOptions {
  /** A document stays for at least this long after it was found: a rollback keeps it before its release is live. */
  readonly graceMs: number;
  /** Differences of one stream that stay when their release is not kept any more, the newest. */
  readonly diffs: number;
}

export const DOCUMENT_COLLECT_DEFAULTS: DocumentCollectOptions = { graceMs: 60 * 60 * 1000, diffs: 1_000 };

type CollectPorts = Pick<BatchPorts, 'archive' | 'store' | 'clock'>;

/** When a document was first found, and the candidates that were registered then: one of them may have kept it. */
interface Found {
  readonly atMs: number;
  readonly candidates: readonly string[];
}

/**
 * Removes what runs keep beside the archive once nobody needs it: what a release tells when it has been told, and all but
 * the newest differences of releases that are gone.
 *
 * What is to be told is kept before its release is live: by a candidate that is registered by then, or by a rollback. So
 * it goes when its release is on the list of those to be told no more, and none of the candidates of when it was found is
 * registered any more, and the grace of a rollback is over by this process's own clock. A rollback that stood still for
 * longer is live and told of nothing, which the teller logs.
 *
 * What it knows is in memory only; several may work at once: a document that is gone is fine.
 */
export class DocumentCollector {
  readonly #ports: CollectPorts;
  readonly #options: DocumentCollectOptions;
  /** By stream and name. */
  readonly #found = new Map<string, Found>();

  constructor(ports: CollectPorts, options: DocumentCollectOptions = DOCUMENT_COLLECT_DEFAULTS) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Gives how many documents were removed. */
  async collect(streams: readonly string[], signal: AbortSignal): Promise<number> {
    const { archive, store, clock } = this.#ports;
    const listed = new Map<string, readonly string[]>();
    for (const stream of streams)
      listed.set(stream, await patiently(clock, () => archive.corrections(stream).listDocuments(), signal));
    // After the listing: whoever kept one of them was registered by then, or is live already.
    const row = await readControl(store.control, clock, signal);
    if (row === null) return 0;
    this.#forgetGone(listed);
    let removed = 0;
    for (const [stream, names] of listed) {
      const gone = [...this.#told(stream, names, row), ...this.#oldDiffs(names, row)];
      for (const name of gone) await patiently(clock, () => archive.corrections(stream).removeDocument(name), signal);
      removed += gone.length;
    }
    return removed;
  }

  #told(stream: string, names: readonly string[], row: ControlRow): string[] {
    const now = this.#ports.clock.monotonic();
    const registered = row.candidates.map(({ id }) => id);
    return names.filter((name) => {
      const release = releaseOfRestatements(name);
      if (release === null) return false;
      const place = `${stream} ${name}`;
      const found = this.#found.get(place) ?? { atMs: now, candidates: registered };
      this.#found.set(place, found);
      const isAwaited = row.untold?.some((each) => each.release === release) === true;
      const isAtWork = found.candidates.some((id) => registered.includes(id));
      return !isAwaited && !isAtWork && now - found.atMs >= this.#options.graceMs;
    });
  }

  /** Ids of releases are in the order of time. */
  #oldDiffs(names: readonly string[], row: ControlRow): string[] {
    const kept = new Set(row.releases.map(({ id }) => id));
    const gone = names.filter((name) => {
      const release = releaseOfDiff(name);
      return release !== null && !kept.has(release);
    });
    return gone.sort().slice(0, Math.max(0, gone.length - this.#options.diffs));
  }

  #forgetGone(listed: ReadonlyMap<string, readonly string[]>): void {
    const there = new Set([...listed].flatMap(([stream, names]) => names.map((name) => `${stream} ${name}`)));
    for (const place of this.#found.keys()) if (!there.has(place)) this.#found.delete(place);
  }
}
