import fc from 'fast-check';
import Batch from 'kafkajs/src/consumer/batch.js';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '@twofold/event-log/testing';
import { BatchWalker, type Walked } from '../src/batch-walker.ts';
import type { AbortedTransaction } from '../src/fetch-request.ts';
import { registerCodecs } from '../src/register-codecs.ts';
import { type TestBatch, type TestRecord, encodeBatch, seal } from './encode-batch.ts';

const maxBatchBytes = 1_048_576;
const place = { topic: 'a', partition: 3 };
registerCodecs(maxBatchBytes);

type Shown = { offset: number; time: number; key: string | null; value: string | null };

function walk(bytes: Buffer, from = 0, aborted: readonly AbortedTransaction[] = []): Walked & { shown: Shown[] } {
  const walker = new BatchWalker(place, maxBatchBytes);
  // The batches stand in the middle of a response.
  const response = Buffer.concat([Buffer.alloc(7, 0xff), bytes, Buffer.alloc(5, 0xff)]);
  const walked = walker.walk(response, { start: 7, end: 7 + bytes.length }, from, aborted);
  const rows = { from: 0, to: walker.rows.count };
  const covers = { partition: 3, baseOffset: from, nextOffset: walked.nextOffset };
  return { ...walked, shown: recordsOf(walker.rows.batch(rows, covers, walked.bytes)) };
}

/** What the client library makes of the same bytes, with its own filter. */
async function plain(bytes: Buffer, aborted: readonly AbortedTransaction[]): Promise<Shown[]> {
  const sized = Buffer.alloc(4 + bytes.length);
  sized.writeInt32BE(bytes.length);
  bytes.copy(sized, 4);
  const messages = await decodeMessages(new Decoder(sized));
  const abortedTransactions = aborted.map(({ producerId, firstOffset }) => ({
    producerId: String(producerId),
    firstOffset: String(firstOffset),
  }));
  return new Batch('a', 0, { partition: 3, messages, abortedTransactions }).messages.map(
    ({ offset, timestamp, key, value }) => ({
      offset: Number(offset),
      time: Number(timestamp),
      key: key?.toString('latin1') ?? null,
      value: value?.toString('latin1') ?? null,
    }),
  );
}

/** A broker gives the batches from the one with `from` on, and the aborted transactions that end there or later. */
function fromBroker({ made, aborted }: Made, from: number): { bytes: Buffer; aborted: AbortedTransaction[] } {
  const lastOf = (batch: TestBatch): number => batch.lastOffset ?? batch.records.at(-1)?.offset ?? batch.baseOffset;
  return {
    bytes: Buffer.concat(made.filter((batch) => lastOf(batch) >= from).map(encodeBatch)),
    aborted: aborted.filter(({ endOffset }) => endOffset >= from),
  };
}

interface Made {
  readonly made: readonly TestBatch[];
  readonly aborted: readonly (AbortedTransaction & { readonly endOffset: number })[];
  /** One past the last offset. */
  readonly end: number;
}

const text = (value: string | null): Buffer | null => (value === null ? null : Buffer.from(value, 'latin1'));

function records(baseOffset: number, count: number, time = 1_700_000_000_000): TestRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{
      offset: baseOffset + index,
      time: time + index,
      key: text(`k${index}`),
      value: text(`v${baseOffset + index}`),
    },
  }));
}

const codecs = ['none', 'gzip', 'snappy', 'xerial', 'lz4', 'zstd'] as const;
const bytesPart = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });

/** Batches that follow each other, with gaps, of any codec, one of three producers in and out of transactions. */
const batches = fc
  .array(
    fc.record({
      codec: fc.constantFrom(...codecs),
      gapBefore: fc.nat(3),
      gapAfter: fc.nat(3),
      brokerTime: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
      producer: fc.nat(2),
      kind: fc.constantFrom('plain', 'transactional', 'transactional', 'abort', 'commit'),
      records: fc.array(
        fc.record({
          ...{ gap: fc.nat(2), time: fc.integer({ min: -1e12, max: 4e12 }), key: bytesPart, value: bytesPart },
          headers: fc.array(fc.tuple(fc.string({ maxLength: 5 }), fc.constant(null)), { maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts): Made => {
    let offset = 0;
    const open = new Map<number, number>();
    const aborted: (AbortedTransaction & { endOffset: number })[] = [];
    const made: TestBatch[] = [];
    for (const draft of drafts) {
      const baseOffset = offset + draft.gapBefore;
      const producerId = 1_000 + draft.producer;
      if (draft.kind === 'abort' || draft.kind === 'commit') {
        const firstOffset = open.get(producerId);
        if (firstOffset === undefined) continue;
        open.delete(producerId);
        if (draft.kind === 'abort') aborted.push({ producerId, firstOffset, endOffset: baseOffset });
        made.push({ baseOffset, records: [], control: draft.kind, producerId });
        offset = baseOffset + 1;
        continue;
      }
      let next = baseOffset;
      const found = draft.records.map(({ gap, time, key, value, headers }, index) => {
        if (index > 0) next += 1 + gap;
        // The library takes any record with this key for an abort marker.
        const safeKey = key !== null && key.length === 4 && key.every((byte) => byte === 0) ? null : key;
        const copy = (part: Uint8Array | null): Buffer | null => (part === null ? null : Buffer.from(part));
        return { offset: next, time, key: copy(safeKey), value: copy(value), headers };
      });
      const transactional = draft.kind === 'transactional';
      if (transactional && !open.has(producerId)) open.set(producerId, baseOffset);
      const { codec, brokerTime } = draft;
      const lastOffset = next + draft.gapAfter;
      made.push({
        baseOffset,
        lastOffset,
        records: found,
        codec,
        transactional,
        producerId,
        ...(brokerTime === undefined ? {} : { brokerTime }),
      });
      offset = lastOffset + 1;
    }
    // Transactions that are still open are not shown by a broker to readers of committed ones; end them.
    for (const [producerId] of open) made.push({ baseOffset: offset++, records: [], control: 'commit', producerId });
    return { made, aborted: aborted.sort((a, b) => a.firstOffset - b.firstOffset), end: offset };
  });

describe('walking record batches', () => {
  it('shows what the client library shows, whatever the codec, gaps, times, headers and transactions', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async ({ made, aborted, end }) => {
        const bytes = Buffer.concat(made.map(encodeBatch));
        const { shown, nextOffset } = walk(bytes, 0, aborted);
        expect(shown).toEqual(await plain(bytes, aborted));
        expect(nextOffset).toBe(end);
      }),
      { numRuns: 300 },
    );
  });

  it('shows from any offset on what it shows from the start, less what is below', () => {
    fc.assert(
      fc.property(batches, fc.nat(60), (found, from) => {
        const all = walk(Buffer.concat(found.made.map(encodeBatch)), 0, found.aborted);
        const asked = fromBroker(found, from);
        const { shown, nextOffset } = walk(asked.bytes, from, asked.aborted);
        expect(shown).toEqual(all.shown.filter(({ offset }) => offset >= from));
        expect(nextOffset).toBe(Math.max(from, found.end));
      }),
      { numRuns: 300 },
    );
  });

  it('covers whole batches and leaves one that is cut off for the next read', () => {
    fc.assert(
      fc.property(batches, fc.double({ min: 0, max: 1, noNaN: true }), ({ made, aborted }, share) => {
        const parts = made.map(encodeBatch);
        const whole = Buffer.concat(parts);
        const length = Math.floor(whole.length * share);
        let fits = 0;
        for (let sum = 0; fits < parts.length; fits++) if ((sum += parts[fits]?.length ?? 0) > length) break;
        const cut = walk(whole.subarray(0, length), 0, aborted);
        const same = walk(Buffer.concat(parts.slice(0, fits)), 0, aborted);
        expect(cut.shown).toEqual(same.shown);
        expect(cut.nextOffset).toBe(same.nextOffset);
      }),
      { numRuns: 200 },
    );
  });

  it('names partition and offset of a batch with any flipped bit below its checksum', () => {
    const bytes = encodeBatch({ baseOffset: 70, records: records(70, 5), codec: 'lz4' });
    for (let bit = 17 * 8; bit < bytes.length * 8; bit += 3) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >>> 3) ^ (1 << (bit & 7)), bit >>> 3);
      expect(() => walk(flipped, 70)).toThrow(
        expect.objectContaining({ code: 'LOG_DAMAGED', facts: { topic: 'a', partition: 3, offset: 70 } }) as Error,
      );
    }
  });

  it('ends in LOG_DAMAGED, and nothing else, for nonsense under a right checksum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...codecs),
        (changes, codec) => {
          const bytes = encodeBatch({ baseOffset: 0, records: records(0, 6), codec });
          for (const [at, value] of changes) bytes.writeUInt8(value, 21 + (at % (bytes.length - 21)));
          seal(bytes);
          try {
            const { shown, nextOffset } = walk(bytes);
            expect(shown.length).toBeLessThanOrEqual(nextOffset);
          } catch (error) {
            expect(error).toMatchObject({ code: 'LOG_DAMAGED', retryable: false });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('takes the time of the broker where the broker sets it (E11), and times far apart as they are', () => {
    const [first, second] = records(0, 2);
    const apart = [first, { ...second, time: 9_000_000_000_000 }].filter(
      (each): each is TestRecord => each?.offset !== undefined,
    );
    expect(walk(encodeBatch({ baseOffset: 0, records: apart })).shown.map(({ time }) => time)).toEqual([
      1_700_000_000_000, 9_000_000_000_000,
    ]);
    const stamped = encodeBatch({ baseOffset: 0, records: apart, brokerTime: 1_800_000_000_000 });
    expect(walk(stamped).shown.map(({ time }) => time)).toEqual([1_800_000_000_000, 1_800_000_000_000]);
  });

  it('shows a record whose key looks like an abort marker, and goes on hiding what is aborted', () => {
    const marker = { offset: 1, time: 0, key: Buffer.alloc(4), value: text('not a marker') };
    const bytes = Buffer.concat([
      encodeBatch({ baseOffset: 0, records: records(0, 1), transactional: true, producerId: 5 }),
      encodeBatch({ baseOffset: 1, records: [marker], transactional: true, producerId: 5 }),
      encodeBatch({ baseOffset: 2, records: records(2, 1), transactional: true, producerId: 5 }),
      encodeBatch({ baseOffset: 3, records: [], control: 'abort', producerId: 5 }),
      encodeBatch({ baseOffset: 4, records: [{ ...marker, offset: 4 }], producerId: 6 }),
    ]);
    const { shown, nextOffset } = walk(bytes, 0, [{ producerId: 5, firstOffset: 0 }]);
    expect(shown.map(({ offset }) => offset)).toEqual([4]);
    expect(nextOffset).toBe(5);
  });

  it.each(['gzip', 'snappy', 'xerial', 'lz4', 'zstd'] as const)(
    'refuses a %s batch that unpacks to too much',
    (codec) => {
      const bomb = { offset: 0, time: 0, key: null, value: Buffer.alloc(maxBatchBytes + 1) };
      const bytes = encodeBatch({ baseOffset: 0, records: [bomb], codec });
      expect(() => walk(bytes)).toThrow(/unpacks to more than 1048576 \(maxBatchBytes/);
    },
  );

  it('refuses the formats before record batches', () => {
    const bytes = encodeBatch({ baseOffset: 0, records: records(0, 1) });
    bytes.writeInt8(1, 16);
    expect(() => walk(bytes)).toThrow(/format 1/);
  });

  it('leaves off between batches when unpacked records are many, and goes on from there', () => {
    const value = Buffer.alloc(900_000);
    const parts = Array.from({ length: 8 }, (_, offset) =>
      encodeBatch({ baseOffset: offset, records: [{ offset, time: 0, key: null, value }], codec: 'lz4' }),
    );
    const first = walk(Buffer.concat(parts));
    expect(first.shown.length).toBeGreaterThan(0);
    expect(first.nextOffset).toBeLessThan(8);
    expect(walk(Buffer.concat(parts), first.nextOffset).shown[0]?.offset).toBe(first.nextOffset);
  });
});
