import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines, type Line } from '../src/read-lines.ts';

async function linesOf(parts: readonly Uint8Array[], maxBytes = 1_000): Promise<Line[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield* parts;
  }
  const lines: Line[] = [];
  for await (const line of readLines(input(), maxBytes)) lines.push(line);
  return lines;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('lines are what stands between their ends, byte for byte, also what is no UTF-8', async () => {
  const found = await linesOf([bytes('{"a":1}\r\n\xff\xfe\n\n  \t\nlast')]);
  expect(found.map(({ number, bytes: line }) => [number, Buffer.from(line ?? []).toString('latin1')])).toEqual([
    [1, '{"a":1}'],
    [2, '\xff\xfe'],
    [5, 'last'],
  ]);
});

test('however the input is cut into parts, the lines are the same', async () => {
  const lines = fc.array(
    fc.array(
      fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x0a && byte !== 0x0d && byte > 0x20),
      {
        minLength: 1,
        maxLength: 20,
      },
    ),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(lines, fc.array(fc.nat(60)), fc.boolean(), async (wanted, cuts, returns) => {
      const end = returns ? [0x0d, 0x0a] : [0x0a];
      const whole = Uint8Array.from(wanted.flatMap((line) => [...line, ...end]));
      const edges = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
      const parts = edges.slice(1).map((to, i) => whole.subarray(edges[i], to));
      const found = await linesOf(parts);
      expect(found.map((line) => [...(line.bytes ?? [])])).toEqual(wanted);
      expect(found.map(({ number }) => number)).toEqual(wanted.map((_, i) => i + 1));
    }),
  );
});

test('a line that is longer than asked for is named with its size and not kept; the next is whole', async () => {
  const long = bytes('x'.repeat(2_500));
  for (const end of ['\n', '\r\n']) {
    const found = await linesOf([bytes('a\n'), long.subarray(0, 700), long.subarray(700), bytes(`${end}b${end}`)]);
    expect(found.map((line) => [line.number, line.bytes?.length ?? null])).toEqual([
      [1, 1],
      [2, null],
      [3, 1],
    ]);
    expect(found[1]?.sizeBytes).toBeGreaterThanOrEqual(2_500);
  }
  const edge = await linesOf([bytes(`${'x'.repeat(1_000)}\r\n${'x'.repeat(1_001)}\n`)]);
  expect(edge.map((line) => [line.sizeBytes, line.bytes?.length ?? null])).toEqual([
    [1_000, 1_000],
    [1_001, null],
  ]);
});
