export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds. @throws with what was waited for, and what `state` says of it then */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { patienceMs = 120_000, state = () => '' }: { patienceMs?: number; state?: () => string } = {},
): Promise<number> {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > patienceMs)
      throw new Error(`waited ${patienceMs} ms in vain until ${what}\n${state()}`);
    await sleep(50);
  }
  return performance.now() - begun;
}
