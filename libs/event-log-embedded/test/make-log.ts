import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { TestClock } from '@twofold/event-log/testing';
import { createTestClock } from '@twofold/event-log/testing';
import { type EmbeddedLogOptions, openEmbeddedLog } from '@twofold/event-log-embedded';
import { type Clock, type Ids, nodeFs } from '@twofold/service';

/** A clock for the log from one that the test sets. */
export function logClock(clock: TestClock = createTestClock()): Clock {
  return { now: clock.now, sleep: clock.sleep, monotonic: () => performance.now() };
}

let made = 0;
/** Identities that never repeat within a test run. */
export const testIds: Ids = { next: () => `01TEST${String((made += 1)).padStart(20, '0')}` };

export async function newFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'twofold-log-'));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Opens the log of a folder for writing, with what the test wants otherwise. */
export function openTestLog(directory: string, options: Partial<EmbeddedLogOptions> = {}) {
  return openEmbeddedLog({ directory, fs: nodeFs, clock: logClock(), ids: testIds, ...options, mode: 'write' });
}
