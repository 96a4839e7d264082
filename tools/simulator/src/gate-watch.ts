import type { ReleaseDiff } from '@twofold/corrections';
import { cutAt, liveRelease, sameList, type ControlRow, type Entry } from '@twofold/releases';
import type { PartEntry, ViewStore } from '@twofold/view-store';
import { gate, noLimit, type Gate, type View } from '@twofold/views';
import type { Coverage } from './coverage.ts';
import type { Random } from './rng.ts';
import type { Panes } from './true-panes.ts';
import type { Truth } from './truth.ts';

/** Views of the small project that gates are declared on: one has a row for each event, one sums. */
const LIMITED = 'tokens';
const AUDITED = 'amounts';

export interface DrawnGates {
  /** Rows of `tokens` that may change. */
  readonly maxRows: number;
  /** Events that a row of `amounts` may have. */
  readonly maxEvents: number;
}

/** Limits that some candidates of a history are beyond and others are not. */
export function drawGates(random: Random, views: readonly View[]): DrawnGates | null {
  const areThere = [LIMITED, AUDITED].every((name) => views.some((view) => view.name === name));
  if (!random.chance(0.5) || !areThere) return null;
  return { maxRows: random.int(2, 12), maxEvents: random.int(4, 14) };
}

/** The same as a project declares them. */
export function declaredGates({ maxRows, maxEvents }: DrawnGates, views: readonly View[]): Gate[] {
  const [audited] = views.filter(({ name }) => name === AUDITED) as View<{ readonly events: number }>[];
  const few: Gate = { ...noLimit, name: 'few', severity: 'block', view: LIMITED, maxRows };
  if (audited === undefined) return [few];
  return [few, gate('plausible', { on: audited, holds: (row) => row.events.atMost(maxEvents) })];
}

/** X9: nothing that a gate has to stop is ever live, and a gate stops nothing else. */
export class GateWatch {
  /** Null: nothing is declared. */
  drawn: DrawnGates | null = null;
  /** Whoever promotes now asks no gate. */
  silent = false;
  readonly #fail: (message: string) => void;
  readonly #truth: Truth;
  readonly #views: readonly View[];
  readonly #coverage: Coverage;

  constructor(
    fail: (invariant: string, message: string) => void,
    truth: Truth,
    views: readonly View[],
    coverage: Coverage,
  ) {
    this.#fail = (message) => fail('X9', message);
    this.#truth = truth;
    this.#views = views;
    this.#coverage = coverage;
  }

  async controlChanged(store: ViewStore, before: ControlRow, row: ControlRow): Promise<void> {
    const live = liveRelease(row);
    if (this.drawn === null || this.silent || row.live === before.live || live.reason !== 'PROMOTED') return;
    const old = liveRelease(before);
    for (const [view, id] of Object.entries(live.entries)) {
      const [was, is] = [before.entries[old.entries[view] ?? ''], row.entries[id]];
      if (is === undefined || was?.id === is.id || this.#erases(is, was)) continue;
      const origins = row.streams[is.stream]?.origins ?? [];
      this.#coverage.candidatesGated++;
      if (view === LIMITED && was !== undefined) this.#checkLimit(is, was, origins);
      if (view === AUDITED) await this.#checkAudit(store, is, was ?? null, origins);
    }
  }

  /** What a gate has stopped: a correction that is beyond the limits, by its own difference. */
  blocked(stream: string, diff: ReleaseDiff, base: readonly string[]): void {
    const { drawn } = this;
    if (drawn === null || diff.correction === null) return;
    this.#coverage.candidatesBlocked++;
    const lists = [base, [...base, diff.correction]];
    const [limited, audited] = [LIMITED, AUDITED].map((name) =>
      this.#views.find((view) => view.name === name && view.stream.name === stream && diff.cut[name] !== undefined),
    );
    const panesOf = (view: View, list: readonly string[]): Panes =>
      this.#panes(
        view,
        (diff.cut[view.name] ?? []).map((to) => ({ from: 0, to })),
        list,
      );
    const changed =
      limited === undefined
        ? 0
        : changedRows(panesOf(limited, lists[0] ?? []), panesOf(limited, lists[1] ?? []), Infinity);
    const most =
      audited === undefined ? 0 : Math.max(0, ...[...panesOf(audited, lists[1] ?? []).values()].map(eventsOf));
    if (changed <= drawn.maxRows && most <= drawn.maxEvents)
      this.#fail(
        `correction ${diff.correction} is stopped (${diff.gates.map(({ gate: name, detail }) => `${name}: ${detail}`).join('; ')}), and it changes ${changed} rows, none of more than ${most} events`,
      );
  }

  #checkLimit(is: Entry, was: Entry, origins: readonly number[]): void {
    const view = this.#views.find(({ name, version }) => name === is.view && version === is.version);
    if (this.drawn === null || view === undefined || was.version !== is.version) return;
    const upTo = (entry: Entry) => origins.map((_, p) => ({ from: 0, to: cutAt(entry.cut, p, origins) }));
    const isCorrection = !sameList(was.corrections, is.corrections);
    if (was.build === null && (!isCorrection || was.corrections.length > 0)) return;
    const [old, now] = [this.#panes(view, upTo(was), was.corrections), this.#panes(view, upTo(is), is.corrections)];
    // Of late data only windows count that were complete.
    const rows = changedRows(old, now, isCorrection ? Infinity : (was.watermark ?? -Infinity), view);
    if (rows > this.drawn.maxRows)
      this.#fail(`entry ${is.id} changes ${rows} rows of ${is.view}, and ${this.drawn.maxRows} are allowed`);
  }

  /** Rows that were made anew: those of parts that the base does not have. */
  async #checkAudit(store: ViewStore, is: Entry, was: Entry | null, origins: readonly number[]): Promise<void> {
    const view = this.#views.find(({ name, version }) => name === is.view && version === is.version);
    if (this.drawn === null || view === undefined || is.build === null) return;
    const { maxEvents } = this.drawn;
    const parts = async (build: string | null): Promise<readonly PartEntry[]> =>
      build === null ? [] : ((await store.parts.index(build))?.parts ?? []);
    const shared = new Set((await parts(was?.build ?? null)).map(({ part }) => part));
    const widthMs = view.levels[0]?.widthMs ?? 1;
    const made = (await parts(is.build)).filter((part) => part.widthMs === widthMs && !shared.has(part.part));
    const ranges = origins.map((_, p) => ({ from: 0, to: cutAt(is.cut, p, origins) }));
    for (const [place, pane] of this.#panes(view, ranges, is.corrections)) {
      const at = startOf(place);
      if (eventsOf(pane) > maxEvents && made.some(({ from, to }) => from <= at && at < to))
        this.#fail(`entry ${is.id} has ${place} with ${eventsOf(pane)} events, and ${maxEvents} are allowed`);
    }
  }

  /** A redaction is held against no gate. */
  #erases(is: Entry, was: Entry | undefined): boolean {
    const { corrected } = this.#truth;
    return (
      corrected.redactions(is.stream, is.corrections).length >
      corrected.redactions(is.stream, was?.corrections ?? []).length
    );
  }

  #panes(view: View, ranges: Parameters<Truth['panes']>[2], corrections: readonly string[]): Panes {
    return this.#truth.panes(view, view.levels[0]?.widthMs ?? 1, ranges, corrections);
  }
}

/** Rows that come, go or count other events, of windows that end at or before a time. */
function changedRows(old: Panes, now: Panes, settledBy: number, view?: View): number {
  const widthMs = view?.levels[0]?.widthMs ?? 0;
  return [...new Set([...old.keys(), ...now.keys()])].filter((place) => {
    const [before, after] = [old.get(place), now.get(place)];
    if (startOf(place) + widthMs > settledBy) return false;
    return before === undefined || after === undefined || eventsOf(before) !== eventsOf(after);
  }).length;
}

function eventsOf({ components }: { readonly components: readonly unknown[] }): number {
  return Number(components[0]);
}

function startOf(place: string): number {
  return Number(place.slice(place.lastIndexOf(' ') + 1));
}
