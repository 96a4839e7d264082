import type { Machine, World } from './world.ts';

/** Work that some process has to do for ever: when one dies or is replaced, the next takes over. */
export class Role {
  readonly name: string;
  machine: Machine;
  readonly #world: World;
  readonly #work: (machine: Machine) => Promise<void>;
  /** Whoever did it before and may do it still. */
  readonly zombies: Machine[] = [];

  #retired = false;

  constructor(world: World, name: string, work: (machine: Machine) => Promise<void>) {
    this.#world = world;
    this.name = name;
    this.#work = work;
    this.machine = this.#start();
  }

  #start(): Machine {
    const machine = this.#world.start(this.name);
    this.#run(machine).catch((error: unknown) => this.#world.judge(machine.process, error));
    return machine;
  }

  /** Tries again after what passes; starts anew when the store is gone. */
  async #run(machine: Machine): Promise<void> {
    const { process, clock } = machine;
    while (!process.stop.signal.aborted) {
      try {
        await this.#work(machine);
      } catch (error) {
        if (this.#world.judge(process, error)) break;
      }
      await clock.sleep(20, process.stop.signal).catch(() => undefined);
    }
    if (process.dead || process.stop.signal.aborted) return;
    process.kill();
    if (this.machine !== machine) return;
    this.#world.kernel.at(30, `${this.name} starts again`, () => {
      if (this.machine === machine && !this.#retired) this.machine = this.#start();
    });
  }

  /** Nobody does it any more. */
  retire(): void {
    this.#retired = true;
    for (const { process } of [this.machine, ...this.zombies]) process.kill();
  }

  kill(): void {
    const { machine } = this;
    this.#world.coverage.kills++;
    machine.process.kill();
    this.#world.kernel.note(`${machine.process.name} is killed`);
    this.#world.kernel.at(this.#world.random.int(5, 200), `${this.name} starts again`, () => {
      if (this.machine === machine && !this.#retired) this.machine = this.#start();
    });
  }

  pause(): void {
    const { process } = this.machine;
    this.#world.coverage.pauses++;
    process.pause();
    this.#world.kernel.note(`${process.name} stands still`);
    this.#world.kernel.at(this.#world.random.int(20, 600), `${process.name} goes on`, () => process.resume());
  }

  /** Somebody else takes over; the old one may stand still for a while, goes on, and does not know. */
  handOver(): void {
    const old = this.machine;
    old.process.replaced = true;
    if (this.#world.random.chance(0.6)) this.pause();
    this.zombies.push(old);
    this.machine = this.#start();
    this.#world.kernel.at(this.#world.random.int(100, 1_500), `${old.process.name} ends`, () => old.process.kill());
  }
}
