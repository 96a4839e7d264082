import { carrying, liftFence, registerProject, type ControlRow, type Transition } from '@twofold/releases';
import { expect, test } from 'vitest';

const first = registerProject({ project: 'p', incarnation: 'i', streams: {}, views: [] });
const change = (row: ControlRow): Transition => ({ ok: true, row: { ...row, sequence: row.sequence + 1 } });
const mark = { job: 'j', fence: 3, run: 'a', slot: 60_000 };

function made(transition: Transition | null): ControlRow {
  if (transition?.ok !== true) throw new RangeError(transition === null ? 'nothing to do' : transition.message);
  return transition.row;
}

test('a change of a run whose job was taken over is refused, whatever it would make', () => {
  const lifted = made(liftFence(first, 'j', 4));
  expect(lifted.sequence).toBe(first.sequence + 1);
  for (const release of [null, 'r1'])
    expect(carrying(lifted, mark, change, release)).toMatchObject({ ok: false, code: 'FENCED' });
  expect(carrying(lifted, { ...mark, fence: 4 }, change, 'r1')).toMatchObject({ ok: true });
  // Another job's fence is none of its business, and what is nobody's job is not fenced.
  expect(carrying(lifted, { ...mark, job: 'k' }, change, 'r1')).toMatchObject({ ok: true });
  expect(carrying(lifted, null, change, 'r1')).toEqual(change(lifted));
});

test('a fence only rises, and lifting it keeps what was done last', () => {
  const done = made(carrying(first, mark, change, 'r1'));
  expect(done.jobs).toEqual({ j: { fence: 3, run: 'a', slot: 60_000, release: 'r1' } });
  expect(liftFence(done, 'j', 3)).toBeNull();
  expect(made(liftFence(done, 'j', 9)).jobs).toEqual({ j: { fence: 9, run: 'a', slot: 60_000, release: 'r1' } });
});

test('a slot is done by one run: another one of the same slot is refused, old work beside it is not', () => {
  const done = made(carrying(first, mark, change, 'r1'));
  expect(carrying(done, { ...mark, run: 'b', fence: 4 }, change, 'r2')).toMatchObject({ ok: false, code: 'FENCED' });
  const again = made(carrying(done, mark, change, 'r2'));
  expect(again.jobs?.['j']?.release).toBe('r2');
  const old = made(carrying(again, { ...mark, run: 'c', fence: 5, slot: null }, change, 'r3'));
  expect(old.jobs).toEqual({ j: { fence: 5, run: 'a', slot: 60_000, release: 'r2' } });
  expect(made(carrying(old, { ...mark, run: 'd', fence: 6, slot: 120_000 }, change, 'r4')).jobs?.['j']?.slot).toBe(
    120_000,
  );
});
