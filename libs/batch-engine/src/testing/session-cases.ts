import { expect, it } from 'vitest';
import type { FoldJob, SourceFile } from '../batch-engine.ts';
import type { EngineContext } from './batch-engine-contract.ts';
import { engineView, sketches, states } from './engine-views.ts';
import { sampleFiles } from './event-files.ts';
import { chunkHex, foldAll, partialTexts } from './partial-rows.ts';
import { referenceFold } from './reference-fold.ts';
import type { EventFile } from './source-events.ts';

const widthMs = 60_000;
const sessionGapMs = 2_000;
const view = engineView({ dimensions: ['machine', 'alarm'], sessionGapMs });

function jobOf(files: readonly SourceFile[], more: Partial<FoldJob> = {}): FoldJob {
  return { view, widthMs, files, panes: null, sliceSize: null, ...more };
}

/** Times that are the gap apart, or a millisecond more or less, and many that are equal. */
function near(files: readonly EventFile[]): EventFile[] {
  const steps = [0, 0, 1, sessionGapMs - 1, sessionGapMs, sessionGapMs + 1, 20_000];
  return files.map((file) => ({
    ...file,
    events: file.events.map((event, i) => ({
      ...event,
      time: -30_000 + (steps[i % steps.length] ?? 0) * ((event.offset * 7) % 9),
      values: { ...event.values, machine: ['a', 'b'][i % 2] ?? null, alarm: null },
    })),
  }));
}

export function sessionCases(t: EngineContext): void {
  it('parts the events of a key and bucket into sessions, each with its last event time', async () => {
    for (const eventFile of [sampleFiles(view, 21), near(sampleFiles(view, 22))]) {
      const files = await t.makeSource(states, eventFile);
      const found = partialTexts(await foldAll(t.engine, jobOf(files)));
      expect(found).toEqual(referenceFold(view, eventFile, { widthMs }));
      expect(found.length).toBeGreaterThan(10);
    }
  });

  it('parts sessions slice by slice, and the slices add up to the whole', async () => {
    const eventFile = near(sampleFiles(view, 23));
    const files = await t.makeSource(states, eventFile);
    const whole = chunkHex(view, widthMs, await foldAll(t.engine, jobOf(files)));
    for (const sliceSize of [1, 16, 1024]) {
      const slices = await foldAll(t.engine, jobOf(files, { sliceSize }));
      expect(partialTexts(slices)).toEqual(referenceFold(view, eventFile, { widthMs, sliceSize }));
      expect(chunkHex(view, widthMs, slices)).toBe(whole);
    }
    const parts: string[] = [];
    for (const panes of [
      { from: -600_000, to: 0 },
      { from: 0, to: 600_000 },
    ])
      parts.push(...partialTexts(await foldAll(t.engine, jobOf(files, { panes }))));
    expect(parts.sort()).toEqual(referenceFold(view, eventFile, { widthMs }));
  });

  it('has sketches of sessions', async () => {
    const of = engineView({ dimensions: ['alarm'], measures: sketches, sessionGapMs });
    const eventFile = near(sampleFiles(of, 24));
    const files = await t.makeSource(states, eventFile);
    expect(partialTexts(await foldAll(t.engine, { ...jobOf(files), view: of }))).toEqual(
      referenceFold(of, eventFile, { widthMs }),
    );
  });
}
