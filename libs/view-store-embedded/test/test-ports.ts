let made = 0;

/** Ids of this process's own; the pid keeps those of two processes apart. */
export const ids = { next: (): string => `${process.pid}-${(made += 1)}` };
export const clock = { now: (): number => 1_700_000_000_000 };
