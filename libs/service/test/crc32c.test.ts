import { crc32c, portableCrc32c } from '@twofold/service';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('crc32c', () => {
  // From RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  it.each([
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['32 zero bytes', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s is the published value', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
    expect(portableCrc32c(bytes)).toBe(expected);
  });

  it('is the same in native and in plain code, for a view into a larger buffer too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), (bytes, skip) => {
        const view = bytes.subarray(Math.min(skip, bytes.length));
        return crc32c(view) === portableCrc32c(view) && crc32c(view) === crc32c(view.slice());
      }),
    );
  });
});
