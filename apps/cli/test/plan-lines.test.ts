import type { CorrectionPlan, ReleaseDiff, ShownEvent } from '@twofold/corrections';
import { expect, test } from 'vitest';
import { diffLines, planLines } from '../src/plan-lines.ts';

const at = Date.UTC(2026, 0, 1);
const plan: CorrectionPlan = {
  ...{ format: 1, id: 'p1', stream: 'readings', streamFingerprint: 'f', kind: 'replace', reverts: null },
  ...{ reason: 'wet', ticket: null, author: 'ann', approver: null, idempotencyKey: 'k', plannedAt: at },
  ...{ asked: "sensor = 'a'", cut: [3], base: [], countedEvents: 9, recordsRead: 12, touched: [] },
  ...{ targets: { count: 2, sha256: 'x' }, rows: { count: 2, sha256: 'y' }, sample: [], effects: [], collisions: [] },
  fingerprint: 'print',
};
const event = (source: number | null, value: number): ShownEvent => {
  return { source, offset: 4, eventTime: at, fields: { value } };
};

test('a plan shows what goes and what is added', () => {
  const lines = planLines({ ...plan, sample: [event(0, 7)], sampleAdded: [event(null, 8)] });
  expect(lines).toContain('  hits       2 of the 9 events that count, found among 12 records, and adds 2 rows');
  expect(lines.slice(-6)).toEqual([
    ...['', 'the first of those that go:', '  0:4  2026-01-01T00:00:00.000Z  {"value":7}'],
    ...['', 'the first rows that are added:', '  row 5  2026-01-01T00:00:00.000Z  {"value":8}'],
  ]);
});

test('a plan that takes a correction back shows what comes back, and what a redaction keeps from it', () => {
  const takesBack = { comes: 60, goes: 1, erased: 3 };
  const inverse = { ...plan, ...{ targets: null, rows: null, takesBack, sampleAdded: [event(0, 7)] } };
  const text = planLines(inverse).join('\n');
  expect(text).toContain('hits       1 of the 9 events that count, found among 12 records, and 60 come back');
  expect(text).toContain('erased     3 more, which a redaction erased and nothing brings back');
  expect(text).toContain('the first of those that come back:\n  0:4  ');
});

test('a plan that restates hits nothing, whatever is meant', () => {
  const restate = { ...plan, ...{ kind: 'restate' as const, targets: null, rows: null, sample: [event(0, 7)] } };
  const text = planLines(restate).join('\n');
  expect(text).toContain('hits       none of the 9 events that count: they are folded again as they are');
  expect(text).toContain('the first of them:');
});

test('a difference says where keys come and go', () => {
  const view = {
    ...{ view: 'v', version: 1, cause: 'CORRECTION' as const, incomparable: null, paneMs: 1, rowsCompared: 2 },
    ...{ rowsChanged: 0, rowsAdded: 1, rowsRemoved: 0, keysAdded: 1, keysRemoved: 0 },
    ...{ measures: [], buckets: [], movers: [] },
  };
  const diff: ReleaseDiff = {
    ...{ format: 1, release: 'r', base: 'b', correction: null, plan: null, cut: {}, at, gates: [] },
    views: [view],
  };
  expect(diffLines(diff).join('\n')).toMatch(/Keys come and go in changed stretches of time/);
  expect(diffLines({ ...diff, views: [{ ...view, keysAdded: 0 }] }).join('\n')).not.toMatch(/stretches/);
});
