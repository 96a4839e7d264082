import { checkedDays } from './civil-time.ts';

/** Reads calendar texts for the fast path, from bytes. */
export class PlainTime {
  /** The instant read last, in its unit. */
  readonly value = new Float64Array(1);

  /** Reads `"YYYY-MM-DDTHH:MM:SS[.fraction]Z"` with its quotes; gives the place after it, or -1. */
  readInstant(bytes: Uint8Array, at: number, perSecond: number): number {
    const days = daysAt(bytes, at + 1);
    const hour = digitsAt(bytes, at + 12, 2);
    const minute = digitsAt(bytes, at + 15, 2);
    const second = digitsAt(bytes, at + 18, 2);
    if (bytes[at + 11] !== 84 || bytes[at + 14] !== 58 || bytes[at + 17] !== 58) return -1;
    if (!(hour < 24 && minute < 60 && second < 60)) return -1;
    let fraction = 0;
    let place = at + 20;
    if (bytes[place] === 46) {
      let unit = perSecond;
      for (place++; unit > 1 && digitsAt(bytes, place, 1) >= 0; place++) {
        unit /= 10;
        fraction += ((bytes[place] ?? 0) - 48) * unit;
      }
      if (bytes[place - 1] === 46) return -1;
    }
    if (bytes[place] !== 90 || bytes[place + 1] !== 34) return -1;
    this.value[0] = (days * 86_400 + hour * 3600 + minute * 60 + second) * perSecond + fraction;
    return place + 2;
  }
}

/** The number in so many digits, or NaN when they are none. */
function digitsAt(bytes: Uint8Array, at: number, count: number): number {
  let number = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** Days since 1970 of the ten bytes `YYYY-MM-DD`, or NaN. */
export function daysAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return NaN;
  return checkedDays(digitsAt(bytes, at, 4), digitsAt(bytes, at + 5, 2), digitsAt(bytes, at + 8, 2));
}
