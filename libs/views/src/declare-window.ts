import type { Duration } from '@twofold/schemas';

/** A window under declaration: durations as they were written. */
export interface WindowDraft {
  readonly kind: 'tumbling' | 'sliding';
  readonly size: Duration;
  readonly every: Duration;
}

/** Windows side by side: each event is in one. They start at multiples of their size since 1970. */
export function tumbling(size: Duration): WindowDraft {
  return { kind: 'tumbling', size, every: size };
}

/** A window of this size that ends at every multiple of `every` since 1970: each event is in size ÷ every of them. */
export function sliding(size: Duration, options: { readonly every: Duration }): WindowDraft {
  return { kind: 'sliding', size, every: options.every };
}
