import { applyCorrections, droppedBy, type ClassifiedRecord, type OracleCorrection } from '@twofold/oracle';
import type { Entry } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';

/** What a correction was seen to mean when it was planned, by whoever planned it, from the log itself. */
export type PlannedCorrection = Pick<OracleCorrection, 'drops' | 'rows' | 'rowTime'>;

export interface ChainedCorrection {
  readonly number: number;
  readonly id: string;
  readonly kind: string;
  readonly reverts: string | null;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  readonly targets: { readonly sha256: string } | null;
  readonly added: { readonly file: { readonly name: string } } | null;
  /** Of the archive, in effect when it was planned. */
  readonly redactions?: number;
  readonly erases?: { readonly repeats?: boolean };
}

/** The source of a correction's rows, as the contract has it: 2^30 and the correction's number. */
const FIRST_ADDED = 2 ** 30;

/** What corrections really mean: which one an id is, is read from the files; what it does, is remembered from its plan. */
export class CorrectedTruth {
  readonly #stored: ReadonlyMap<string, Uint8Array>;
  readonly #chains = new Map<string, ChainedCorrection[]>();
  readonly #planned = new Map<string, PlannedCorrection>();
  readonly #lists = new Map<string, readonly OracleCorrection[]>();
  readonly #effects = new Map<string, { dropped: ReadonlySet<string>; added: readonly ClassifiedRecord[] }>();

  /** What a correction means that nobody was shown; null: that is not known. */
  unplanned: (stream: string, correction: ChainedCorrection) => PlannedCorrection | null = () => null;

  constructor(stored: ReadonlyMap<string, Uint8Array>) {
    this.#stored = stored;
  }

  /** A plan by its fingerprint. */
  note(fingerprint: string, planned: PlannedCorrection): void {
    this.#planned.set(fingerprint, planned);
  }

  /** The corrections that were ever appended. */
  chain(stream: string): ChainedCorrection[] {
    const found = this.#chains.get(stream) ?? [];
    this.#chains.set(stream, found);
    for (;;) {
      const link = `${String(found.length).padStart(12, '0')}.json`;
      const bytes =
        this.#stored.get(`${stream}.corrections/chain/${link}`) ??
        this.#stored.get(`${stream}.corrections/erased/${link}`);
      if (bytes === undefined) return found;
      const [, body = ''] = new TextDecoder().decode(bytes).split('\n');
      found.push((JSON.parse(body) as { correction: ChainedCorrection }).correction);
    }
  }

  /** What an answer of an entry counts with: after a loss of the store corrections are named and not built yet, but for what is erased. */
  inForce({ stream, build, corrections }: Entry): readonly string[] {
    return build === null ? this.redactions(stream, corrections) : corrections;
  }

  /** Those of a list that erase. */
  redactions(stream: string, ids: readonly string[]): readonly string[] {
    if (ids.length === 0) return ids;
    const chain = this.chain(stream);
    return ids.filter((id) => chain.find((each) => each.id === id)?.kind === 'redact');
  }

  /** Every redaction of a stream that was ever appended, and those that are finished. */
  erasing(stream: string): { readonly begun: readonly string[]; readonly finished: readonly string[] } {
    const begun = this.chain(stream).flatMap(({ id, kind }) => (kind === 'redact' ? [id] : []));
    const certified = (id: string): boolean =>
      this.#stored.has(`${stream}.corrections/documents/certificate-${id}.json`);
    return { begun, finished: begun.filter(certified) };
  }

  /** What may be gone of a stream that is read now: what is finished, and of what is begun any part (E21). */
  erasedPerhaps(stream: string): readonly (readonly string[])[] {
    const { begun, finished } = this.erasing(stream);
    const open = begun.filter((id) => !finished.includes(id));
    const sets = open.reduce<string[][]>((known, id) => [...known, ...known.map((set) => [...set, id])], [[]]);
    return sets.map((set) => begun.filter((id) => finished.includes(id) || set.includes(id)));
  }

  /** A release's list, as the oracle takes it. Throws for an id that nobody appended, or that nobody planned. */
  listOf(stream: string, ids: readonly string[]): readonly OracleCorrection[] {
    const name = `${stream} ${ids.join(' ')}`;
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const chain = this.chain(stream);
    const list = ids.map((id): OracleCorrection => {
      const entry = chain.find((each) => each.id === id);
      const planned = entry && (this.#planned.get(entry.fingerprint) ?? this.unplanned(stream, entry));
      if (entry === undefined || planned == null) throw new RangeError(`correction ${id} was never planned`);
      return { ...planned, id, reverts: entry.reverts, source: FIRST_ADDED + entry.number };
    });
    this.#lists.set(name, list);
    return list;
  }

  /** Events of the log that do not count, and rows that do, under a release's list. */
  effectOf(
    stream: Stream,
    ids: readonly string[],
  ): { readonly dropped: ReadonlySet<string>; readonly added: readonly ClassifiedRecord[] } {
    if (ids.length === 0) return { dropped: new Set(), added: [] };
    const name = `${stream.name} ${ids.join(' ')}`;
    const known = this.#effects.get(name);
    if (known !== undefined) return known;
    const list = this.listOf(stream.name, ids);
    const effect = { dropped: droppedBy(list), added: applyCorrections(stream, [], list) };
    this.#effects.set(name, effect);
    return effect;
  }

  /** The log as it counts under a release's list. */
  logOf(stream: Stream, log: readonly ClassifiedRecord[], ids: readonly string[]): readonly ClassifiedRecord[] {
    return ids.length === 0 ? log : applyCorrections(stream, log, this.listOf(stream.name, ids));
  }
}
