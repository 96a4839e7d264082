import type { ToldRestatement } from '@twofold/corrections';
import { cutAt, liveRelease, sameList, type ControlRow, type Entry } from '@twofold/releases';
import type { View } from '@twofold/views';
import type { Coverage } from './coverage.ts';
import { countOf, noneTold, numberIn, placeOf, startOf, type Told } from './told-changes.ts';
import type { Panes } from './true-panes.ts';
import type { Truth } from './truth.ts';

/** One view of a release, as it was and as it is. */
interface Step {
  readonly before: Entry;
  readonly after: Entry;
  readonly origins: readonly number[];
}

interface BecameLive {
  readonly release: string;
  readonly isRollback: boolean;
  readonly steps: readonly Step[];
  /** The list of those to be told went with its store. */
  lost: boolean;
}

/**
 * X8: who follows the feed knows each answer that a release made another one, but for those that were not complete yet: by
 * its row or by the stretch of time that it is in; and is told of nothing that did not happen, of nothing before it is
 * live, and of nothing twice unless two told at once. Where only corrections are told, nothing of what late data changed.
 */
export class FeedWatch {
  readonly #fail: (message: string) => void;
  readonly #truth: Truth;
  readonly #views: readonly View[];
  readonly #coverage: Coverage;
  /** In the order in which they became live. */
  readonly #releases = new Map<string, BecameLive>();
  /** Made by whoever tells nobody. */
  readonly silent = new Set<string>();
  /** Made by runs that tell also what late data changed. */
  readonly compared = new Set<string>();
  tellsAll = false;
  /** What a change may be in the feed twice for: appends whose outcome got lost, tellers that did not know of each other. */
  excuses = 0;

  constructor(
    fail: (invariant: string, message: string) => void,
    truth: Truth,
    views: readonly View[],
    coverage: Coverage,
  ) {
    this.#fail = (message) => fail('X8', message);
    this.#truth = truth;
    this.#views = views;
    this.#coverage = coverage;
  }

  controlChanged(before: ControlRow, row: ControlRow): void {
    if (row.live === before.live) return;
    const [old, live] = [liveRelease(before), liveRelease(row)];
    const steps = Object.entries(live.entries).flatMap(([view, id]): Step[] => {
      const [was, is] = [before.entries[old.entries[view] ?? ''], row.entries[id]];
      if (was === undefined || is === undefined || was.id === is.id) return [];
      return [{ before: was, after: is, origins: row.streams[is.stream]?.origins ?? [] }];
    });
    this.#releases.set(live.id, { release: live.id, isRollback: live.reason === 'ROLLED_BACK', steps, lost: false });
  }

  storeLost(row: ControlRow | null): void {
    for (const { release } of row?.untold ?? []) {
      const known = this.#releases.get(release);
      if (known !== undefined) known.lost = true;
    }
  }

  /** Records as they land in the feed. */
  appended(records: readonly ToldRestatement[]): void {
    for (const { id, release } of records)
      if (!this.#releases.has(release)) this.#fail(`${id} is told, and its release was never live by then`);
  }

  /** Everything that the feed holds at the end. */
  check(feed: readonly ToldRestatement[]): void {
    const byId = new Map<string, string>();
    const told = new Map<string, Told>();
    let repeats = 0;
    for (const each of feed) {
      const text = JSON.stringify(each);
      const known = byId.get(each.id);
      if (known !== undefined && known !== text) this.#fail(`${each.id} is told as ${known} and as ${text}`);
      if (known !== undefined) {
        repeats++;
        continue;
      }
      byId.set(each.id, text);
      this.#take(each, told);
    }
    this.#coverage.changesTold += byId.size;
    if (repeats > 0 && this.excuses === 0) this.#fail(`${repeats} changes are told twice, and nothing had got lost`);
    for (const each of this.#releases.values()) this.#checkRelease(each, told.get(each.release) ?? noneTold());
  }

  #take(each: ToldRestatement, told: Map<string, Told>): void {
    const of: Told = told.get(each.release) ?? noneTold();
    told.set(each.release, of);
    if (each.id !== `${each.release}:${of.next}` && !this.#isGap(each, of.next))
      this.#fail(`${each.id} is told as number ${of.next} of its release`);
    of.next = numberIn(each) + 1;
    const view = this.#views.find(({ name, version }) => name === each.view && version === each.version);
    if (each.key === null || view === undefined) of.stretches.push(each);
    else of.rows.set(`${each.view} ${placeOf(view, each)}`, each);
  }

  /** What was to be told of a stream goes when it is redacted; what is told of others keeps its numbers. */
  #isGap(each: ToldRestatement, next: number): boolean {
    const { steps = [] } = this.#releases.get(each.release) ?? {};
    const isErased = steps.some(({ after }) => this.#truth.corrected.erasing(after.stream).begun.length > 0);
    return isErased && numberIn(each) > next;
  }

  #checkRelease({ release, isRollback, steps, lost }: BecameLive, told: Told): void {
    if (this.silent.has(release)) return;
    const corrected = steps.filter(({ before, after }) => !sameList(before.corrections, after.corrections));
    const count = told.rows.size + told.stretches.length;
    // What is erased is not told, and takes with it what was to be told.
    const isErased = ({ after }: Step): boolean => this.#truth.corrected.erasing(after.stream).begun.length > 0;
    if (corrected.some(isErased)) return;
    if (corrected.length === 0 && count > 0 && !this.tellsAll)
      this.#fail(`release ${release} changed no list, and tells ${count} changes`);
    if (!isRollback && told.stretches.length > 0) this.#fail(`release ${release} tells of stretches of time`);
    for (const step of corrected) this.#checkView(release, step, told, lost);
    if (!this.tellsAll || (!isRollback && !this.compared.has(release))) return;
    for (const step of steps)
      if (!corrected.includes(step) && !isErased(step)) this.#checkLate(release, step, told, lost);
  }

  #checkView(release: string, { before, after, origins }: Step, told: Told, lost: boolean): void {
    const view = this.#comparable(before, after);
    if (view === null) return;
    const cut = origins.map((_, p) => Math.max(cutAt(before.cut, p, origins), cutAt(after.cut, p, origins)));
    const panes = { old: this.#panes(view, cut, before.corrections), now: this.#panes(view, cut, after.corrections) };
    this.#checkRows(release, view, panes, told);
    if (!lost) this.#checkNothingMissing(release, view, panes, told);
  }

  /** Of one list of corrections: what the batch side answers otherwise of windows that were complete on both sides. */
  #checkLate(release: string, { before, after, origins }: Step, told: Told, lost: boolean): void {
    const view = this.#comparable(before, after);
    if (view === null || before.build === null) return;
    const settledBy = Math.min(before.watermark ?? -Infinity, after.watermark ?? -Infinity);
    const sideOf = ({ cut, corrections }: Entry): Panes => {
      const panes = this.#panes(
        view,
        origins.map((_, p) => cutAt(cut, p, origins)),
        corrections,
      );
      for (const place of [...panes.keys()])
        if (startOf(place) + (view.levels[0]?.widthMs ?? 1) > settledBy) panes.delete(place);
      return panes;
    };
    const panes = { old: sideOf(before), now: sideOf(after) };
    this.#checkRows(release, view, panes, told);
    if (!lost) this.#coverage.lateTold += this.#checkNothingMissing(release, view, panes, told);
  }

  /** Null: its panes can not be compared with what is true. */
  #comparable(before: Entry, after: Entry): View | null {
    const view = this.#views.find(({ name, version }) => name === after.view && version === after.version);
    // Sessions that end at the edge of a part are told apart by their starts; what was lost is built anew first.
    if (view === undefined || view.window.kind === 'session' || before.version !== after.version) return null;
    if ([before, after].some(({ build, corrections }) => build === null && corrections.length > 0)) return null;
    return view.levels[0]?.retainMs === null ? view : null;
  }

  #panes(view: View, cut: readonly number[], corrections: readonly string[]): Panes {
    const ranges = cut.map((to) => ({ from: 0, to }));
    return this.#truth.panes(view, view.levels[0]?.widthMs ?? 1, ranges, corrections);
  }

  #checkRows(release: string, view: View, { old, now }: { old: Panes; now: Panes }, told: Told): void {
    for (const [place, row] of told.rows)
      if (place.startsWith(`${view.name} `)) this.#checkRow(release, row, place.slice(view.name.length + 1), old, now);
  }

  #checkRow(release: string, row: ToldRestatement, place: string, old: Panes, now: Panes): void {
    const events = (values: ToldRestatement['old']): string => (values === null ? 'none' : String(values['events']));
    const [was, is] = [countOf(old, place), countOf(now, place)];
    if (events(row.old) !== was || events(row.new) !== is)
      this.#fail(
        `release ${release}: ${row.id} tells ${place} from ${events(row.old)} to ${events(row.new)} events; it is from ${was} to ${is}`,
      );
  }

  /** Gives how many panes are other ones. */
  #checkNothingMissing(release: string, view: View, { old, now }: { old: Panes; now: Panes }, told: Told): number {
    let changed = 0;
    for (const place of new Set([...old.keys(), ...now.keys()])) {
      const [was, is] = [countOf(old, place), countOf(now, place)];
      if (was === is) continue;
      changed++;
      if (told.rows.has(`${view.name} ${place}`)) continue;
      const at = startOf(place);
      const isIn = told.stretches.some(
        (each) => each.view === view.name && each.window.start <= at && at < each.window.end,
      );
      if (!isIn)
        this.#fail(`release ${release}: ${view.name} ${place} goes from ${was} to ${is} events, and nobody is told`);
    }
    return changed;
  }
}
