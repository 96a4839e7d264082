import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a node's folder holds: `pid`, `log.txt`, `data`, and what it is set up with. */
const pidFile = 'pid';
export const logFile = 'log.txt';

/** On the command line of every server this tool starts, so that a pid used again by another program is not ours. */
const markOf = (folder: string): string => `-Dtwofold.service=${folder}`;

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Of the operating system's scheduler; 0 is normal, 19 yields to everything. */
  readonly nice: number;
}

/** Starts a server that outlives this process. */
export async function launch(folder: string, { command, args, nice }: Launch): Promise<number> {
  const log = openSync(path.join(folder, logFile), 'a');
  const own = [markOf(folder), ...args];
  const [program, all] =
    nice === 0 || process.platform === 'win32' ? [command, own] : ['nice', ['-n', String(nice), command, ...own]];
  const child = spawn(program, all, { cwd: folder, detached: true, stdio: ['ignore', log, log] });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      resolve(child.pid ?? 0);
    });
  });
  closeSync(log);
  child.unref();
  await writeFile(path.join(folder, pidFile), String(pid));
  return pid;
}

/** The process of a node's folder, when it still runs. */
export async function livePid(folder: string): Promise<number | null> {
  const text = await readFile(path.join(folder, pidFile), 'utf8').catch(() => '');
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return (await isOurs(pid, folder)) ? pid : null;
}

async function isOurs(pid: number, folder: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (/\) Z/.test(state)) return false;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return line.includes(markOf(folder));
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return (stdout ?? '').includes(markOf(folder));
}

/** Asks the node's process to end, waits, and ends it when it does not. True when there was one. */
export async function stop(folder: string, { patienceMs }: { patienceMs: number }): Promise<boolean> {
  const pid = await livePid(folder);
  if (pid === null) return false;
  process.kill(pid, 'SIGTERM');
  if (!(await hasEnded(folder, patienceMs))) {
    process.kill(pid, 'SIGKILL');
    await hasEnded(folder, 10_000);
  }
  await rm(path.join(folder, pidFile), { force: true });
  return true;
}

async function hasEnded(folder: string, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while ((await livePid(folder)) !== null) {
    if (performance.now() > until) return false;
    await sleep(50);
  }
  return true;
}

/** The end of what the node wrote, for an error message. */
export async function lastLines(folder: string, count: number): Promise<string> {
  const text = await readFile(path.join(folder, logFile), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
