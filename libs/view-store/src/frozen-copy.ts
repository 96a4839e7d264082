/**
 * A copy that shares nothing with its source and that nobody can change, so one object may be given to many readers.
 * `value` is plain JSON: what JSON can not say is not stored by any store.
 */
export function frozenCopy<T>(value: T): T {
  return parseFrozen<T>(JSON.stringify(value));
}

/** Parses JSON that this program wrote, frozen all through. */
export function parseFrozen<T>(json: string): T {
  return freeze(JSON.parse(json) as T);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
