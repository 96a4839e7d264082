import fc from 'fast-check';
import { RecordClass } from '@twofold/schemas';
import { expect, it } from 'vitest';
import type { FoldJob } from '../batch-engine.ts';
import type { EngineContext } from './batch-engine-contract.ts';
import { engineView, sketches, states } from './engine-views.ts';
import { eventFiles, sampleFiles } from './event-files.ts';
import { foldAll, partialTexts } from './partial-rows.ts';
import { referenceFold } from './reference-fold.ts';
import type { EventFile, SourceEvent } from './source-events.ts';

/** One file of partition 0 with these events at the offsets from 0 on. */
export function oneFile(events: readonly Omit<SourceEvent, 'offset'>[]): EventFile[] {
  const withOffsets = events.map((event, offset) => ({ ...event, offset }));
  return [{ partition: 0, from: 0, to: events.length, events: withOffsets }];
}

export const plainEvent = { machine: 'm', at: 0, whole: 1 };

export function foldCases(t: EngineContext): void {
  it('folds random events as the plainest program does, every component of every column', async () => {
    const view = engineView({ dimensions: ['machine', 'site', 'alarm', 'whole'] });
    const property = fc.asyncProperty(eventFiles(view), fc.constantFrom(1_000, 60_000), async (files, widthMs) => {
      const sources = await t.makeSource(states, files);
      const blocks = await foldAll(t.engine, { view, widthMs, files: sources, panes: null, sliceSize: null });
      expect(partialTexts(blocks)).toEqual(referenceFold(view, files, { widthMs }));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('folds random events into sketches as the plainest program does, small sets and large ones', async () => {
    const view = engineView({ dimensions: ['alarm'], measures: sketches });
    const property = fc.asyncProperty(eventFiles(view), async (files) => {
      const sources = await t.makeSource(states, files);
      const blocks = await foldAll(t.engine, { view, widthMs: 60_000, files: sources, panes: null, sliceSize: null });
      expect(partialTexts(blocks)).toEqual(referenceFold(view, files, { widthMs: 60_000 }));
    });
    await fc.assert(property, { numRuns: 8 });
  });

  it('gives no partial for no file, for an empty range and for files without an applied record', async () => {
    const view = engineView();
    const rows = [RecordClass.duplicate, RecordClass.rejected].map((cls) => ({
      time: 5,
      values: plainEvent,
      class: cls,
    }));
    const sources = await t.makeSource(states, [
      ...oneFile(rows),
      { partition: 1, from: 3, to: 3, events: [] },
      { partition: 2, from: 0, to: 9, events: [] },
    ]);
    for (const files of [[], sources]) {
      const blocks = await foldAll(t.engine, { view, widthMs: 1_000, files, panes: null, sliceSize: null });
      expect(partialTexts(blocks)).toEqual([]);
    }
  });

  it('counts only the applied records of the range that is asked for', async () => {
    const view = engineView({ dimensions: [], measures: [['sum', 'whole']] });
    const classes = [RecordClass.applied, RecordClass.duplicate, RecordClass.rejected];
    const events = Array.from({ length: 30 }, (_, i) => ({
      time: 100 + i,
      values: { ...plainEvent, whole: 2 ** i },
      class: classes[i % 3] ?? RecordClass.applied,
    }));
    const [source] = await t.makeSource(states, oneFile(events));
    if (source === undefined) return expect.fail('no source');
    const files = [{ ...source, from: 4, to: 22 }];
    const blocks = await foldAll(t.engine, { view, widthMs: 60_000, files, panes: null, sliceSize: null });
    const counted = [6, 9, 12, 15, 18, 21];
    expect(partialTexts(blocks)).toEqual([`[[],0]: ${counted.length} ${counted.reduce((sum, i) => sum + 2 ** i, 0)}`]);
  });

  it('keeps nulls: of a dimension as a value, of a measure as nothing, and of extremes of nothing as null', async () => {
    const view = engineView({
      dimensions: ['site', 'alarm'],
      measures: [
        ['count', 'load'],
        ['avg', 'load'],
        ['min', 'load'],
        ['max', 'state'],
      ],
    });
    const events = [
      { time: -1, values: { ...plainEvent, site: null, alarm: null, load: null } },
      { time: -1, values: { ...plainEvent, site: '', alarm: 0, load: -5, state: 'busy' } },
      { time: -1, values: { ...plainEvent, site: '', alarm: 0, load: null, state: null } },
      { time: 0, values: { ...plainEvent, site: null, alarm: 1, load: 7, state: 'idle' } },
    ];
    const files = await t.makeSource(states, oneFile(events));
    const blocks = await foldAll(t.engine, { view, widthMs: 1_000, files, panes: null, sliceSize: null });
    expect(partialTexts(blocks)).toEqual(
      [
        '[[null,null],-1000]: 1 0 0 null null',
        '[["",0],-1000]: 2 1 -5 -5 "busy"',
        '[[null,1],0]: 1 1 7 7 "idle"',
      ].sort(),
    );
  });

  it('tells texts apart by their code points and orders them so', async () => {
    const texts = [
      '',
      'a',
      'A',
      'é',
      'é',
      '\u0000',
      'a\u0000',
      '\ufeff',
      '\ufeffa',
      '￿',
      '',
      '\u{10000}',
      ' a',
      'a ',
      "'",
      '"',
      '\\',
    ];
    const long = texts.map((text) => `${text} and more than twelve bytes ${text}`);
    const all = [...texts, ...long];
    const view = engineView({ dimensions: ['machine'], measures: [['count', null]] });
    const byTime = engineView({
      dimensions: [],
      measures: [
        ['min', 'machine'],
        ['max', 'machine'],
      ],
    });
    const events = all.map((machine) => ({ time: 0, values: { ...plainEvent, machine } }));
    const eventFile = oneFile(events);
    const files = await t.makeSource(states, eventFile);
    for (const asked of [view, byTime]) {
      const blocks = await foldAll(t.engine, { view: asked, widthMs: 1_000, files, panes: null, sliceSize: null });
      expect(partialTexts(blocks)).toEqual(referenceFold(asked, eventFile, { widthMs: 1_000 }));
    }
  });

  it('sums exactly at the ends of the ranges', async () => {
    const view = engineView({
      dimensions: [],
      measures: [
        ['sum', 'whole'],
        ['variance', 'wide'],
        ['min', 'whole'],
        ['max', 'whole'],
      ],
    });
    const wholes = [2 ** 53, 2 ** 53, -(2 ** 53), 2 ** 53, 1, 2 ** 53 - 1];
    const wides = [2 ** 43, -(2 ** 43), 2 ** 43, 2 ** 43 - 1, 2 ** 26, 1];
    const events = wholes.map((whole, i) => ({ time: 0, values: { ...plainEvent, whole, wide: wides[i] ?? null } }));
    const eventFile = oneFile([...events, ...events, ...events]);
    const files = await t.makeSource(states, eventFile);
    const blocks = await foldAll(t.engine, { view, widthMs: 1_000, files, panes: null, sliceSize: null });
    expect(partialTexts(blocks)).toEqual(referenceFold(view, eventFile, { widthMs: 1_000 }));
  });

  it('never wraps: squares beyond the bound of a declaration are exact, or refused with ENGINE_OVERFLOW', async () => {
    const view = engineView({ dimensions: [], measures: [['variance', 'whole']] });
    const events = Array.from({ length: 3 }, () => ({ time: 0, values: { ...plainEvent, whole: 2 ** 53 - 1 } }));
    const eventFile = oneFile(events);
    const files = await t.makeSource(states, eventFile);
    const job: FoldJob = { view, widthMs: 1_000, files, panes: null, sliceSize: null };
    const outcome = await foldAll(t.engine, job).then(partialTexts, (error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'ENGINE_OVERFLOW', retryable: false });
    else expect(outcome).toEqual(referenceFold(view, eventFile, { widthMs: 1_000 }));
  });

  it('gives every key and pane once, also over many blocks', async () => {
    const view = engineView({ dimensions: ['machine'], measures: [['sum', 'whole']] });
    const events = Array.from({ length: 5_000 }, (_, i) => ({
      time: (i % 1_700) * 1_000,
      values: { ...plainEvent, machine: `machine ${i % 7}`, whole: i },
    }));
    const eventFile = oneFile(events);
    const files = await t.makeSource(states, eventFile);
    const blocks = await foldAll(t.engine, { view, widthMs: 1_000, files, panes: null, sliceSize: null });
    const found = partialTexts(blocks);
    expect(found).toEqual(referenceFold(view, eventFile, { widthMs: 1_000 }));
    expect(new Set(found.map((text) => text.split(':')[0])).size).toBe(found.length);
  });

  it('gives the same partials for any order of files and number of threads', async () => {
    const view = engineView({ dimensions: ['machine', 'state'] });
    const eventFile = sampleFiles(view, 7);
    const expected = referenceFold(view, eventFile, { widthMs: 10_000 });
    const two = await t.another(2);
    for (const { engine, makeSource } of [t, two]) {
      const sources = await makeSource(states, eventFile);
      for (const files of [sources, [...sources].reverse(), [...sources].sort((a, b) => a.from - b.from)]) {
        const blocks = await foldAll(engine, { view, widthMs: 10_000, files, panes: null, sliceSize: null });
        expect(partialTexts(blocks)).toEqual(expected);
      }
    }
    expect(expected.length).toBeGreaterThan(50);
  });
}
