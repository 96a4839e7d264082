// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { workspaceNode } from './node-24.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 */

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined} undefined where the file is missing or broken
 */
function lockedPackages(file) {
  try {
    const parsed = /** @type {{ packages?: Record<string, LockedPackage> }} */ (JSON.parse(readFileSync(file, 'utf8')));
    return parsed.packages;
  } catch {
    return undefined;
  }
}

/**
 * Is what lies in node_modules what the lockfile says? Compares with the lockfile that npm leaves inside node_modules
 * as its last act, so an interrupted install does not count, and neither file times nor branches can mislead.
 * @param {string} root
 * @returns {boolean}
 */
export function isInstalled(root) {
  const wanted = lockedPackages(path.join(root, 'package-lock.json'));
  const present = lockedPackages(path.join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  for (const [name, entry] of Object.entries(wanted)) {
    if (!name.includes('node_modules/')) continue;
    const found = present[name];
    const mayBeAbsent = entry.optional === true || entry.devOptional === true || entry.peer === true;
    if (found === undefined ? !mayBeAbsent : found.version !== entry.version || found.integrity !== entry.integrity) {
      return false;
    }
  }
  const node = workspaceNode(root);
  return node === undefined || existsSync(node);
}

/** The npm that called us, by the Node that runs it: never the binary inside node_modules that npm is about to replace. */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  if (npm !== undefined && node !== undefined && /npm-cli\.c?js$/.test(npm)) return { command: node, args: [npm] };
  return { command: 'npm', args: [] };
}

/**
 * @param {string} root
 * @returns {Promise<{ code: number, output: string }>}
 */
function npmCi(root) {
  const { command, args } = npmCommand();
  return new Promise((resolve) => {
    const child = spawn(command, [...args, 'ci'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: command === 'npm' && process.platform === 'win32',
    });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Installs what the lockfile names, unless it is there. Of several callers at once one installs, the others wait.
 * @param {string} root
 * @returns {Promise<boolean>} false when it failed; the reason is then on stderr
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return true;
  return withLock(path.join(root, '.cache', 'install.lock'), async () => {
    if (isInstalled(root)) return true;
    process.stderr.write('Installing dependencies (once, about a minute) … ');
    const started = performance.now();
    const { code, output } = await npmCi(root);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stderr.write(code === 0 ? `done in ${seconds} s\n` : `failed after ${seconds} s\n${output}`);
    return code === 0;
  });
}
