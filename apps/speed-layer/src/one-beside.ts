/** One piece of work at a time, done beside its owner. What ended one is thrown at the owner's next call. */
export class OneBeside {
  #running: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  get idle(): boolean {
    return this.#running === null;
  }

  /** Only when idle. */
  start(work: () => Promise<void>): void {
    this.#raise();
    this.#running = work()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Resolves when nothing is being done. */
  async settled(): Promise<void> {
    await this.#running;
    this.#raise();
  }

  #raise(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
