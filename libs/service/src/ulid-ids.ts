import type { Clock, Ids, Rng } from './ports.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeDigits = 10;
const randomDigits = 16;

/**
 * Monotonic ULIDs: 48 bits of milliseconds, then 80 random bits. Within a millisecond, and while the clock stands or
 * goes back, the random part is counted up, so the ids of one source only rise in text order.
 */
export function ulidIds(clock: Pick<Clock, 'now'>, rng: Rng): Ids {
  let time = -1;
  const random = new Uint8Array(randomDigits);
  return {
    next: () => {
      const now = Math.floor(clock.now());
      if (now > time) {
        time = now;
        for (let index = 0; index < randomDigits; index++) random[index] = Math.floor(rng.next() * 32);
      } else if (!increment(random)) {
        // All 2^80 random parts above the first are used up: borrow the next millisecond.
        time += 1;
      }
      return encodeTime(time) + Array.from(random, (digit) => alphabet.charAt(digit)).join('');
    },
  };
}

/** Adds one to the base-32 number; false when it wrapped to zero. */
function increment(digits: Uint8Array): boolean {
  for (let index = digits.length - 1; index >= 0; index--) {
    const digit = (digits[index] ?? 0) + 1;
    digits[index] = digit % 32;
    if (digit < 32) return true;
  }
  return false;
}

function encodeTime(timeMs: number): string {
  let rest = timeMs;
  let text = '';
  for (let index = 0; index < timeDigits; index++) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
