import type { StoreReader } from './reads/store-reader.ts';
import type { WriteResult } from './writes/apply-write.ts';
import type { WriteOperation } from './writes/write-operation.ts';

/** What the ports of one handle are made of. */
export interface Access {
  readonly reader: StoreReader;
  /**
   * Resolves when the change is durable.
   * @throws STORE_READ_ONLY for a handle that only reads, STORE_CLOSED, and the writer's errors.
   */
  readonly write: (operation: WriteOperation, buffers?: readonly ArrayBuffer[]) => Promise<WriteResult>;
}
