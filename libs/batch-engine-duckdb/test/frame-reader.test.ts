import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameHeader, FrameKind } from '../src/child-protocol.ts';
import { FrameReader } from '../src/frame-reader.ts';

describe('the reader of frames', () => {
  it('gives back the frames that were written, however the bytes are cut', () => {
    const frames = fc.array(
      fc.record({
        job: fc.nat(2 ** 32 - 1),
        kind: fc.constantFrom(...Object.values(FrameKind)),
        payload: fc.uint8Array({ maxLength: 40 }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (written, cuts) => {
        const bytes = Buffer.concat(
          written.flatMap(({ job, kind, payload }) => [frameHeader(payload.length, job, kind), payload]),
        );
        const reader = new FrameReader();
        const read: unknown[] = [];
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const length = cuts[cut % cuts.length] ?? 1;
          for (const { job, kind, payload } of reader.push(bytes.subarray(at, at + length))) {
            expect(payload.byteOffset).toBe(0);
            read.push({ job, kind, payload: [...payload] });
          }
          at += length;
        }
        expect(read).toEqual(written.map((frame) => ({ ...frame, payload: [...frame.payload] })));
      }),
    );
  });
});
