import { StoreError } from './errors.ts';

export function storeGone(incarnation: string): StoreError {
  return new StoreError(
    'STORE_GONE',
    `the view store ${incarnation} was lost or replaced; nothing kept in memory counts any more: start again from the control row of the store that is there now`,
    { facts: { incarnation } },
  );
}

export function storeClosed(): StoreError {
  return new StoreError('STORE_CLOSED', 'the view store is closed; open it again to go on');
}

/** @param place the key of what was written, for people and for tests. */
export function writeConflict(
  what: 'speed row' | 'chunk' | 'index',
  place: Readonly<Record<string, unknown>>,
): StoreError {
  return new StoreError(
    'WRITE_CONFLICT',
    `a ${what} was written twice with different bytes at one place: ${JSON.stringify(place)}. Its fold is not a pure function of the log (E4); the first bytes were kept`,
    { facts: { what, ...place } },
  );
}
