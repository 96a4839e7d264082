import { compareAnswers, evaluate, holds, oracleAnswer, type ClassifiedRecord } from '@twofold/oracle';
import { answerRows, type ReadPorts, type ReadRequest } from '@twofold/serving-api';
import type { View } from '@twofold/views';
import { keyByName, servedRows } from './compare-views.ts';
import { requestOf } from './reader.ts';
import type { Machine, World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Reads the windows of a short stretch of time, where sessions and days begin before it, and asks the oracle for the same. */
export class WindowReader {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #ports: ReadPorts;

  constructor(world: World, machine: Machine, ports: ReadPorts) {
    this.#world = world;
    this.#machine = machine;
    this.#ports = ports;
  }

  /** X1, E25: a snapshot and a batch answer end exactly at their claims, so every window of them is the oracle's. */
  async read(): Promise<void> {
    const { random, model, coverage, observer } = this.#world;
    const view = random.pick(model.views);
    const written = logOf(this.#world, view);
    const followers = random.chance(0.5) ? followersIn(view, written) : [];
    const some = followers.length > 0 ? followers : written;
    const near = some.length === 0 ? undefined : random.pick(some);
    if (near === undefined || near.class === 'rejected') return;
    const request = this.#requestNear(view, near.event.timeMs, followers.length > 0);
    const { from, to, calendar } = request;
    const answer = await answerRows(request, { ...this.#ports, clock: this.#machine.clock });
    const { merged, windows } = answer;
    const ends = merged.partitions.map(({ cut, claim }) => (request.layer === 'BATCH' ? cut : claim));
    // The log has grown while the answer was made. Of a partition that the control row does not have yet, nothing is in it.
    const log = logOf(this.#world, view);
    const upTo = this.#world.truth.readBy(view.stream).map((_, partition) => ends[partition] ?? 0);
    const query = { from, to, upTo, ...(calendar == null ? {} : { calendar }) };
    const counted = this.#world.truth.corrected.logOf(
      view.stream,
      log,
      this.#world.truth.corrected.inForce(merged.entry),
    );
    const expected = oracleAnswer(view, counted, query).map((row) => ({
      ...row,
      dimensions: keyByName(view, row.key),
    }));
    const difference = compareAnswers(expected, servedRows(view, answer));
    if (difference !== null && !this.#machine.process.dead)
      observer.fail('X1', `${view.name}@${view.version} ${request.layer} from ${from} to ${to}: ${difference}`);
    const { kind } = merged.plan.window;
    if (kind === 'session') {
      coverage.sessionsCompared += windows.rows;
      for (const start of windows.windowStarts) if (start < from) coverage.sessionsBegunBefore++;
    } else if (kind === 'calendar') {
      coverage.calendarRowsCompared += windows.rows;
      windows.windowEnds.forEach((end, row) => {
        const hours = (end - (windows.windowStarts[row] ?? 0)) / HOUR_MS;
        if (hours === 23 || hours === 25) coverage.shiftedDaysCompared++;
      });
    }
  }

  /** @param within the stretch begins at the event, whose session has begun before */
  #requestNear(view: View, time: number, within: boolean): ReadRequest {
    const { random } = this.#world;
    const from = time - (within ? 0 : random.pick([0, 1, 1_000, 60_000, HOUR_MS, 30 * HOUR_MS]));
    const to = time + random.pick([1, 1_000, 60_000, HOUR_MS, 30 * HOUR_MS]);
    const exact = random.chance(0.5)
      ? ({ layer: 'BATCH', positions: null } as const)
      : ({ layer: 'MERGED', positions: 'SLICE_ENDS' } as const);
    const fixed = view.window.kind === 'tumbling' || view.window.kind === 'sliding';
    const calendar = fixed && random.chance(0.3) ? ({ grain: 'day', zone: 'Europe/Berlin' } as const) : null;
    return requestOf(view, { ...exact, from, to, calendar });
  }
}

/** Of a view of sessions, the events that another one of their key lies before, at most the gap away. */
function followersIn(view: View, log: readonly ClassifiedRecord[]): ClassifiedRecord[] {
  const { window } = view;
  if (window.kind !== 'session') return [];
  const last = new Map<string, number>();
  const followers: ClassifiedRecord[] = [];
  const applied = log.flatMap((record) =>
    record.class === 'applied' && holds(view.where, record.event) ? [record] : [],
  );
  for (const record of applied.sort((a, b) => a.event.timeMs - b.event.timeMs)) {
    const { event } = record;
    const key = view.dimensions.map(({ expr }) => String(evaluate(expr, event))).join('|');
    const before = last.get(key) ?? -Infinity;
    if (event.timeMs > before && event.timeMs - before <= window.gapMs) followers.push(record);
    last.set(key, event.timeMs);
  }
  return followers;
}

function logOf({ truth }: World, { stream }: View): ClassifiedRecord[] {
  return truth.readBy(stream).flatMap(({ classified }) => classified);
}
