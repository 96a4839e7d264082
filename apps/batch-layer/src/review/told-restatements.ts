import type { ColumnArchive } from '@twofold/archive';
import type { ChangeCause, ChangedRow, DiffValue, Restatement } from '@twofold/corrections';
import type { View } from '@twofold/views';
import type { Bucket } from '../corrections/diff-view.ts';
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

  /** @param of the correction that the release makes, if it is one's */
  constructor(release: string, of: Pick<Restatement, 'correction' | 'reason'>, most = ROWS) {
    this.#release = release;
    this.#of = of;
    this.#most = most;
  }

  add(view: View, cause: ChangeCause, row: ChangedRow, bucket: Bucket): void {
    const { name, version } = view;
    const of = cause === 'CORRECTION' ? this.#of : { correction: null, reason: null };
    const common = { format: 1, id: '', view: name, version, cause, ...of, release: this.#release } as const;
    if (this.#rows.length < this.#most) {
      const { before, after, windowStart: start, windowEnd: end } = row;
      const key = Object.fromEntries(
        view.dimensions.map((each, i): [string, DiffValue] => [each.name, row.key[i] ?? null]),
      );
      this.#rows.push({ ...common, key, window: { start, end }, old: before, new: after, rows: 1 });
      return;
    }
    const place = `${name} ${cause} ${bucket.from}`;
    const rows = (this.#stretches.get(place)?.rows ?? 0) + 1;
    const window = { start: bucket.from, end: bucket.to };
    this.#stretches.set(place, { ...common, key: null, window, old: null, new: null, rows });
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
  const numberOf = ({ id }: Restatement): number => Number(id.slice(id.lastIndexOf(':') + 1));
  return found.flat().sort((a, b) => numberOf(a) - numberOf(b));
}

function nameOf(release: string): string {
  return `restatements-${release}.json`;
}
