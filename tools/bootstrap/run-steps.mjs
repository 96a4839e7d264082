// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';

/** @typedef {import('./verbs.mjs').Step} Step */

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * The environment in which `node` and the workspace's tools mean the workspace's own.
 * @param {string} root
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
export function workspaceEnvironment(root, node) {
  const folders = [path.dirname(node), path.join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''];
  return {
    ...process.env,
    PATH: folders.join(path.delimiter),
    // Code that was compiled once starts in half the time; tests start hundreds of processes.
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? path.join(root, '.cache', 'compiled'),
  };
}

/**
 * Runs one program in the foreground. A terminal sends Ctrl-C to the whole process group, so SIGINT is passed on only
 * where there is no terminal; else the program would take it for a second, forcing one.
 * @param {string} root
 * @param {string} node
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code, 128 + signal when a signal ended it
 */
function runStep(root, node, args) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: workspaceEnvironment(root, node) });
    /** @type {[NodeJS.Signals, () => void][]} */
    const listeners = forwarded.map((signal) => [
      signal,
      () => {
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      },
    ]);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    const end = (/** @type {number} */ code) => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`Could not start ${node}: ${error.message}`);
      end(1);
    });
    child.on('exit', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/**
 * Runs the steps in order until one fails; `extra` goes to the last.
 * @param {string} root
 * @param {string} node
 * @param {readonly Step[]} steps
 * @param {readonly string[]} extra
 * @returns {Promise<number>} the exit code
 */
export async function runSteps(root, node, steps, extra) {
  for (const [index, step] of steps.entries()) {
    const code = await runStep(root, node, index === steps.length - 1 ? [...step.args, ...extra] : step.args);
    if (code !== 0) {
      if (steps.length > 1) console.error(`${step.name}: failed`);
      return code;
    }
  }
  return 0;
}
