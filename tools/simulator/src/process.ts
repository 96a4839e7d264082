/** One process: it runs, stands still, or is dead. Services in it know nothing of this. */
export class Process {
  readonly name: string;
  /** Stops what runs in it in good order; a kill does not. */
  readonly stop = new AbortController();
  /** Somebody else has its work: from now on it is a zombie. */
  replaced = false;
  /** A reader's: it waits long for what it asked. */
  readonly patient: boolean;
  #state: 'RUNNING' | 'PAUSED' | 'DEAD' = 'RUNNING';
  #waiting: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
    this.patient = name.startsWith('reader');
  }

  get dead(): boolean {
    return this.#state === 'DEAD';
  }

  /** Goes on now; when it is resumed, if it is paused; never, if it is dead. */
  live(go: () => void): void {
    if (this.#state === 'RUNNING') go();
    else if (this.#state === 'PAUSED') this.#waiting.push(go);
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.live(resolve));
  }

  pause(): void {
    if (this.#state === 'RUNNING') this.#state = 'PAUSED';
  }

  /** Goes on with what it believed before. */
  resume(): void {
    if (this.#state !== 'PAUSED') return;
    this.#state = 'RUNNING';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Memory is lost; what was sent may still arrive. */
  kill(): void {
    this.#state = 'DEAD';
    this.#waiting = [];
  }
}
