import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
/** As bin/twofold.mjs starts it. */
const FLAGS = ['--conditions=@twofold/source', '--disable-warning=TimeoutNegativeWarning'];
export const PLANT = fileURLToPath(new URL('../../examples/plant', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A test that ran out of time gives nothing back: its processes must not outlive the tests' own. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A real `twofold …` process. */
export class TwofoldProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [...FLAGS, MAIN, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    alive.add(this.child);
    this.child.once('exit', () => alive.delete(this.child));
    this.child.stdout?.on('data', (part: Buffer) => (this.#stdout += part.toString()));
    this.child.stderr?.on('data', (part: Buffer) => (this.#stderr += part.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  /** All that it has printed. */
  get printed(): string {
    return this.#stdout + this.#stderr;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves with the API's address once the process says that it is ready; rejects when it ends first. */
  async ready(): Promise<string> {
    for (;;) {
      const found = /"?url"?[:=]\s*"?(http[^"\s]+)/.exec(this.#stderr);
      if (found?.[1] !== undefined) return found[1];
      const ended = await Promise.race([this.ended, new Promise<null>((resolve) => setTimeout(resolve, 20, null))]);
      if (ended !== null) throw new Error(`twofold ended with ${ended.code}: ${ended.stderr}`);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

export async function runTwofold(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new TwofoldProcess(args, environment).ended;
}
