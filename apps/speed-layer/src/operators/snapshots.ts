import type { Stream } from '@twofold/schemas';
import { crc32c, type Logger } from '@twofold/service';
import { operatorStateFolder, operatorStateName, parseOperatorStateName } from '@twofold/view-store';
import type { SnapshotBlobs } from './snapshot-blobs.ts';
import { UpsertFold, type HeldRow, type RowValues, type UpsertCounts } from './upsert-fold.ts';

/** Which logs a state was folded from and into: of another log nothing of it is true (E7). */
export interface OperatorLogs {
  readonly input: string;
  readonly output: string;
}

interface Header {
  readonly format: 1;
  readonly stream: string;
  readonly partition: number;
  readonly fingerprint: string;
  readonly logs: OperatorLogs;
  readonly next: number;
  readonly counts: UpsertCounts;
  readonly rows: number;
  readonly crc: number;
}

/** Snapshots that are kept of a partition; an older one serves when the newest is damaged. */
const KEPT = 2;
const encoder = new TextEncoder();

/**
 * States of one operator's partition, named by the operator's fingerprint and the first input offset not in them (E26).
 * A state is only stored when everything that its inputs changed is durable in the change stream's log.
 */
export class Snapshots {
  readonly #blobs: SnapshotBlobs;
  readonly #stream: Stream;
  readonly #partition: number;
  readonly #logs: OperatorLogs;
  readonly #logger: Logger;
  readonly #folder: string;
  /** In the names of those that are of the same logs. */
  readonly #ending: string;
  /** Redactions of the partition that whoever stores and restores knows of. */
  redactions = 0;

  constructor(of: {
    readonly blobs: SnapshotBlobs;
    readonly stream: Stream;
    readonly partition: number;
    readonly logs: OperatorLogs;
    readonly logger: Logger;
  }) {
    this.#blobs = of.blobs;
    this.#stream = of.stream;
    this.#partition = of.partition;
    this.#logs = of.logs;
    this.#logger = of.logger;
    this.#folder = snapshotFolder(of.stream, of.partition);
    this.#ending = crcOf(JSON.stringify(of.logs)).toString(16);
  }

  /**
   * The newest state that is whole, or an empty one at the origin. It may hold rows that were erased since, never less
   * than what is known of redactions: who learns of one later could not tell what was erased from what never was.
   */
  async restore(origin: number): Promise<UpsertFold> {
    for (const name of (await this.#names((redactions) => redactions <= this.redactions)).reverse()) {
      const bytes = await this.#blobs.get(name);
      const fold = bytes === null ? null : this.#read(bytes);
      if (fold !== null && fold.next >= origin) return fold;
      this.#logger.warn('a snapshot is of no use and is passed over', { name });
    }
    return new UpsertFold(this.#stream, origin);
  }

  /** Durable when it resolves. Then older ones go, but for one, and all that may hold what was erased since. */
  async store(fold: UpsertFold): Promise<void> {
    const { redactions } = this;
    const name = operatorStateName({ next: fold.next, redactions, logs: this.#ending });
    await this.#blobs.putIfAbsent(`${this.#folder}/${name}`, this.#write(fold));
    const older = (await this.#names((of) => of === redactions)).slice(0, -KEPT);
    const before = (await this.#blobs.list(this.#folder)).filter(
      (each) => (parseOperatorStateName(each)?.redactions ?? redactions) < redactions,
    );
    for (const old of [...older, ...before]) await this.#blobs.remove(old);
  }

  /** From the oldest to the newest. */
  async #names(wanted: (redactions: number) => boolean): Promise<string[]> {
    const names = (await this.#blobs.list(this.#folder)).filter((name) => {
      const told = parseOperatorStateName(name);
      return told?.logs === this.#ending && wanted(told.redactions);
    });
    return names.sort();
  }

  /** A line of facts, then a line a key. The same state has the same bytes. */
  #write(fold: UpsertFold): Uint8Array {
    const rows = [...fold.rows].map(([key, { revision, values }]) => `${key}\t${JSON.stringify([revision, values])}`);
    const body = rows.sort().join('\n');
    const header: Header = {
      format: 1,
      stream: this.#stream.name,
      partition: this.#partition,
      fingerprint: this.#stream.change?.fingerprint ?? '',
      logs: this.#logs,
      next: fold.next,
      counts: fold.counts,
      rows: rows.length,
      crc: crcOf(body),
    };
    return encoder.encode(`${JSON.stringify(header)}\n${body}`);
  }

  /** Null: damaged, of a newer format, or of other logs. */
  #read(bytes: Uint8Array): UpsertFold | null {
    const text = new TextDecoder().decode(bytes);
    const end = text.indexOf('\n');
    const header = headerOf(text.slice(0, end));
    const body = text.slice(end + 1);
    if (header === null || header.crc !== crcOf(body)) return null;
    const { stream, partition, fingerprint, logs } = header;
    if (stream !== this.#stream.name || partition !== this.#partition) return null;
    if (fingerprint !== this.#stream.change?.fingerprint) return null;
    if (logs.input !== this.#logs.input || logs.output !== this.#logs.output) return null;
    const fold = new UpsertFold(this.#stream, header.next);
    Object.assign(fold.counts, header.counts);
    for (const line of body === '' ? [] : body.split('\n')) {
      const tab = line.indexOf('\t');
      const [revision, values] = JSON.parse(line.slice(tab + 1)) as [number, RowValues | null];
      fold.rows.set(line.slice(0, tab), { revision, values } satisfies HeldRow);
    }
    return fold;
  }
}

/** Where the snapshots of an operator's partition lie. */
export function snapshotFolder({ name, change }: Stream, partition: number): string {
  return `${operatorStateFolder({ name })}/${partition}/${change?.fingerprint ?? ''}`;
}

/** JSON that this program wrote, by format 1; anything else is no header. */
function headerOf(line: string): Header | null {
  try {
    const header = JSON.parse(line) as Header;
    return header.format === 1 ? header : null;
  } catch {
    return null;
  }
}

function crcOf(body: string): number {
  return crc32c(encoder.encode(body));
}
