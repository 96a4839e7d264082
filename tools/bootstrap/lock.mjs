// @ts-check
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;

/** @param {unknown} error @param {string} code */
const isCode = (error, code) => error instanceof Error && 'code' in error && error.code === code;

/**
 * The holder's process id, or undefined while it is being written or after the lock is gone.
 * @param {string} folder
 */
function holderOf(folder) {
  try {
    const pid = Number.parseInt(readFileSync(path.join(folder, 'pid'), 'utf8'), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/**
 * Takes the lock or says that somebody has it. The folder arrives by rename with the pid already inside, so a lock
 * without a holder is never seen; renaming onto a folder that is not empty fails.
 * @param {string} folder
 */
function tryTake(folder) {
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  writeFileSync(path.join(draft, 'pid'), String(process.pid));
  try {
    renameSync(draft, folder);
    return true;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].some((code) => isCode(error, code))) return false;
    throw error;
  }
}

/**
 * Puts a dead holder's lock aside. Another waiter may have done so and taken the lock since we looked: then what we
 * moved is alive, and goes back.
 * @param {string} folder
 * @param {number} dead
 */
function breakStale(folder, dead) {
  const aside = `${folder}.stale.${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch {
    return;
  }
  if (holderOf(aside) === dead) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, folder);
}

/**
 * Runs `work` while holding the lock folder; waits for a live holder, takes over from a dead one.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  while (!tryTake(folder)) {
    const holder = holderOf(folder);
    if (holder !== undefined && !isAlive(holder)) breakStale(folder, holder);
    else await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
