import type { ColumnArchive } from '@twofold/archive';
import type { ChangeCause, ChangedRow, DiffValue, Restatement } from '@twofold/corrections';
import type { View } from '@twofold/views';
import type { Bucket } from '../corrections/pane-rows.ts';
import { isCurrent } from '../corrections/plan-store.ts';
import { keepDocument } from './diff-store.ts';

type Kept = Pick<ColumnArchive, 'corrections' | 'head'>;

/** Rows that one release tells one by one; those beyond are told by stretches of time. */
const ROWS = 50_000;

/** What of a release is to be told: the rows that were changed, or the stretches of time in which many were. */
export class RestatementList {
  readonly #release: string;
  readonly #of: Pick<Restatement, 'correction' | 'reason'>;
  readonly #most: number;
  readonly #rows: Restatement[] = [];
  readonly #stretches = new Map<string, Restatement>();

  /** @param of the correction that the release makes, if it is one's; of a rollback, why it was made */
  constructor(release: string, of: Pick<Restatement, 'correction' | 'reason'>, most = ROWS) {
    this.#release = release;
    this.#of = of;
    this.#most = most;
  }

  add(view: View, cause: ChangeCause, row: ChangedRow, bucket: Bucket): void {
    if (this.#rows.length < this.#most) {
      const { before, after, windowStart: start, windowEnd: end } = row;
      const key = Object.fromEntries(
        view.dimensions.map((each, i): [string, DiffValue] => [each.name, row.key[i] ?? null]),
      );
      this.#rows.push({ ...this.#common(view, cause), key, window: { start, end }, old: before, new: after, rows: 1 });
      return;
    }
    this.addStretch(view, cause, bucket, 1);
  }

  /** A whole stretch of time, in which so many rows are other ones, or may be. */
  addStretch(view: Pick<View, 'name' | 'version'>, cause: ChangeCause, { from, to }: Bucket, many: number): void {
    const place = `${view.name} ${cause} ${from}`;
    const rows = (this.#stretches.get(place)?.rows ?? 0) + many;
    const told = { key: null, window: { start: from, end: to }, old: null, new: null, rows };
    this.#stretches.set(place, { ...this.#common(view, cause), ...told });
  }

  #common({ name, version }: Pick<View, 'name' | 'version'>, cause: ChangeCause) {
    // What comes in beside a correction is not the correction's.
    const of = cause === 'CORRECTION' || cause === 'ROLLBACK' ? this.#of : { correction: null, reason: null };
    return { format: 1, id: '', view: name, version, cause, ...of, release: this.#release } as const;
  }

  /** In the order in which they were added, each with its id. */
  all(): Restatement[] {
    return [...this.#rows, ...this.#stretches.values()].map((each, i) => ({ ...each, id: `${this.#release}:${i}` }));
  }
}

/** What is kept of one stream: gone once the stream is redacted, since it shows keys and values. */
interface KeptChanges {
  readonly format: 1;
  readonly redactions: number;
  readonly changes: readonly Restatement[];
}

/** Keeps what a release will tell of a stream, before it is promoted: whoever finds it live can tell it. */
export async function keepRestatements(
  archive: Kept,
  stream: string,
  release: string,
  of: Pick<KeptChanges, 'redactions' | 'changes'>,
): Promise<void> {
  const document: KeptChanges = { format: 1, ...of };
  await keepDocument(archive, stream, nameOf(release), document);
}

/** Which of the changes of its release one is. What a redaction took leaves a gap. */
export function numberOf({ id }: Pick<Restatement, 'id'>): number {
  return Number(id.slice(id.lastIndexOf(':') + 1));
}

/** What a release tells, of all streams, in order; null: nothing of it is kept. */
export async function keptRestatements(
  archive: Kept,
  streams: readonly string[],
  release: string,
): Promise<Restatement[] | null> {
  const found: Restatement[][] = [];
  for (const stream of streams) {
    const bytes = await archive.corrections(stream).getDocument(nameOf(release));
    if (bytes === null) continue;
    const { redactions, changes } = JSON.parse(new TextDecoder().decode(bytes)) as KeptChanges;
    if (await isCurrent(archive, stream, redactions)) found.push([...changes]);
  }
  if (found.length === 0) return null;
  return found.flat().sort((a, b) => numberOf(a) - numberOf(b));
}

function nameOf(release: string): string {
  return `restatements-${release}.json`;
}

/** Null: the document is not of what a release tells. */
export function releaseOfRestatements(name: string): string | null {
  return /^restatements-(.+)\.json$/.exec(name)?.[1] ?? null;
}
