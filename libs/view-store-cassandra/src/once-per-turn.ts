/** Calls of one turn of the event loop share one: it has not begun before any of them. */
export function oncePerTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | null = null;
  return () => {
    if (shared === null) {
      shared = work();
      queueMicrotask(() => {
        shared = null;
      });
    }
    return shared;
  };
}
