/** Runs at most `atOnce` calls at a time; the others wait in order. */
export function createLimiter(atOnce: number): <T>(call: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (call) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await call();
    } finally {
      // The place is handed on, so that nobody who comes now overtakes who waits.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
