import type { CorrectionPlan } from '@twofold/corrections';
import type { Operations } from '../src/index.ts';
import { T0 } from './plant.ts';

const plan: CorrectionPlan = {
  ...{ format: 1, id: 'p1', stream: 'readings', streamFingerprint: 'f', kind: 'retract', reverts: null },
  ...{ reason: 'wet', ticket: null, author: 'ann', approver: null, idempotencyKey: 'k', plannedAt: T0 },
  ...{ asked: "sensor = 'a'", cut: [3, 4], base: [], countedEvents: 9, recordsRead: 12, rows: null, touched: [] },
  targets: { count: 2, sha256: 'x' },
  sample: [{ source: 0, offset: 1, eventTime: T0, fields: { sensor: 'a', value: 7 } }],
  effects: [
    {
      ...{ view: 'bySensor', version: 1, keys: 1, panes: 2, partsToBuild: 3, partsShared: 4 },
      ...{ recordsToRead: 12, rowsToWrite: 5 },
    },
  ],
  ...{ collisions: [], fingerprint: 'print' },
};

const inverse: CorrectionPlan = {
  ...{ ...plan, id: 'p2', kind: 'add', reverts: 'c1', targets: null, sample: [] },
  takesBack: { comes: 2, goes: 1, erased: 3 },
  sampleAdded: [{ source: null, offset: 0, eventTime: T0, fields: { sensor: 'a', value: 7 } }],
};

/** What was asked of the operations, and what they answer. */
export function fakeOperations(): {
  calls: [string, ...unknown[]][];
  operations: Operations;
  fails: Map<string, Error>;
} {
  const calls: [string, ...unknown[]][] = [];
  const fails = new Map<string, Error>();
  const answers: Partial<Record<keyof Operations, unknown>> = {
    planCorrection: plan,
    planRevert: inverse,
    plan,
    applyPlan: {
      correction: 'c1',
      release: 'r2',
      alreadyInForce: false,
      diff: null,
      facts: { recordsRead: 12 },
      certificate: null,
    },
    diff: null,
    corrections: [],
    releases: [{ id: 'r1', number: 1, reason: 'PROMOTED', live: true, restorable: true, corrections: ['c1'] }],
    rollBack: { release: 'r3', number: 3 },
    letGo: ['bySensor'],
    retireView: { release: 'r4', number: 4 },
    pauseSchedule: { schedule: 'nightly', asked: null },
    retryRun: { schedule: 'nightly', asked: 'a1' },
    backfill: { schedule: 'nightly', asked: 'a2' },
    certificate: {
      ...{ format: 1, correction: 'c9', stream: 'readings', asked: 'sensor = …', reason: 'ticket 12', ticket: null },
      ...{
        author: 'ann',
        approver: 'bob',
        plannedAt: T0,
        finishedAt: T0,
        cut: [3],
        targets: { count: 7, sha256: 'x' },
      },
      ...{ release: { number: 4, id: 'r4' }, counts: {}, goneBy: 'NEVER', beyond: ['backups'] },
      places: [
        { place: 'store', goneBy: null, how: 'gone' },
        { place: 'log', goneBy: T0, how: 'by retention' },
      ],
    },
    deadLetter: {
      ...{ partition: 0, offset: 17, logTime: T0, code: 'WRONG_TYPE', field: 'value', detail: 'a text' },
      base64: Buffer.from('{"value":"7"}').toString('base64'),
    },
    replayDeadLetters: plan,
  };
  const operations = new Proxy({} as Operations, {
    get:
      (_, name) =>
      (...given: unknown[]) => {
        calls.push([String(name), ...given]);
        const error = fails.get(String(name));
        return error === undefined ? Promise.resolve(answers[name as keyof Operations]) : Promise.reject(error);
      },
  });
  return { calls, operations, fails };
}
