import fc from 'fast-check';
import { RecordClass } from '@twofold/schemas';
import { expect, it } from 'vitest';
import type { EngineContext } from './batch-engine-contract.ts';
import { engineView, field, states } from './engine-views.ts';
import { eventFiles } from './event-files.ts';
import { oneFile, plainEvent } from './fold-cases.ts';

const nothing = { buckets: [], maxEventTime: null, applied: 0 };

export function surveyCases(t: EngineContext): void {
  it('surveys the buckets, the latest event time and the number of applied records', async () => {
    const view = engineView();
    const property = fc.asyncProperty(eventFiles(view), async (eventFile) => {
      const files = await t.makeSource(states, eventFile);
      const times = eventFile
        .flatMap(({ events }) => events)
        .filter((event) => (event.class ?? RecordClass.applied) === RecordClass.applied)
        .map(({ time }) => time);
      const buckets = [...new Set(times.map((time) => Math.floor(time / 60_000) * 60_000 + 0))].sort((a, b) => a - b);
      expect(await t.engine.survey({ view, files, bucketMs: 60_000 })).toEqual({
        buckets,
        maxEventTime: times.length === 0 ? null : times.reduce((max, time) => Math.max(max, time)),
        applied: times.length,
      });
    });
    await fc.assert(property, { numRuns: 15 });
  });

  it('surveys only the range that is asked for, and nothing where there is nothing', async () => {
    const view = engineView();
    const events = Array.from({ length: 10 }, (_, i) => ({ time: i * 1_000 - 3_000, values: plainEvent }));
    const [source] = await t.makeSource(states, oneFile(events));
    if (source === undefined) return expect.fail('no source');
    const survey = await t.engine.survey({ view, files: [{ ...source, from: 2, to: 6 }], bucketMs: 2_000 });
    expect(survey).toEqual({ buckets: [-2_000, 0, 2_000], maxEventTime: 2_000, applied: 4 });
    expect(await t.engine.survey({ view, files: [{ ...source, from: 4, to: 4 }], bucketMs: 2_000 })).toEqual(nothing);
    expect(await t.engine.survey({ view, files: [], bucketMs: 2_000 })).toEqual(nothing);
  });

  it("surveys what was read, whatever the view's condition: how far the data reach is not the view's opinion", async () => {
    const view = engineView({
      where: { op: 'isNull', of: field('machine'), type: { kind: 'boolean', nullable: false } },
    });
    const files = await t.makeSource(states, oneFile([{ time: 4_500, values: plainEvent }]));
    const survey = await t.engine.survey({ view, files, bucketMs: 1_000 });
    expect(survey).toEqual({ buckets: [4_000], maxEventTime: 4_500, applied: 1 });
  });
}
