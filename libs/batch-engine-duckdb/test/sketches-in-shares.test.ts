import { createJsEngine } from '@twofold/batch-engine';
import {
  archivedColumnsOf,
  chunkHex,
  engineView,
  foldAll,
  states,
  type EventFile,
} from '@twofold/batch-engine/testing';
import { recordingLogger } from '@twofold/service/testing';
import { afterEach, expect, it } from 'vitest';
import { makeTestEngine, type TestEngine } from './test-engine.ts';

const groups = 30_000;
let made: TestEngine | null = null;

afterEach(async () => {
  await made?.dispose();
  made = null;
});

/** Three events for each of many machines, so that no set is large and there are many of them. */
const file: EventFile = {
  partition: 0,
  from: 0,
  to: groups * 3,
  events: Array.from({ length: groups * 3 }, (_, offset) => ({
    offset,
    time: offset % 50,
    values: {
      machine: `m${(offset * 7_919) % groups}`,
      at: 0,
      whole: offset,
      site: `s${offset % 5_003}`,
      load: offset % 1_000,
    },
  })),
};

it('sets that do not fit in memory at once are folded in shares of the groups, each group once', async () => {
  const view = engineView({
    dimensions: ['machine'],
    measures: [
      ['distinct', 'whole'],
      ['distinct', 'site'],
      ['distinct', 'load'],
      ['sum', 'whole'],
    ],
  });
  const logger = recordingLogger();
  made = makeTestEngine({ memoryLimitBytes: 60_000_000, logger });
  const files = await made.makeSource(states, [file]);
  const job = { view, widthMs: 60_000, files, panes: null, sliceSize: null };
  const blocks = await foldAll(made.engine, job);
  expect(logger.entries).toContainEqual(expect.objectContaining({ facts: { view: view.name, shares: 8 } }));
  expect(blocks.reduce((sum, { count }) => sum + count, 0)).toBe(groups);
  const js = createJsEngine(() => Promise.resolve(archivedColumnsOf(states, file)));
  expect(chunkHex(view, 60_000, blocks)).toBe(chunkHex(view, 60_000, await foldAll(js, job)));
}, 120_000);
