import { liveRelease } from '@twofold/releases';
import { BatchReader, ByteCache, readView, type MergedPanes, type ReadRequest } from '@twofold/serving-api';
import type { View } from '@twofold/views';
import { checkAnswer } from './check-answer.ts';
import { NO_FAULTS } from './faults.ts';
import { Pager } from './pager.ts';
import { PresentedReader } from './presented-reader.ts';
import { WindowReader } from './window-reader.ts';
import type { Machine, World } from './world.ts';

const FROM = Date.UTC(2025, 0, 1);
const TO = Date.UTC(2026, 11, 1);

export function requestOf(view: View, more: Partial<ReadRequest> = {}): ReadRequest {
  return {
    view,
    layer: 'MERGED',
    keys: null,
    from: FROM,
    to: TO,
    grainMs: null,
    release: null,
    positions: null,
    ...more,
  };
}

/** A reader's session: it reads on and on, and holds every answer against the oracle. */
export function reader(world: World) {
  const { random, coverage, observer, truth } = world;
  return async (machine: Machine): Promise<void> => {
    const { process, clock, store } = machine;
    const cache = new ByteCache(random.pick([0, 1 << 20]));
    const ports = { store, batch: new BatchReader(store, cache), cache };
    const pager = new Pager(world, machine, ports);
    const presented = new PresentedReader(world, machine, ports);
    const windows = new WindowReader(world, machine, ports);
    const claims = new Map<string, readonly number[]>();
    const served = new ServedClaims(world);
    const read = async (request: ReadRequest): Promise<MergedPanes> => {
      const answer = await readView(request, ports);
      coverage.readsChecked++;
      if (request.positions !== null) coverage.snapshots++;
      if (!process.dead) checkAnswer(request, answer, truth, observer);
      return answer;
    };
    while (!process.stop.signal.aborted) {
      await clock.sleep(random.int(40, 180), process.stop.signal);
      const view = random.pick(world.model.views);
      try {
        const request = requestOf(view, drawRequest(world, view));
        const first = await read(request);
        noteClaims(world, claims, request, first);
        served.note(request, first);
        if (random.chance(0.2)) await readAgain(world, first, read);
        if (random.chance(0.2)) await pager.read(request);
        if (random.chance(0.3)) await presented.read();
        if (random.chance(0.3)) await windows.read();
      } catch (error) {
        coverage.refusedReads++;
        throw error;
      }
    }
  };
}

function drawRequest(world: World, view: View): Partial<ReadRequest> {
  const { random } = world;
  const layer = random.pick(['MERGED', 'MERGED', 'MERGED', 'BATCH', 'SPEED'] as const);
  const known = world.truth.keysOf(view);
  const keys = known.length > 0 && random.chance(0.3) ? [random.pick(known)] : null;
  const sessions = view.window.kind === 'session';
  const grainMs = random.chance(0.2) && !sessions ? random.pick(view.levels).widthMs * random.int(1, 3) : null;
  const releases = world.observer.row?.releases ?? [];
  // The oldest is the next to be dropped.
  const old = random.chance(0.5) ? releases.slice(0, 1) : releases;
  const release = random.chance(0.3) && old.length > 0 ? random.pick(old).id : null;
  return { layer, keys, grainMs, release, positions: random.chance(0.35) ? 'SLICE_ENDS' : null };
}

/** X3: claims of one entry never go back for one reader. */
function noteClaims(
  world: World,
  claims: Map<string, readonly number[]>,
  request: ReadRequest,
  answer: MergedPanes,
): void {
  if (request.layer === 'BATCH' || request.positions !== null) return;
  const now = answer.partitions.map(({ claim }) => claim);
  claims.get(answer.entry.id)?.forEach((before, partition) => {
    if ((now[partition] ?? -1) < before)
      world.observer.fail(
        'X3',
        `entry ${answer.entry.id}: partition ${partition} claimed ${before}, and now ${now[partition]}`,
      );
  });
  claims.set(answer.entry.id, now);
}

/** X3: what is live never answers less far than what was live before it did. A zombie may break that, so only where there is none. */
class ServedClaims {
  readonly #world: World;
  readonly #last = new Map<string, { readonly number: number; readonly claims: readonly number[] }>();

  constructor(world: World) {
    this.#world = world;
  }

  note({ view, layer, release, positions }: ReadRequest, answer: MergedPanes): void {
    const { observer, coverage, rates } = this.#world;
    if (layer === 'BATCH' || positions !== null || release !== null) return;
    const { number } = answer.release;
    const claims = answer.partitions.map(({ claim }) => claim);
    const before = this.#last.get(view.name);
    this.#last.set(view.name, { number, claims });
    if (before === undefined || rates !== NO_FAULTS) return;
    const since = (observer.row?.releases ?? []).filter((each) => each.number > before.number);
    if (since.some(({ reason }) => reason === 'ROLLED_BACK')) return;
    if (number > before.number) coverage.claimsAcrossPromotions++;
    before.claims.forEach((claim, partition) => {
      if ((claims[partition] ?? -1) < claim)
        observer.fail(
          'X3',
          `${view.name}: partition ${partition} was answered up to ${claim} by release ${before.number}, and by ${number} up to ${claims[partition]}`,
        );
    });
  }
}

/** X4 and E16: another view of the same release, and the same snapshot again. */
async function readAgain(
  world: World,
  first: MergedPanes,
  read: (request: ReadRequest) => Promise<MergedPanes>,
): Promise<void> {
  for (const view of world.model.views) {
    const entry = world.observer.row?.entries[first.release.entries[view.name] ?? ''];
    if (entry === undefined || entry.version !== view.version) continue;
    const again = await read(requestOf(view, { release: first.release.id }));
    if (again.release.id !== first.release.id || again.entry.id !== first.release.entries[view.name])
      world.observer.fail('X4', `view ${view.name} was read from release ${again.release.id}, not ${first.release.id}`);
  }
}

/** I12: when all is calm, every restorable entry of every view is read exactly, to the end of the log. */
export async function readEverything(world: World, machine: Machine): Promise<number> {
  const cache = new ByteCache(1 << 20);
  const ports = { store: machine.store, batch: new BatchReader(machine.store, cache), cache };
  const { row } = world.observer;
  if (row === null) return 0;
  let reads = 0;
  const seen = new Set<string>();
  for (const release of [liveRelease(row), ...row.releases])
    for (const view of world.model.views) {
      const entry = row.entries[release.entries[view.name] ?? ''];
      if (entry === undefined || entry.version !== view.version || seen.has(entry.id)) continue;
      seen.add(entry.id);
      const request = requestOf(view, { release: release.id });
      const answer = await readView(request, ports);
      checkAnswer(request, answer, world.truth, world.observer);
      // With nothing above the claims, the bounds are the answer.
      answer.partitions.forEach(({ claim }, partition) => {
        const { end } = world.truth.partition(view.stream.name, partition);
        if (claim !== end)
          world.observer.fail(
            'I12',
            `${view.name} entry ${entry.id}: partition ${partition} claims ${claim} of ${end} when all is calm`,
          );
      });
      const exact = requestOf(view, { release: release.id, layer: 'BATCH' });
      checkAnswer(exact, await readView(exact, ports), world.truth, world.observer);
      reads += 2;
    }
  return reads;
}
