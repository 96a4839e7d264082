import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { canonicalJson, type CanonicalValue, type StreamFacts } from '@twofold/schemas';
import type { ViewFacts } from '@twofold/views';
import { CliError } from '../errors.ts';

/** Beside twofold.config.ts, and committed with it. */
export const LOCK = 'twofold.lock.json';

const FORMAT = 1;

/** One declaration as it was when it was locked. */
export interface Locked<Facts> {
  readonly fingerprint: string;
  readonly declaration: Facts;
}

/** By name, then by version. */
export type LockedVersions<Facts> = Readonly<Record<string, Readonly<Record<string, Locked<Facts>>>>>;

/** Every version that was ever declared of each stream and view. */
export interface LockFile {
  readonly format: 1;
  readonly project: string;
  readonly streams: LockedVersions<StreamFacts>;
  readonly views: LockedVersions<ViewFacts>;
}

/** Null when there is none yet. @throws LOCK_INVALID */
export function readLock(folder: string): LockFile | null {
  const file = path.resolve(folder, LOCK);
  if (!existsSync(file)) return null;
  const refuse = (why: string): CliError => new CliError('LOCK_INVALID', `${file} ${why}`, { facts: { file } });
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(
      `is no JSON (${why}). Take it from version control again; a merge of two is settled by twofold check --write.`,
    );
  }
  if (!isRecord(found) || typeof found['format'] !== 'number')
    throw refuse('has no format number: it is no lock file.');
  if (found['format'] !== FORMAT)
    throw refuse(`has format ${found['format']}; this release reads ${FORMAT}. Use a newer release.`);
  if (!isLock(found)) throw refuse('lacks what format 1 says. Take it from version control again.');
  return found;
}

/** Members sorted by name: equal locks are equal bytes, and a change of one declaration is a change of its lines. */
export function lockText(lock: LockFile): string {
  // A lock holds plain values only.
  const sorted: unknown = JSON.parse(canonicalJson(lock as unknown as CanonicalValue));
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** Whole or not at all. */
export function writeLock(folder: string, lock: LockFile): void {
  const file = path.resolve(folder, LOCK);
  writeFileSync(`${file}.new`, lockText(lock));
  renameSync(`${file}.new`, file);
}

function isLock(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & LockFile {
  return typeof value['project'] === 'string' && isVersions(value['streams']) && isVersions(value['views']);
}

function isVersions(value: unknown): boolean {
  const isLocked = (one: unknown): boolean =>
    isRecord(one) && typeof one['fingerprint'] === 'string' && isRecord(one['declaration']);
  return (
    isRecord(value) &&
    Object.values(value).every((versions) => isRecord(versions) && Object.values(versions).every(isLocked))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
