import { cutAt, lanesOf, liveRelease, viewVersionKey, type ControlRow, type Entry } from '@twofold/releases';
import type { JobRow } from '@twofold/schedules';
import type { ProgressRecord, SpeedRow, ViewStore, ViewVersion } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { differenceOf, panesOfChunk } from './compare-panes.ts';
import type { Coverage } from './coverage.ts';
import { FeedWatch } from './feed-watch.ts';
import { GateWatch } from './gate-watch.ts';
import { JobWatch } from './job-watch.ts';
import type { Process } from './process.ts';
import { PromotionWatch } from './promotion-watch.ts';
import { RedactionWatch } from './redaction-watch.ts';
import type { Truth } from './truth.ts';
import { Violation } from './violation.ts';

/** Entries of releases and candidates. The observer works it out by itself: it trusts nothing of what it watches. */
function pinnedEntries(row: ControlRow): readonly Entry[] {
  const released = row.releases.flatMap((release) => Object.values(release.entries).map((id) => row.entries[id]));
  const all = [...released, ...row.candidates.flatMap((candidate) => candidate.entries)];
  return [...new Set(all)].filter((entry) => entry !== undefined);
}

/** Builds of those entries, and of the bases of candidates. */
function namedBuilds(row: ControlRow): ReadonlySet<string> {
  const bases = row.candidates.flatMap((candidate) => Object.values(candidate.baseEntries));
  const entries = [...pinnedEntries(row), ...bases.map((id) => row.entries[id ?? ''])];
  return new Set(entries.map((entry) => entry?.build ?? null).filter((build) => build !== null));
}

function laneId(of: ViewVersion, partition: number, lane: string): string {
  return `${viewVersionKey(of)}/${partition} ${lane}`;
}

/** Sees every effect on the store in the order in which it happens, and holds it against the rules. */
export class Observer {
  readonly #truth: Truth;
  readonly #views: readonly View[];
  readonly #coverage: Coverage;
  /** The first violation ends the history. */
  violation: Violation | null = null;
  /** The control row as it is, of the store that is there now. */
  row: ControlRow | null = null;
  /** Every release that was ever live. */
  readonly wereLive = new Set<string>();
  readonly #checkedRows = new Set<string>();
  /** Who holds jobs, and what is done for their slots. */
  readonly jobs = new JobWatch((invariant, message) => this.fail(invariant, message));
  readonly redactions: RedactionWatch;
  /** Told of whoever has just made a release live, or told of one. */
  actedBy: (process: Process) => void = () => undefined;
  /** What those are told who read answers that are other ones now. */
  readonly feed: FeedWatch;
  /** What gates had to stop. */
  readonly gates: GateWatch;
  readonly #promotions = new PromotionWatch((invariant, message) => this.fail(invariant, message));
  /** The furthest progress seen of each lane. */
  readonly #progress = new Map<string, number>();

  constructor(truth: Truth, views: readonly View[], coverage: Coverage) {
    this.#truth = truth;
    this.#views = views;
    this.#coverage = coverage;
    const fail = (invariant: string, message: string): void => this.fail(invariant, message);
    this.redactions = new RedactionWatch(fail, truth);
    this.feed = new FeedWatch(fail, truth, views, coverage);
    this.gates = new GateWatch(fail, truth, views, coverage);
  }

  jobChanged(row: JobRow): void {
    this.jobs.changed(row);
  }

  fail(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message);
  }

  storeLost(): void {
    this.feed.storeLost(this.row);
    this.row = null;
    const { begun } = this.redactions;
    for (const each of [this.jobs, begun, this.#promotions, this.#checkedRows, this.#progress]) each.clear();
  }

  /** X3: what a lane has proved it has proved, whoever writes progress late. */
  progressRead(records: readonly ProgressRecord[]): void {
    for (const record of records) {
      const lane = laneId(record, record.partition, record.lane);
      const before = this.#progress.get(lane) ?? -1;
      if (record.next < before) this.fail('X3', `progress of ${lane} goes back from ${before} to ${record.next}`);
      this.#progress.set(lane, record.next);
    }
  }

  async progressWritten(store: ViewStore): Promise<void> {
    if (store.incarnation === this.row?.incarnation) await this.#promotions.progressWritten(store);
  }

  progressRemoved(of: ViewVersion, partition: number, lanes: readonly string[]): void {
    for (const lane of lanes) this.#progress.delete(laneId(of, partition, lane));
  }

  /** X2: a speed row is the fold of exactly the positions that it says. */
  rowsRead(rows: readonly SpeedRow[]): void {
    for (const row of rows) {
      const id = `${row.view}@${row.version}|${row.partition}|${row.start}-${row.end}|${row.bucket}|${row.appliedOffset}`;
      if (this.#checkedRows.has(id)) continue;
      this.#checkedRows.add(id);
      const view = this.#views.find((each) => each.name === row.view && each.version === row.version);
      if (view === undefined) continue;
      this.#coverage.speedRowsChecked++;
      const size = row.end - row.start;
      if (size > view.stream.sliceSize) this.#coverage.wideRowsRead++;
      if (row.start % view.stream.sliceSize !== 0) this.#coverage.remaindersRead++;
      const none = { from: 0, to: 0 };
      const ranges = Array.from({ length: row.partition + 1 }, (_, partition) =>
        partition === row.partition ? { from: row.start, to: Math.min(row.appliedOffset, row.end) } : none,
      );
      this.#checkRow(view, row, ranges, id);
    }
  }

  /** What is being erased may be in it or not; what is erased is not (E21). */
  #checkRow(view: View, row: SpeedRow, ranges: Parameters<Truth['panes']>[2], id: string): void {
    const found = panesOfChunk(view, row.bytes);
    const differences = this.#truth.corrected.erasedPerhaps(view.stream.name).map((erased) => {
      const expected = this.#truth.panes(view, view.levels[0]?.widthMs ?? 1, ranges, erased);
      for (const [pane, { bucket }] of expected) if (bucket !== row.bucket) expected.delete(pane);
      return differenceOf(expected, found);
    });
    if (differences.every((difference) => difference !== null)) this.fail('X2', `speed row ${id}: ${differences[0]}`);
  }

  /** E8: nothing is swept that an entry of the control row needs. */
  sweeps(incarnation: string, of: ViewVersion, partition: number, below: number): void {
    const row = this.row;
    if (row === null || row.incarnation !== incarnation) return;
    for (const entry of pinnedEntries(row)) {
      if (entry.view !== of.view || entry.version !== of.version) continue;
      const cut = cutAt(entry.cut, partition, row.streams[entry.stream]?.origins ?? []);
      if (below > cut)
        this.fail(
          'E8',
          `rows of ${viewVersionKey(of)}/${partition} below ${below} are swept; entry ${entry.id} needs ${cut}`,
        );
    }
  }

  /** E14: nothing is removed that the control row reaches. */
  async removes(store: ViewStore, ids: { parts: readonly string[]; builds: readonly string[] }): Promise<void> {
    const row = this.row;
    if (row === null || row.incarnation !== store.incarnation) return;
    const builds = namedBuilds(row);
    const named = new Set<string>();
    for (const build of builds) for (const part of (await store.parts.index(build))?.parts ?? []) named.add(part.part);
    const owned = (id: string): boolean => row.candidates.some((candidate) => id.startsWith(`${candidate.id}.`));
    for (const id of ids.parts)
      if (named.has(id) || owned(id))
        this.fail('E14', `part ${id} is removed, and sequence ${row.sequence} reaches it`);
    for (const id of ids.builds)
      if (builds.has(id) || owned(id))
        this.fail('E14', `build ${id} is removed, and sequence ${row.sequence} names it`);
    this.#coverage.partsRemoved += ids.parts.length;
  }

  /** I6: the history of the control row; E15: what becomes live is whole. */
  async changed(store: ViewStore, row: ControlRow): Promise<void> {
    const before = this.row;
    this.row = row;
    this.wereLive.add(row.live);
    for (const entry of pinnedEntries(row)) this.#checkFloor(row, entry);
    if (before === null || before.incarnation !== row.incarnation) {
      this.redactions.registered(row);
      return;
    }
    this.jobs.controlChanged(before, row);
    this.feed.controlChanged(before, row);
    await this.gates.controlChanged(store, before, row);
    this.redactions.controlChanged(before, row);
    await this.#promotions.controlChanged(store, before, row);
    if (row.sequence !== before.sequence + 1)
      this.fail('I6', `sequence ${row.sequence} follows sequence ${before.sequence}`);
    for (const [key, floor] of Object.entries(before.floors))
      floor.forEach((lowest, partition) => {
        const now = row.floors[key]?.[partition] ?? -1;
        if (now < lowest) this.fail('I6', `floor of ${key}/${partition} falls from ${lowest} to ${now}`);
      });
    for (const candidate of row.candidates)
      for (const id of Object.values(candidate.baseEntries))
        if (id !== null && row.entries[id] === undefined)
          this.fail('E14', `entry ${id}, the base of candidate ${candidate.id}, is dropped`);
    if (row.live !== before.live) this.#checkHolds(before, row);
    if (row.live !== before.live) this.#checkLists(before, row);
    if (row.live !== before.live) await this.#promoted(store, before, row);
  }

  /** E17: a rollback holds what it puts back, and what is held is not promoted; E0: a candidate's base is still live. */
  #checkHolds(before: ControlRow, row: ControlRow): void {
    const live = liveRelease(row);
    const old = liveRelease(before);
    for (const [view, id] of Object.entries(live.entries)) {
      if (old.entries[view] === id) continue;
      if (live.reason === 'ROLLED_BACK' && !row.holds.includes(view))
        this.fail('E17', `view ${view} is rolled back and not held`);
      if (live.reason === 'PROMOTED' && before.holds.includes(view))
        this.fail('E17', `view ${view} is held and was promoted`);
    }
    if (live.reason !== 'PROMOTED') return;
    // A redaction gives up every other one.
    const promoted = before.candidates.filter(({ entries }) =>
      entries.some((entry) => live.entries[entry.view] === entry.id),
    );
    for (const { id, baseEntries } of promoted)
      for (const [view, base] of Object.entries(baseEntries))
        if ((old.entries[view] ?? null) !== base)
          this.fail('E0', `candidate ${id} is promoted over ${old.entries[view]} and was made from ${base}`);
  }

  /** E0: the views of a stream have one list; E20: a promotion keeps it, or appends one; only a rollback takes back. */
  #checkLists(before: ControlRow, row: ControlRow): void {
    const live = liveRelease(row);
    const old = new Map<string, readonly string[]>();
    for (const id of Object.values(liveRelease(before).entries)) {
      const entry = before.entries[id];
      if (entry !== undefined) old.set(entry.stream, entry.corrections);
    }
    const now = new Map<string, readonly string[]>();
    for (const id of Object.values(live.entries)) {
      const entry = row.entries[id];
      if (entry === undefined) continue;
      const other = now.get(entry.stream) ?? entry.corrections;
      now.set(entry.stream, entry.corrections);
      if (other.join() !== entry.corrections.join())
        this.fail('E0', `views of ${entry.stream} have the lists ${other.join()} and ${entry.corrections.join()}`);
      const was = old.get(entry.stream) ?? [];
      const grows = was.every((each, i) => each === entry.corrections[i]) && entry.corrections.length <= was.length + 1;
      if (live.reason === 'PROMOTED' && !grows)
        this.fail('E20', `the list of ${entry.stream} goes from ${was.join()} to ${entry.corrections.join()}`);
    }
  }

  #checkFloor(row: ControlRow, entry: Entry): void {
    const stream = row.streams[entry.stream];
    const floor = row.floors[viewVersionKey(entry)] ?? [];
    stream?.origins.forEach((_, partition) => {
      const cut = cutAt(entry.cut, partition, stream.origins);
      const lane = cut % stream.sliceSize === 0 ? 'base' : `remainder:${cut}`;
      const { view, version } = entry;
      const folded = lanesOf(row, entry.stream, partition);
      if (!folded.some((each) => each.view === view && each.version === version && each.name === lane))
        this.fail('E2', `lane ${lane} of entry ${entry.id} in partition ${partition} is not folded`);
      if (cut < cutAt(floor, partition, stream.origins))
        this.fail(
          'I6',
          `entry ${entry.id} has cut ${cut} in partition ${partition}, below the floor ${floor[partition]}`,
        );
    });
  }

  async #promoted(store: ViewStore, before: ControlRow, row: ControlRow): Promise<void> {
    const live = liveRelease(row);
    const old = liveRelease(before);
    if (live.reason === 'ROLLED_BACK') this.#coverage.rollbacks++;
    else this.#coverage.promotions++;
    for (const [view, id] of Object.entries(live.entries)) {
      const entry = row.entries[id];
      const was = before.entries[old.entries[view] ?? ''];
      if (entry === undefined) {
        this.fail('I6', `live release ${live.id} names entry ${id}, which is not there`);
        continue;
      }
      const stream = row.streams[entry.stream];
      stream?.origins.forEach((_, partition) => {
        const cut = cutAt(entry.cut, partition, stream.origins);
        if (cut % stream.sliceSize !== 0) this.#coverage.cutsInsideSlice++;
        if (was !== undefined && live.reason !== 'ROLLED_BACK' && cut < cutAt(was.cut, partition, stream.origins))
          this.fail('I6', `cut of ${view}/${partition} goes back to ${cut} without a rollback`);
      });
      if (was !== undefined && was.version !== entry.version) this.#coverage.versionPromotions++;
      if (entry.build !== null && entry.id !== was?.id) await this.#checkWhole(store, entry.build);
    }
    for (const view of Object.keys(old.entries))
      if (live.entries[view] === undefined) this.fail('I6', `view ${view} is no longer in the live release`);
  }

  async #checkWhole(store: ViewStore, build: string): Promise<void> {
    const index = await store.parts.index(build);
    if (index === null) {
      this.fail('E15', `build ${build} is live and has no index`);
      return;
    }
    for (const part of index.parts) {
      const directory = await store.parts.directory(part.part);
      const rows = directory.reduce((sum, chunk) => sum + chunk.rows, 0);
      if (directory.length !== part.chunks || rows !== part.rows)
        this.fail('E15', `build ${build} is live and part ${part.part} is not whole`);
    }
  }
}
