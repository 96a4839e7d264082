import { noLimit, type Gate } from '@twofold/views';
import { expect, test } from 'vitest';
import { passGates, type ViewDiff } from '../src/index.ts';

const limit: Gate = { ...noLimit, name: 'few rows', severity: 'block', maxRows: 3 };

const unchanged: ViewDiff = {
  ...{ view: 'a', version: 1, cause: 'CORRECTION', incomparable: null, paneMs: 1_000 },
  ...{ rowsCompared: 10, rowsChanged: 0, rowsAdded: 0, rowsRemoved: 0, keysAdded: 0, keysRemoved: 0 },
  ...{ measures: [], buckets: [], movers: [] },
};

const passed = (gate: Gate, ...views: ViewDiff[]) => passGates([gate], views).map((each) => each.passed);

test('a gate of one view is held against that view', () => {
  const other: ViewDiff = { ...unchanged, view: 'b', rowsChanged: 4 };
  expect(passed({ ...limit, view: 'a' }, unchanged, other)).toEqual([true]);
  expect(passed({ ...limit, view: 'b' }, unchanged, other)).toEqual([false]);
  expect(passed(limit, unchanged, other)).toEqual([false]);
});

test('a limit of rows counts those that change, come and go, of one view', () => {
  expect(passed(limit, { ...unchanged, rowsChanged: 1, rowsAdded: 1, rowsRemoved: 1 })).toEqual([true]);
  expect(passed(limit, { ...unchanged, rowsChanged: 2, rowsAdded: 1, rowsRemoved: 1 })).toEqual([false]);
  expect(passed(limit, { ...unchanged, rowsChanged: 3 }, { ...unchanged, view: 'b', rowsAdded: 3 })).toEqual([true]);
});

test('what can not be compared is within no limit, and no limit of rows or share leaves it be', () => {
  const other = { ...unchanged, incomparable: 'it has other measures' };
  expect(passGates([limit], [other])).toMatchObject([{ passed: false, detail: /it has other measures/ }]);
  expect(passed({ ...limit, maxRows: null }, other)).toEqual([true]);
});

test('what an audit found is told before a limit', () => {
  const findings = [{ gate: 'few rows', rows: 2, first: 'key ["s1"]' }];
  const [result] = passGates([limit], [{ ...unchanged, rowsChanged: 9 }], findings);
  expect(result).toEqual({
    ...{ gate: 'few rows', severity: 'block', passed: false },
    detail: '2 rows do not meet it, the first is key ["s1"]',
  });
});
