import { StoreError } from '@twofold/view-store';
import { dirname } from 'node:path';
import { Damage } from './damage.ts';
import { failureKind, type FailureKind } from './sqlite-failure.ts';

/** The store's error for a failure of SQLite; an error that is a store's already stays as it is. */
export function storeFailure(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof Damage) return storeError('DAMAGED', file, error.message, error);
  const detail = error instanceof Error ? error.message : String(error);
  return storeError(failureKind(error), file, detail, error);
}

export function storeError(kind: FailureKind, file: string, detail: string, cause?: unknown): StoreError {
  const folder = dirname(file);
  const options = { facts: { file, folder, detail }, ...(cause === undefined ? {} : { cause }) };
  switch (kind) {
    case 'GONE':
      return new StoreError(
        'STORE_GONE',
        `the view store ${file} was removed or replaced while it was open; start again`,
        options,
      );
    case 'DISK_FULL':
      return new StoreError(
        'STORE_DISK_FULL',
        `no space left for the view store in ${folder}; nothing of this write was kept. Make room: it goes on by itself.`,
        { ...options, retryable: true },
      );
    case 'DAMAGED':
      return damaged(file, detail, options);
    case 'READ_ONLY':
      return new StoreError(
        'STORE_READ_ONLY',
        `the view store can not be written in ${folder}: ${detail}. Make the folder writable for this user, or name another data folder.`,
        options,
      );
    case 'BUSY':
      return new StoreError('STORE_UNAVAILABLE', `the view store ${file} is held by another program: ${detail}`, {
        ...options,
        retryable: true,
      });
    case 'IO':
      return new StoreError('STORE_UNAVAILABLE', `the view store ${file} can not be read or written: ${detail}`, {
        ...options,
        retryable: true,
      });
    case 'REFUSED':
      return new StoreError('STORE_UNAVAILABLE', `the view store ${file} refused a call: ${detail}`, options);
  }
}

function damaged(file: string, detail: string, options: object): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    `the view store ${file} is damaged (${detail}). Stop every program that uses it, move ${file}, ${file}-wal and ${file}-shm away, and start again: the views are rebuilt from the archive and the log, which are not touched.`,
    options,
  );
}
