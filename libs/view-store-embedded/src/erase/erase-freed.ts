import { StoreError, type StoreErasure } from '@twofold/view-store';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { storeError } from '../store-failure.ts';
import type { ErasedMessage } from './erase-thread.ts';

/** The thread's file has this file's ending, as source and as built. */
const threadFile = new URL(`./erase-thread${extname(import.meta.url)}`, import.meta.url);

/**
 * Writes the store's file anew, in a thread, without pages that nothing uses any more, and empties the write-ahead log.
 * Writers wait for it, and may be told STORE_UNAVAILABLE meanwhile, which they try again.
 * @throws STORE_UNAVAILABLE when somebody keeps reading an old state of the file, STORE_DISK_FULL
 */
export function eraseFreed(file: string): Promise<StoreErasure> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadFile, { workerData: { file } });
    thread.once('message', (message: ErasedMessage) => {
      if (message.failure === null)
        resolve({
          goneBy: null,
          how: `the file ${file} was written anew without its free pages, and its write-ahead log emptied`,
        });
      else if (message.failure === 'READERS')
        reject(
          new StoreError(
            'STORE_UNAVAILABLE',
            `the write-ahead log of ${file} could not be emptied: another program keeps reading an old state of it`,
            { retryable: true, facts: { file } },
          ),
        );
      else reject(storeError(message.failure, file, message.detail));
    });
    thread.once('error', reject);
  });
}
