import { choosePartition, murmur2 } from '@twofold/event-log';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the partitioner', () => {
  // The values that Kafka's own clients are tested with.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes "%s" to %i, as Kafka does', (text, hash) => {
    expect(murmur2(bytes(text))).toBe(hash);
  });

  it('takes the hash without its sign, modulo the number of partitions', () => {
    expect(choosePartition(bytes('21'), 1000, 7)).toBe((-973932308 & 0x7fffffff) % 1000);
    expect(choosePartition(bytes('abc'), 1000, 7)).toBe(479470107 % 1000);
  });

  it('is a partition that exists, the same for the same key, whatever the turn', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.integer({ min: 1, max: 64 }), fc.nat(), (key, count, turn) => {
        const chosen = choosePartition(key, count, turn);
        return chosen >= 0 && chosen < count && chosen === choosePartition(key.slice(), count, 0);
      }),
    );
  });

  it('lets records without a key take turns', () => {
    expect([0, 1, 2, 3, 4].map((turn) => choosePartition(null, 3, turn))).toEqual([0, 1, 2, 0, 1]);
  });
});
