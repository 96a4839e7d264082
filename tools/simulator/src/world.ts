import {
  archivedEnd,
  createMemoryArchive,
  createMemoryBlobs,
  derivedName,
  versionState,
  type ColumnArchive,
} from '@twofold/archive';
import type { BatchPorts, BatchProject } from '@twofold/batch-layer';
import type { CorrectionPlan } from '@twofold/corrections';
import { createMemoryLog, type LogReader, type MemoryLog } from '@twofold/event-log';
import { lanesOf, type ControlRow } from '@twofold/releases';
import { TwofoldError, type Stream } from '@twofold/schemas';
import type { Clock, Ids, Logger } from '@twofold/service';
import { createMemoryStore, type MemoryStore, type ViewStore } from '@twofold/view-store';
import type { Expr, View } from '@twofold/views';
import { repeatedBy } from './check-repeats.ts';
import { CorrectedTruth } from './corrected-truth.ts';
import { noCoverage, type Coverage } from './coverage.ts';
import { drawFaults, type FaultRates } from './faults.ts';
import { declaredGates, drawGates } from './gate-watch.ts';
import { Kernel } from './kernel.ts';
import type { Model, Topic } from './model.ts';
import { Network } from './network.ts';
import { Observer } from './observer.ts';
import { Process } from './process.ts';
import type { Producer } from './producer.ts';
import { RepeatWatch } from './repeat-watch.ts';
import { Random } from './rng.ts';
import { RowRedactions } from './row-redactions.ts';
import { simArchive, simEngine, simLog, type Files } from './sim-archive.ts';
import { simStore } from './sim-store.ts';
import { Truth } from './truth.ts';

/** What one process has in its hands: ports of its own, and a handle on the store that was there when it started. */
export interface Machine {
  readonly process: Process;
  readonly clock: Clock;
  readonly store: ViewStore;
  readonly log: LogReader;
  readonly archive: ColumnArchive;
  readonly batch: BatchPorts;
}

/** Of the events that the corrector writes and looks for. */
const CORRECTED_FIELDS: readonly string[] = ['id', 'key', 'token', 'at', 'amount'];

/** Errors that services may end with while faults go on; everything else is a violation of its own. */
const EXPECTED = new Set([
  'STORE_UNAVAILABLE',
  'STORE_GONE',
  'OUTCOME_UNKNOWN',
  'ARCHIVE_IO',
  'LOG_IO',
  'ENGINE_FAILED',
  'NOT_REGISTERED',
  'CANDIDATE_REFUSED',
  'CANDIDATE_LOST',
  'SPEED_BEHIND',
  'BASE_COLLECTED',
  'CONTROL_BUSY',
  'PART_DAMAGED',
  'SOURCE_MOVED',
  'VIEW_NOT_READY',
  'RELEASE_EXPIRED',
  'SNAPSHOT_EXPIRED',
  'GATE_BLOCKED',
]);

const INVARIANT_OF: Readonly<Record<string, string>> = {
  PARITY_DIFFERS: 'E18',
  WRITE_CONFLICT: 'E5',
  COVERAGE_HOLE: 'E13',
  COVERAGE_OVERLAP: 'E13',
  LOG_LOST_BEFORE_ARCHIVE: 'E13',
  MANIFEST_DAMAGED: 'E12',
  MANIFEST_MISSING: 'E12',
  FILE_DAMAGED: 'E12',
  FILE_MISSING: 'E12',
  SOURCE_DAMAGED: 'E12',
  OFFSET_OUT_OF_RANGE: 'E7',
  PART_MISSING: 'E14',
};

/** One history: everything that lives in virtual time, made from a seed. */
export class World {
  readonly seed: number;
  readonly random: Random;
  readonly kernel: Kernel;
  readonly coverage: Coverage = noCoverage();
  readonly rates: FaultRates;
  readonly network: Network;
  readonly model: Model;
  readonly truth: Truth;
  readonly observer: Observer;
  readonly repeats: RepeatWatch;
  readonly log: MemoryLog;
  readonly store: MemoryStore;
  readonly files: Files = { stored: new Map(), decoded: new Map() };
  readonly ids: Ids;
  /** What gives records their log time. */
  readonly logClock: Clock;
  /** Programs started from now on want the new versions live. */
  newVersion = false;
  /** No more faults. */
  calm = false;
  /** A scheduled run has succeeded since. */
  slotServed = false;
  readonly producers: Producer[] = [];
  /** Redactions whose certificate nobody has seen yet: who applies them again ends in the same. Beside them those refused. */
  readonly redacting: { readonly stream: Stream; readonly plan: CorrectionPlan; readonly condition: Expr }[] = [];
  readonly givenUp: World['redacting'][number][] = [];
  /** The same of rows of upsert streams. */
  readonly rows = new RowRedactions();
  /** When each state of an operator was stored. */
  readonly statesAt = new Map<string, number>();
  /** Somebody tells what releases changed. */
  readonly tells: boolean;
  /** What is corrected is corrected once more, at rest. */
  readonly correctsAtRest: boolean;
  /** Batches of records that are on their way to the log. */
  sending = 0;
  #made = 0;
  /** The archive without a network: what is true of it. */
  readonly #archive: ColumnArchive;

  constructor(seed: number, raised: boolean, model: Model) {
    this.seed = seed;
    this.model = model;
    this.truth = new Truth(model.views, new CorrectedTruth(this.files.stored));
    this.truth.corrected.unplanned = (stream, link) => repeatedBy(this, stream, link);
    this.random = new Random(seed);
    this.rates = drawFaults(new Random(seed ^ 0x1b873593), raised);
    this.kernel = new Kernel(seed);
    this.observer = new Observer(this.truth, model.views, this.coverage);
    this.repeats = new RepeatWatch(this.truth, this.coverage);
    const drawn = new Random(seed ^ 0x51ed270b);
    this.tells = this.correctable.length > 0 && drawn.chance(0.7);
    this.observer.gates.drawn = drawGates(drawn, model.views);
    this.correctsAtRest = this.correctable.length > 0 && drawn.chance(0.3);
    this.observer.feed.tellsAll = drawn.chance(0.6);
    this.network = new Network(this.kernel, this.rates, this.coverage, seed);
    this.ids = { next: () => `I${String(this.#made++).padStart(25, '0')}` };
    this.logClock = this.kernel.clockOf(new Process('log'), 0);
    this.log = createMemoryLog({ clock: this.logClock, ids: this.ids });
    this.#archive = createMemoryArchive({ ids: this.ids, blobs: createMemoryBlobs(this.files.stored) });
    this.store = createMemoryStore({
      ids: this.ids,
      onConflict: (error) => this.observer.fail('E5', error.message),
    });
  }

  get project(): BatchProject {
    const { gates: watched, feed } = this.observer;
    const gates = watched.drawn === null ? [] : declaredGates(watched.drawn, this.wanted);
    const restatements = feed.tellsAll ? 'all' : 'corrections';
    return { id: 'p', streams: this.topics, views: this.wanted, gates, restatements };
  }

  /** Streams as programs that are started now declare them. */
  get topics(): readonly Topic[] {
    const { topics, newer = [] } = this.model;
    return this.newVersion ? topics.map((each) => newer.find(({ topic }) => topic === each.topic) ?? each) : topics;
  }

  /** A program that began before a stream's new version is replaced sooner or later, at last when nothing goes wrong any more. */
  isReplaced(isNew: boolean): boolean {
    const isOld = this.model.newer !== undefined && this.newVersion && !isNew;
    return isOld && (this.calm || this.random.chance(0.2));
  }

  get wanted(): readonly View[] {
    return this.newVersion ? this.model.wanted.after : this.model.wanted.before;
  }

  /** Streams that somebody corrects, who knows these fields: of changes neither the source nor what is made of it. */
  get correctable(): readonly Topic[] {
    if (this.model.newer !== undefined) return [];
    const sources = new Set(this.model.topics.map(({ stream }) => stream.change?.of.name));
    const known = (stream: Stream): boolean =>
      CORRECTED_FIELDS.every((name) => stream.fields.some((field) => field.name === name)) &&
      stream.fields.every((field) => field.optional || CORRECTED_FIELDS.includes(field.name));
    return this.model.topics.filter(
      ({ stream }) => stream.change === undefined && !sources.has(stream.name) && known(stream),
    );
  }

  /** A new process with ports of its own. */
  start(name: string): Machine {
    const process = new Process(`${name}.${this.#made++}`);
    const skewMs = this.random.int(-3_000, 3_000);
    const clock = this.kernel.clockOf(process, skewMs);
    const store = simStore(this.store.open(), process, this.network, this.observer);
    const archive = simArchive(this.files, process, this.network, this.ids);
    const log = simLog(
      { log: this.log, archive, streams: this.topics, coverage: this.coverage },
      process,
      this.network,
    );
    const logger = this.#logger(process.name);
    const engine = simEngine(archive, this.files);
    return {
      process,
      clock,
      store,
      log,
      archive,
      batch: { log, archive, engine, store, clock, ids: this.ids, logger },
    };
  }

  /** True: the process has to end, because its store is gone. Anything not expected is a violation. */
  judge(process: Process, error: unknown): boolean {
    if (process.stop.signal.aborted || process.dead) return true;
    if (error instanceof TwofoldError) {
      const code = String(error.code);
      if (code === 'STORE_GONE') return true;
      if (EXPECTED.has(code) || (code === 'STREAM_DIFFERS' && this.model.newer !== undefined)) {
        this.kernel.note(`${process.name}: ${code}`);
        return false;
      }
      this.observer.fail(INVARIANT_OF[code] ?? code, `${process.name}: ${error.message}`);
      return true;
    }
    this.observer.fail(
      'UNEXPECTED',
      `${process.name}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
    );
    return true;
  }

  /** Ends of the archived partitions of a stream, as they are. */
  async archived(stream: string): Promise<{ readonly ends: readonly number[] }> {
    const state = await this.#archive.head(stream);
    return { ends: state.origins.map((_, partition) => archivedEnd(state, partition)) };
  }

  /** What a version of a stream that programs have by now has not read anew yet; null: nothing. */
  async lacksDerived(): Promise<string | null> {
    for (const { stream } of this.model.newer === undefined ? [] : this.topics) {
      const state = await versionState(stream, this.#archive);
      for (const [partition, { end }] of this.truth.readBy(stream).entries())
        if (archivedEnd(state, partition) < end)
          return `${stream.name}@${stream.version}/${partition} is read up to ${archivedEnd(state, partition)} of ${end}`;
    }
    return null;
  }

  /** Data files that the newest manifest of a stream names. */
  async namedFiles(stream: string): Promise<readonly string[]> {
    return (await this.#archive.head(stream)).files.map(({ name }) => name);
  }

  /** Numbers of the redactions that the newest manifest of a stream names. */
  markedRedactions(stream: string): readonly number[] {
    let newest: readonly number[] = [];
    for (let number = 0; ; number++) {
      const bytes = this.files.stored.get(`${stream}/manifests/${String(number).padStart(12, '0')}.json`);
      if (bytes === undefined) return newest;
      const [, body = '{}'] = new TextDecoder().decode(bytes).split('\n');
      newest = (JSON.parse(body) as { readonly redactions?: readonly number[] }).redactions ?? [];
    }
  }

  /** What the archive's own verification finds; null: every file that a manifest names is there and whole. */
  async brokenArchive(): Promise<string | null> {
    const { topics, newer = [] } = this.model;
    const chains = [...topics.map(({ stream }) => stream.name), ...newer.map(({ stream }) => derivedName(stream))];
    for (const chain of chains)
      for await (const fault of this.#archive.verify(chain)) return `${fault.name}: ${fault.detail}`;
    return null;
  }

  /** The first lane that the control row names and whose progress is not at its end; null: none. */
  async lanesBehind(row: ControlRow): Promise<string | null> {
    const store = this.store.open();
    for (const { stream } of this.model.topics)
      for (const [partition, { end }] of (this.truth.partitions.get(stream.name) ?? []).entries())
        for (const lane of lanesOf(row, stream.name, partition)) {
          const records = await store.progress.read(lane);
          const at = records.find((r) => r.partition === partition && r.lane === lane.name)?.next ?? -1;
          const due = Math.min(end, lane.end ?? end);
          if (end > lane.start && at < due)
            return `lane ${lane.view}@${lane.version}/${partition} ${lane.name} is at ${at} of ${due}`;
        }
    return null;
  }

  loseStore(): void {
    this.coverage.storeLosses++;
    this.observer.storeLost();
    this.store.destroy();
    this.kernel.note('the store is lost');
  }

  #logger(name: string): Logger {
    const note = (message: string): void => this.kernel.note(`${name}: ${message}`);
    return { debug: () => undefined, info: note, warn: note, error: note };
  }
}
