import { ClassifiedReader, createArchivedLog, createMemoryLog, type ArchivedRecords } from '@twofold/event-log';
import { createTestClock } from '@twofold/event-log/testing';
import {
  createClassifier,
  createDecoder,
  int,
  instant,
  RecordClass,
  stream,
  type BlankRecords,
} from '@twofold/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutBlanks } from '../src/without-blanks.ts';

const HORIZON = 6;
const things = stream('things', {
  fields: { id: int(), at: instant('ms') },
  id: ['id'],
  eventTime: 'at',
  partitionKey: 'id',
  skew: null,
  dedupeHorizon: HORIZON,
  sliceSize: 8,
});

/** Null: no event. */
type Sent = number | null;

const encoder = new TextEncoder();
const hashOf = (id: string): string => `hash of ${id}`;

interface Erasure {
  readonly blanks: readonly number[];
  /** Reads of the archive before it is done: the next one finds a file without them. */
  readonly afterReads: number;
}

/** Classes by offset as a reader has them that begins at `from`; a position without a record is control. */
async function classesOf(sent: readonly Sent[], { blanks, afterReads }: Erasure, trimmed: number, from: number) {
  const clock = createTestClock();
  const make = async () => {
    const log = createMemoryLog({ clock });
    await log.ensureTopic('t', { partitions: 1 });
    for (const id of sent) {
      const value = encoder.encode(id === null ? '{' : JSON.stringify({ id, at: '2026-01-01T00:00:00Z' }));
      await log.append('t', [{ key: null, value }]);
    }
    return log;
  };
  const log = await make();
  await log.trim('t', 0, trimmed);
  const whole = (await make()).open('t', 0);
  const ids = blanks.map((offset) => {
    const id = sent[offset] ?? null;
    return id === null ? null : hashOf(JSON.stringify([id]));
  });
  const erased: BlankRecords[] = blanks.length === 0 ? [] : [{ offsets: blanks, ids, hashOf }];
  let reads = 0;
  const archive: ArchivedRecords = {
    range: async () => ({ from: 0, to: sent.length }),
    read: async (_topic, _partition, first, to) => {
      const batch = await whole.read(first, { to });
      if (reads++ < afterReads) return batch;
      const { blanks: _, ...left } = withoutBlanks(batch, erased);
      return left;
    },
    blanks: async () => (reads >= afterReads ? erased : []),
  };
  const reader = new ClassifiedReader(
    {
      ...{ cursor: createArchivedLog(log, archive).open('t', 0), decoder: createDecoder(things) },
      ...{ classifier: createClassifier(things), origin: 0, dedupeHorizon: HORIZON, historySize: 4, maxBytes: 40 },
    },
    from,
  );
  const classes = sent.map((): number => RecordClass.control);
  const { signal } = new AbortController();
  while (reader.position < sent.length) {
    const read = await reader.read({ waitMs: 0, signal });
    if (read === null) continue;
    for (let row = 0; row < read.columns.count; row++)
      classes[read.columns.offsets[row] ?? 0] = read.columns.classes[row] ?? RecordClass.control;
  }
  return classes;
}

describe('what was erased', () => {
  it('E21: has no record in the log nor in the archive, and its copies are still duplicates', async () => {
    // 1 at 0 is erased; its copy at 2 is within the horizon, that at 9 is not, but within the one of the copy at 5.
    const sent = [1, 2, 1, 3, null, 1, 4, 5, 6, 1, 7, 8, 9];
    const { applied: a, duplicate: d, rejected: r, control: c } = RecordClass;
    const wanted = [c, a, d, a, c, d, a, a, a, d, a, a, a];
    for (const trimmed of [0, 7, sent.length])
      expect(await classesOf(sent, { blanks: [0, 4], afterReads: 0 }, trimmed, 0)).toEqual(wanted);
    expect(r).not.toBe(c);
  });

  it('E9, E21: no class of what is left changes, whatever was erased, wherever the log begins, wherever a reader does', async () => {
    const history = fc.array(fc.option(fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.infiniteStream(fc.boolean()),
        fc.nat(40),
        fc.nat(40),
        async (sent, some, trim, at) => {
          const blanks = sent.flatMap((_, offset) => (some.next().value === true ? [offset] : []));
          const from = Math.min(at, sent.length - 1);
          const before = await classesOf(sent, { blanks: [], afterReads: 0 }, 0, 0);
          const after = await classesOf(sent, { blanks, afterReads: 0 }, Math.min(trim, sent.length), from);
          for (let offset = from; offset < sent.length; offset++)
            expect([offset, after[offset]]).toEqual([
              offset,
              blanks.includes(offset) ? RecordClass.control : before[offset],
            ]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('E9, E21: its copies are duplicates also for a reader that was under way in the archive while it was erased', async () => {
    const history = fc.array(fc.option(fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        ...[history, fc.infiniteStream(fc.boolean()), fc.nat(40), fc.nat(40), fc.nat(20)],
        async (sent, some, trim, at, afterReads) => {
          const blanks = sent.flatMap((_, offset) => (some.next().value === true ? [offset] : []));
          const from = Math.min(at, sent.length - 1);
          const before = await classesOf(sent, { blanks: [], afterReads: 0 }, 0, 0);
          const after = await classesOf(sent, { blanks, afterReads }, Math.min(trim, sent.length), from);
          for (let offset = from; offset < sent.length; offset++) {
            const possible = [before[offset], ...(blanks.includes(offset) ? [RecordClass.control] : [])];
            expect([offset, possible.includes(after[offset])]).toEqual([offset, true]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
