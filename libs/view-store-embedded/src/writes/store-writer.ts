import { storeClosed, storeGone, StoreError, writeConflict } from '@twofold/view-store';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { failureKind } from '../sqlite-failure.ts';
import { storeError } from '../store-failure.ts';
import type { WriteResult } from './apply-write.ts';
import type { WriteDone, WriteFailed, WriteGroupSettings, WriteOutcome } from './write-group.ts';
import type { FromWriteThread, ToWriteThread } from './write-messages.ts';
import { isCompareAndSet, type WriteOperation } from './write-operation.ts';

/** The thread's file has this file's ending, as source and as built. */
const threadFile = new URL(`./write-thread${extname(import.meta.url)}`, import.meta.url);

interface Pending {
  readonly operation: WriteOperation;
  resolve(result: WriteResult): void;
  reject(error: unknown): void;
}

/**
 * Hands writes to the writing thread. Calls of one tick, and calls that wait while the disk is synced, share one
 * transaction. A thread that died is started again by the next write.
 */
export class StoreWriter {
  readonly #settings: WriteGroupSettings;
  readonly #onConflict: ((error: StoreError) => void) | undefined;
  #thread: Worker | null = null;
  #closing: Promise<void> | null = null;
  /** Called in this tick, not yet sent. */
  #gathered: Pending[] = [];
  #buffers: ArrayBuffer[] = [];
  /** Sent, by number, until their outcome is known. */
  readonly #sent = new Map<number, Pending>();
  #next = 0;

  constructor(settings: WriteGroupSettings, onConflict?: (error: StoreError) => void) {
    this.#settings = settings;
    this.#onConflict = onConflict;
  }

  /** Lets the thread start while the program does other things; the first write would start it, too. */
  start(): void {
    this.#running().unref();
  }

  /**
   * Resolves when the change is durable. Call it with copies: `buffers` move to the thread.
   * @throws every StoreError; STORE_UNAVAILABLE and STORE_DISK_FULL may be tried again.
   */
  write(operation: WriteOperation, buffers: readonly ArrayBuffer[] = []): Promise<WriteResult> {
    if (this.#closing !== null) return Promise.reject(storeClosed());
    return new Promise((resolve, reject) => {
      if (this.#gathered.length === 0) queueMicrotask(() => this.#send());
      this.#gathered.push({ operation, resolve, reject });
      this.#buffers.push(...buffers);
    });
  }

  /** Resolves when everything written before is done and the connection is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #send(): void {
    const gathered = this.#gathered;
    const buffers = this.#buffers;
    this.#gathered = [];
    this.#buffers = [];
    if (gathered.length === 0) return;
    const first = this.#next;
    for (const each of gathered) this.#sent.set(this.#next++, each);
    const message: ToWriteThread = { kind: 'write', first, operations: gathered.map((each) => each.operation) };
    try {
      const thread = this.#running();
      thread.ref();
      thread.postMessage(message, buffers);
    } catch (error) {
      // What can not be sent, or a thread that can not be made: nothing was applied.
      for (let number = first; number < this.#next; number++) this.#settle(number, notSent(error));
    }
  }

  #running(): Worker {
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(threadFile, { workerData: this.#settings });
    thread.on('message', ({ numbers, outcomes }: FromWriteThread) => {
      outcomes.forEach((outcome, i) => this.#settle(numbers[i] ?? -1, outcome));
      if (this.#sent.size === 0 && this.#closing === null) thread.unref();
    });
    thread.on('error', (error) => this.#lost(thread, error));
    thread.on('exit', () => this.#lost(thread, null));
    this.#thread = thread;
    return thread;
  }

  #settle(number: number, outcome: WriteOutcome): void {
    const pending = this.#sent.get(number);
    if (pending === undefined) return;
    this.#sent.delete(number);
    if ('failure' in outcome) pending.reject(this.#errorOf(outcome, pending.operation));
    else this.#done(outcome, pending);
  }

  #done(outcome: WriteDone, pending: Pending): void {
    try {
      for (const { what, place } of outcome.conflicts) this.#onConflict?.(writeConflict(what, place));
      pending.resolve(outcome.result);
    } catch (error) {
      pending.reject(error);
    }
  }

  #errorOf(outcome: WriteFailed, operation: WriteOperation): StoreError {
    const { file, incarnation } = this.#settings;
    if (outcome.failure === 'GONE') return storeGone(incarnation);
    if (!outcome.unknown || !isCompareAndSet(operation)) return storeError(outcome.failure, file, outcome.detail);
    return new StoreError(
      'OUTCOME_UNKNOWN',
      `whether the control row was written to ${file} is not known: ${outcome.detail}. Read it again to see.`,
      { facts: { file, detail: outcome.detail } },
    );
  }

  /** The thread ended before it answered: what it was doing is applied, or not; everything but a set may be repeated. */
  #lost(thread: Worker, error: unknown): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    const kind = failureKind(error);
    const failure = kind === 'REFUSED' ? 'IO' : kind;
    const detail = error instanceof Error ? error.message : 'the writing thread ended';
    for (const number of [...this.#sent.keys()]) this.#settle(number, { failure, detail, unknown: true });
  }

  async #close(): Promise<void> {
    this.#send();
    const thread = this.#thread;
    if (thread === null) return;
    if (this.#next === 0) {
      await thread.terminate();
      return;
    }
    thread.ref();
    const message: ToWriteThread = { kind: 'close' };
    await new Promise<void>((resolve) => {
      thread.once('exit', () => resolve());
      thread.postMessage(message);
    });
  }
}

function notSent(error: unknown): WriteFailed {
  return { failure: 'REFUSED', detail: error instanceof Error ? error.message : String(error), unknown: false };
}
