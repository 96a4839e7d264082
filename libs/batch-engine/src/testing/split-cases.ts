import { expect, it } from 'vitest';
import type { FoldJob, SourceFile } from '../batch-engine.ts';
import type { EngineContext } from './batch-engine-contract.ts';
import { engineView, sketches, states } from './engine-views.ts';
import { sampleFiles } from './event-files.ts';
import { chunkHex, foldAll, partialTexts } from './partial-rows.ts';
import { referenceFold } from './reference-fold.ts';

const widthMs = 10_000;
const view = engineView({ dimensions: ['machine', 'alarm'] });

function jobOf(files: readonly SourceFile[], more: Partial<FoldJob> = {}): FoldJob {
  return { view, widthMs, files, panes: null, sliceSize: null, ...more };
}

export function splitCases(t: EngineContext): void {
  it('adds up: the partials of two ranges of offsets, merged, are those of the whole', async () => {
    const eventFile = sampleFiles(view, 11);
    const files = await t.makeSource(states, eventFile);
    const whole = await foldAll(t.engine, jobOf(files));
    for (const cut of [1, 13, 24, 40]) {
      const below = files.map((file) => ({ ...file, to: Math.max(file.from, Math.min(file.to, cut)) }));
      const above = files.map((file) => ({ ...file, from: Math.min(file.to, Math.max(file.from, cut)) }));
      const parts = [...(await foldAll(t.engine, jobOf(below))), ...(await foldAll(t.engine, jobOf(above)))];
      expect(chunkHex(view, widthMs, parts)).toBe(chunkHex(view, widthMs, whole));
    }
    expect(partialTexts(whole)).toEqual(referenceFold(view, eventFile, { widthMs }));
  });

  it('adds up: sketches of two ranges of offsets, merged, are those of the whole', async () => {
    const of = engineView({ dimensions: ['alarm'], measures: sketches });
    const files = await t.makeSource(states, sampleFiles(of, 16));
    const job = { ...jobOf(files), view: of, widthMs: 60_000 };
    const whole = chunkHex(of, 60_000, await foldAll(t.engine, job));
    for (const cut of [13, 40]) {
      const below = files.map((file) => ({ ...file, to: Math.max(file.from, Math.min(file.to, cut)) }));
      const above = files.map((file) => ({ ...file, from: Math.min(file.to, Math.max(file.from, cut)) }));
      const parts = [below, above].map((half) => foldAll(t.engine, { ...job, files: half, sliceSize: 16 }));
      expect(chunkHex(of, 60_000, (await Promise.all(parts)).flat())).toBe(whole);
    }
  });

  it('adds up: the partials of fine panes, merged, are those of coarse ones', async () => {
    const files = await t.makeSource(states, sampleFiles(view, 12));
    const fine = await foldAll(t.engine, jobOf(files, { widthMs: 1_000 }));
    const coarse = await foldAll(t.engine, jobOf(files, { widthMs: 60_000 }));
    expect(chunkHex(view, 60_000, fine)).toBe(chunkHex(view, 60_000, coarse));
  });

  it('keeps to a range of panes, before 1970 too, its start inside and its end outside', async () => {
    const eventFile = sampleFiles(view, 13);
    const files = await t.makeSource(states, eventFile);
    const whole = partialTexts(await foldAll(t.engine, jobOf(files)));
    const paneOf = (text: string): number => Number(/,(-?\d+)\]:/.exec(text)?.[1]);
    const panes = [...new Set(whole.map(paneOf))].sort((a, b) => a - b);
    expect(panes.length).toBeGreaterThan(5);
    for (const [from, to] of [
      [-10_000, 10_000],
      [panes[1] ?? 0, panes[4] ?? 0],
      [panes[0] ?? 0, panes.at(-1) ?? 0],
      [1_000_000_000_000, 1_000_000_000_000],
    ] as const) {
      const found = partialTexts(await foldAll(t.engine, jobOf(files, { panes: { from, to } })));
      expect(found).toEqual(whole.filter((text) => paneOf(text) >= from && paneOf(text) < to));
    }
  });

  it('splits by partition and base slice, and the slices add up to the whole', async () => {
    const eventFile = sampleFiles(view, 14);
    const files = await t.makeSource(states, eventFile);
    const whole = await foldAll(t.engine, jobOf(files));
    for (const sliceSize of [1, 16, 1024]) {
      const slices = await foldAll(t.engine, jobOf(files, { sliceSize }));
      expect(partialTexts(slices)).toEqual(referenceFold(view, eventFile, { widthMs, sliceSize }));
      expect(chunkHex(view, widthMs, slices)).toBe(chunkHex(view, widthMs, whole));
    }
  });

  it('names a slice by its base start, also where the range begins or a file ends inside it', async () => {
    const eventFile = sampleFiles(view, 15);
    const sources = await t.makeSource(states, eventFile);
    const files = sources.map((file) => ({ ...file, from: Math.min(file.to, Math.max(file.from, 20)) }));
    const kept = eventFile.map((file) => ({ ...file, events: file.events.filter(({ offset }) => offset >= 20) }));
    const slices = await foldAll(t.engine, jobOf(files, { sliceSize: 16 }));
    expect(partialTexts(slices)).toEqual(referenceFold(view, kept, { widthMs, sliceSize: 16 }));
  });

  it('leaves out single positions: a file may be given in many ranges, as corrections leave it', async () => {
    const eventFile = sampleFiles(view, 17);
    const sources = await t.makeSource(states, eventFile);
    // Of each five positions one is left out, and of some files nothing is left.
    const counts = (partition: number, offset: number): boolean => offset % 5 !== partition && offset % 60 > 9;
    const files = sources.flatMap((file) => {
      const positions = Array.from({ length: file.to - file.from }, (_, i) => file.from + i);
      return positions
        .filter((offset) => counts(file.partition, offset))
        .map((offset) => ({ ...file, from: offset, to: offset + 1 }));
    });
    const kept = eventFile.map((file) => ({
      ...file,
      events: file.events.filter(({ offset }) => counts(file.partition, offset)),
    }));
    expect(partialTexts(await foldAll(t.engine, jobOf(files)))).toEqual(referenceFold(view, kept, { widthMs }));
    const survey = await t.engine.survey({ view, files, bucketMs: widthMs });
    expect(survey.applied).toBe(
      kept.flatMap(({ events }) => events).filter((event) => (event.class ?? 0) === 0).length,
    );
  });
}
