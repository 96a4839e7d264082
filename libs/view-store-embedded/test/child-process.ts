import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  /** Lines that it has printed so far, whole ones only. */
  lines(): readonly string[];
  /** Resolves when it has ended and everything it printed was read. */
  ended(): Promise<{ readonly code: number | null; readonly errors: string }>;
}

/** Runs a program of this folder as a process of its own. */
export function startChild(program: string, args: readonly string[]): Child {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@twofold/source', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(child, 'close');
  return {
    process: child,
    lines: () => output.split('\n').slice(0, -1),
    ended: async () => {
      await closed;
      return { code: child.exitCode, errors };
    },
  };
}
