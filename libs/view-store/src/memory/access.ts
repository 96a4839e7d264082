import type { StoreError } from '../errors.ts';

/** What a port of one handle asks before it touches the state that all handles share. */
export interface Access {
  readonly incarnation: string;
  /** @throws STORE_CLOSED, STORE_GONE, or the signal's reason. */
  enter(signal?: AbortSignal): void;
  /** Told of a write that would change what must not change. */
  conflict(error: StoreError): void;
}
