import { expect, it } from 'vitest';
import type { BatchEngine, FoldJob, SourceFile } from '../batch-engine.ts';
import type { EngineContext } from './batch-engine-contract.ts';
import { engineView, states } from './engine-views.ts';
import { sampleFiles } from './event-files.ts';
import { foldAll, partialTexts } from './partial-rows.ts';
import { referenceFold } from './reference-fold.ts';
import type { EventFile } from './source-events.ts';

const view = engineView({ dimensions: ['machine'] });
const widthMs = 1_000;

function jobOf(files: readonly SourceFile[]): FoldJob {
  return { view, widthMs, files, panes: null, sliceSize: null };
}

async function expectWorks(
  engine: BatchEngine,
  files: readonly SourceFile[],
  events: readonly EventFile[],
): Promise<void> {
  expect(partialTexts(await foldAll(engine, jobOf(files)))).toEqual(referenceFold(view, events, { widthMs }));
}

export function faultCases(t: EngineContext): void {
  it('computes nothing for a signal that is aborted already, and works afterwards', async () => {
    const events = sampleFiles(view, 31);
    const files = await t.makeSource(states, events);
    const signal = AbortSignal.abort(new RangeError('before'));
    await expect(foldAll(t.engine, jobOf(files), signal)).rejects.toThrow(new RangeError('before'));
    const survey = t.engine.survey({ view, files, bucketMs: 1_000 }, signal);
    await expect(survey).rejects.toThrow(new RangeError('before'));
    await expectWorks(t.engine, files, events);
  });

  it('stops with the reason of the signal while it computes, and works afterwards', async () => {
    const events = sampleFiles(view, 32);
    const files = await t.makeSource(states, events);
    const controller = new AbortController();
    const running = foldAll(t.engine, jobOf(files), controller.signal);
    const surveying = t.engine.survey({ view, files, bucketMs: 1_000 }, controller.signal);
    const outcomes = Promise.allSettled([running, surveying]);
    controller.abort(new RangeError('enough'));
    for (const outcome of await outcomes) {
      expect(outcome.status).toBe('rejected');
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(new RangeError('enough'));
    }
    await expectWorks(t.engine, files, events);
  });

  it('lets a reader leave after the first block, and works afterwards', async () => {
    const events = sampleFiles(view, 33);
    const files = await t.makeSource(states, events);
    for await (const block of t.engine.fold({ ...jobOf(files), sliceSize: 16 })) {
      expect(block.count).toBeGreaterThan(0);
      break;
    }
    await expectWorks(t.engine, files, events);
  });

  it('answers a second job while the first is read', async () => {
    const events = sampleFiles(view, 34);
    const files = await t.makeSource(states, events);
    const expected = await t.engine.survey({ view, files, bucketMs: 1_000 });
    let blocks = 0;
    for await (const block of t.engine.fold({ ...jobOf(files), sliceSize: 16 })) {
      expect(block.count).toBeGreaterThan(0);
      blocks++;
      expect(await t.engine.survey({ view, files, bucketMs: 1_000 })).toEqual(expected);
      await expectWorks(t.engine, files, events);
      if (blocks === 2) break;
    }
    expect(blocks).toBeGreaterThan(0);
  });

  it('names a file that is not there, and works afterwards', async () => {
    const events = sampleFiles(view, 35);
    const files = await t.makeSource(states, events);
    const [first] = files;
    if (first === undefined) return expect.fail('no file');
    const missing = { ...first, path: `${first.path}-that-is-not-there` };
    const fault = { code: 'ENGINE_FAILED', message: expect.stringContaining(missing.path) as unknown };
    await expect(foldAll(t.engine, jobOf([...files, missing]))).rejects.toMatchObject(fault);
    await expect(t.engine.survey({ view, files: [missing], bucketMs: 1_000 })).rejects.toMatchObject(fault);
    await expectWorks(t.engine, files, events);
  });

  it('refuses every job once it is closed, and ends the one that runs; closing twice is closing once', async () => {
    const other = await t.another(1);
    const { engine } = other;
    const files = await other.makeSource(states, sampleFiles(view, 36));
    const open = engine.fold({ ...jobOf(files), sliceSize: 1 })[Symbol.asyncIterator]();
    await open.next();
    await engine.close();
    await engine.close();
    const closed = { code: 'ENGINE_CLOSED' };
    const rest = async (): Promise<void> => {
      while ((await open.next()).done !== true);
    };
    await expect(rest()).rejects.toMatchObject(closed);
    await expect(foldAll(engine, jobOf(files))).rejects.toMatchObject(closed);
    await expect(engine.survey({ view, files, bucketMs: 1_000 })).rejects.toMatchObject(closed);
  });
}
