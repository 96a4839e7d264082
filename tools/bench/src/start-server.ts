import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts serve.ts in a process of its own, on one processor where that can be told; resolves with its port. */
export async function startServer(args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const script = [...process.execArgv, fileURLToPath(new URL('./serve.ts', import.meta.url)), ...args];
  const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
  const [command, all] = pinned ? ['taskset', ['-c', '0', process.execPath, ...script]] : [process.execPath, script];
  const child = spawn(command, all, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  return { child, port: Number(line.toString().trim()) };
}
