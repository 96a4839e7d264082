import { answerRows, PresentedCache, presentRows, type ReadPorts, type ReadRequest } from '@twofold/serving-api';
import type { WindowAnswer } from '@twofold/views';
import { checkAnswer } from './check-answer.ts';
import { requestOf } from './reader.ts';
import type { Machine, World } from './world.ts';

/** So few keys that the same are asked for again. */
const KEYS = 3;

/** Reads rows of a few keys with a memory of what was presented before. */
export class PresentedReader {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #ports: ReadPorts;
  readonly #seen = new WeakSet<WindowAnswer>();

  constructor(world: World, machine: Machine, ports: ReadPorts) {
    this.#world = world;
    this.#machine = machine;
    this.#ports = { ...ports, presented: new PresentedCache(1 << 20) };
  }

  /** X1: rows that are remembered are those that the panes give. */
  async read(): Promise<void> {
    const { random, model, truth } = this.#world;
    const view = random.pick(model.views);
    const keys = truth.keysOf(view).slice(0, KEYS);
    if (keys.length === 0) return;
    const request = requestOf(view, { keys: [random.pick(keys)] });
    // At once again: mostly nothing has changed.
    for (let times = 0; times < 2; times++) await this.#readOnce(request);
  }

  async #readOnce(request: ReadRequest): Promise<void> {
    const { truth, observer, coverage } = this.#world;
    const { view } = request;
    const { clock } = this.#machine;
    const { merged, windows } = await answerRows(request, { ...this.#ports, clock });
    if (this.#seen.has(windows)) coverage.answersRemembered++;
    this.#seen.add(windows);
    if (!this.#machine.process.dead) checkAnswer(request, merged, truth, observer);
    const anew = presentRows(request, merged, { now: clock.now() });
    if (textOf(anew.windows) !== textOf(windows))
      observer.fail('X1', `${view.name}@${view.version}: rows are remembered that its panes do not give any more`);
  }
}

function textOf(windows: WindowAnswer): string {
  return JSON.stringify(windows, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
