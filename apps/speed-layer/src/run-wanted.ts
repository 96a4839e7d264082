import type { Clock } from '@twofold/service';

/** Pieces of work by name; each runs until its signal, and then drains. */
export type Work = ReadonlyMap<string, (signal: AbortSignal) => Promise<void>>;

/**
 * Keeps running what is wanted: looks every `everyMs`, starts what is new and stops what is wanted no more. A piece
 * that was stopped is started again only after it has drained. One that fails stops the others and rejects.
 */
export async function runWanted(
  of: { readonly wanted: () => Promise<Work>; readonly everyMs: number; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const fatal = new AbortController();
  const stop = AbortSignal.any([signal, fatal.signal]);
  const running = new Map<string, { readonly own: AbortController; readonly ended: Promise<void> }>();
  while (!stop.aborted) {
    const wanted = await of.wanted();
    for (const [name, { own }] of running) if (!wanted.has(name)) own.abort();
    for (const [name, run] of wanted) {
      if (running.has(name)) continue;
      const own = new AbortController();
      const ended = run(AbortSignal.any([stop, own.signal])).then(
        () => void running.delete(name),
        (error: unknown) => fatal.abort(error),
      );
      running.set(name, { own, ended });
    }
    await of.clock.sleep(of.everyMs, stop).catch(() => undefined);
  }
  await Promise.all([...running.values()].map(({ ended }) => ended));
  if (fatal.signal.aborted) throw fatal.signal.reason;
}
