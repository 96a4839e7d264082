import type { Clock } from '@twofold/service';
import type { Process } from './process.ts';
import { Random } from './rng.ts';

interface Task {
  readonly due: number;
  readonly tie: number;
  readonly number: number;
  readonly what: string;
  run(): void;
}

const WALL_START = Date.UTC(2026, 0, 1, 12);

/**
 * Virtual time over one heap. One task runs at a time, then every promise that can move, moves; so the seed alone
 * decides what happens, and in which order.
 */
export class Kernel {
  readonly random: Random;
  /** Milliseconds of virtual time since the start. */
  now = 0;
  steps = 0;
  /** Of every step, in order: equal hashes, equal histories. */
  hash = 0x811c9dc5;
  trace: ((line: string) => void) | null = null;
  readonly #tasks: Task[] = [];
  #numbers = 0;

  constructor(seed: number) {
    this.random = new Random(seed ^ 0x5bd1e995);
  }

  at(delayMs: number, what: string, run: () => void): void {
    const due = this.now + Math.max(0, Math.ceil(delayMs));
    push(this.#tasks, { due, tie: this.random.next(), number: this.#numbers++, what, run });
  }

  delay(delayMs: number, what: string): Promise<void> {
    return new Promise((resolve) => this.at(delayMs, what, resolve));
  }

  /** Runs tasks that are due before `until`, or until `stop` says so. */
  async run(until: number, stop: () => boolean): Promise<void> {
    while (!stop()) {
      const task = this.#tasks[0];
      if (task === undefined || task.due > until) break;
      pop(this.#tasks);
      this.now = task.due;
      this.steps++;
      this.note(task.what);
      task.run();
      await settled();
    }
    if (!stop()) this.now = Math.max(this.now, until);
  }

  note(what: string): void {
    const line = `${this.now} ${what}`;
    for (let i = 0; i < line.length; i++) this.hash = Math.imul(this.hash ^ line.charCodeAt(i), 0x01000193) >>> 0;
    this.trace?.(line);
  }

  /** A clock of one process: it stands while the process is paused, and nobody wakes in a dead one. */
  clockOf(process: Process, skewMs: number): Clock {
    return {
      now: () => WALL_START + this.now + skewMs,
      monotonic: () => this.now,
      sleep: (ms, signal) => this.#sleep(process, ms, signal),
    };
  }

  #sleep(process: Process, ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      let over = false;
      const abort = (): void => {
        over = true;
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.at(ms, `${process.name} wakes`, () => {
        if (over) return;
        signal?.removeEventListener('abort', abort);
        process.live(resolve);
      });
    });
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function before(a: Task | undefined, b: Task | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.due !== b.due) return a.due < b.due;
  return a.tie === b.tie ? a.number < b.number : a.tie < b.tie;
}

function push(heap: Task[], task: Task): void {
  let at = heap.push(task) - 1;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    if (!before(heap[at], heap[parent])) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function pop(heap: Task[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ;) {
    const left = 2 * at + 1;
    const least = before(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!before(heap[least], heap[at])) return;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: Task[], a: number, b: number): void {
  const [x, y] = [heap[a], heap[b]];
  if (x === undefined || y === undefined) return;
  heap[a] = y;
  heap[b] = x;
}
