import { TwofoldProcess, type Ended } from './dev-process.ts';
import { until } from './until.ts';

export type ServiceCommand = 'speed' | 'batch' | 'serve';

/** One of the three layers as a process of its own, at a fixed port; may be killed and started again. */
export class ServiceProcess {
  readonly command: ServiceCommand;
  readonly url: string;
  readonly #arguments: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #process: TwofoldProcess;
  #before = '';
  #answered = '';
  /** How often it ended without being told to, and was started again. */
  unasked = 0;
  #told = false;

  constructor(command: ServiceCommand, port: number, more: readonly string[], environment: Record<string, string>) {
    const portFlag = command === 'serve' ? '--port' : '--health-port';
    this.command = command;
    this.url = `http://127.0.0.1:${port}`;
    this.#arguments = [command, portFlag, String(port), ...more];
    this.#environment = environment;
    this.#process = this.#start();
  }

  get ended(): Promise<Ended> {
    return this.#process.ended;
  }

  get pid(): number {
    return this.#process.child.pid ?? 0;
  }

  /** Has its last process ended? */
  get isGone(): boolean {
    return this.#process.child.exitCode !== null || this.#process.child.signalCode !== null;
  }

  /** What all its processes wrote. */
  get stderr(): string {
    return this.#before + this.#process.stderr;
  }

  /** Status of `/ready` or `/health`; 0: nobody answers. */
  async status(path: '/ready' | '/health'): Promise<number> {
    try {
      const answer = await fetch(this.url + path, { signal: AbortSignal.timeout(5_000) });
      this.#answered = await answer.text();
      return answer.status;
    } catch (error) {
      this.#answered = String(error);
      return 0;
    }
  }

  /** What it says that it is not ready for; nothing when it is, or does not answer. */
  async reasons(): Promise<string> {
    await this.status('/ready');
    return this.#answered;
  }

  /** Resolves when it says that it is ready, with the milliseconds that took. */
  ready(patienceMs?: number): Promise<number> {
    return until(`${this.command} is ready`, async () => (await this.status('/ready')) === 200, {
      ...(patienceMs === undefined ? {} : { patienceMs }),
      state: () => this.tail(),
    });
  }

  tail(): string {
    return `${this.command} answered ${this.#answered}, and said:\n${this.stderr.slice(-3_000)}`;
  }

  /** SIGSTOP and SIGCONT, which do not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.child.kill(signal);
  }

  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#told = true;
    return this.#process.kill(signal);
  }

  /** Starts it again after it ended. */
  restart(): void {
    this.#before = this.stderr;
    this.#process = this.#start();
  }

  #start(): TwofoldProcess {
    this.#told = false;
    return new TwofoldProcess(this.#arguments, this.#environment);
  }

  /** From now on, starts it again whenever it ends unasked, as those who run services do. */
  keep(): void {
    const mine = this.#process;
    void mine.ended.then(({ code }) => {
      if (this.#told || mine !== this.#process) return;
      this.unasked++;
      const said = [...mine.stderr.matchAll(/"(?:message|error)":"([^"]*)"/g)].map(([, message]) => message);
      console.log(`${this.command} ended unasked with ${code}; started again. It said: ${said.slice(-4).join(' | ')}`);
      this.restart();
      this.keep();
    });
  }
}
