import type { ControlRow } from '@twofold/releases';
import { StoreError, type ControlRows } from '@twofold/view-store';
import { describe, expect, test } from 'vitest';
import { changeControl, type ControlChange } from '../src/change-control.ts';
import { ensureRegistered } from '../src/register-project.ts';
import { control, project, surroundings, TOPIC } from './sample.ts';

const hold = (row: ControlRow, view: string): ControlRow => ({
  ...row,
  sequence: row.sequence + 1,
  holds: [...row.holds, view],
});

/** Puts `mine` among the holds; undone when `undo` took it out again. */
const change: ControlChange = {
  make: (row) => (row.holds.includes('mine') ? null : { ok: true, row: hold(row, 'mine') }),
  effect: (row) => (row.holds.includes('mine') ? 'DONE' : row.holds.includes('undone') ? 'UNDONE' : 'NOT_DONE'),
};

type Step = (row: ControlRow, control: ControlRows) => Promise<void> | void;

/** A control row whose writes end in an unknown outcome after the given steps, one step a write; then it works. */
async function answeringUnknown(steps: readonly Step[]) {
  const { store, ports, log, clock } = surroundings();
  await log.ensureTopic(TOPIC, { partitions: 1 });
  await ensureRegistered(project(), ports);
  const left = [...steps];
  const rows: ControlRows = {
    ...store.control,
    compareAndSet: async (row) => {
      const step = left.shift();
      if (step === undefined) return store.control.compareAndSet(row);
      await step(row, store.control);
      throw new StoreError('OUTCOME_UNKNOWN', 'no answer came', { retryable: true });
    },
  };
  return { rows, store, clock };
}

const somebodyElse = async (real: ControlRows, view: string): Promise<void> => {
  const row = await real.read();
  if (row !== null) await real.compareAndSet(hold(row, view));
};

describe('E15: an unknown outcome is settled by its effect', () => {
  const cases: readonly [string, readonly Step[], string, readonly string[]][] = [
    ['it was applied', [async (row, real) => void (await real.compareAndSet(row))], 'DONE', ['mine']],
    ['it was not applied and nothing moved', [() => undefined], 'DONE', ['mine']],
    [
      'it was not applied and the sequence moved',
      [(_, real) => somebodyElse(real, 'other')],
      'DONE',
      ['other', 'mine'],
    ],
    [
      'it was applied and somebody went on from there',
      [
        async (row, real) => {
          await real.compareAndSet(row);
          await somebodyElse(real, 'other');
        },
      ],
      'DONE',
      ['mine', 'other'],
    ],
    ['it was applied and undone', [(_, real) => somebodyElse(real, 'undone')], 'UNDONE', ['undone']],
    ['three times in a row', [() => undefined, () => undefined, () => undefined], 'DONE', ['mine']],
  ];
  test.each(cases)('E15: %s', async (_, steps, kind, holds) => {
    const { rows, store, clock } = await answeringUnknown(steps);
    expect((await changeControl(rows, clock, change)).kind).toBe(kind);
    expect((await control(store)).holds).toEqual(holds);
  });

  test('E15: a write that is applied late counts once, and the second attempt fails on the sequence', async () => {
    let late: ControlRow | null = null;
    const { rows, store, clock } = await answeringUnknown([(row) => void (late = row)]);
    let reads = 0;
    const delayed: ControlRows = {
      ...rows,
      read: async () => store.control.read(),
      compareAndSet: async (row) => {
        // The first write comes through just before the second.
        if (++reads === 2 && late !== null) await store.control.compareAndSet(late);
        return rows.compareAndSet(row);
      },
    };
    expect((await changeControl(delayed, clock, change)).kind).toBe('DONE');
    const row = await control(store);
    expect(row.holds).toEqual(['mine']);
    expect(row.sequence).toBe(2);
  });
});

test('E15: twenty changes at once are all made, one sequence each', async () => {
  const { store, clock } = await answeringUnknown([]);
  const names = Array.from({ length: 20 }, (_, i) => `v${i}`);
  await Promise.all(
    names.map((name) =>
      changeControl(store.control, clock, {
        make: (row) => ({ ok: true, row: hold(row, name) }),
        effect: () => 'NOT_DONE',
      }),
    ),
  );
  const row = await control(store);
  expect([...row.holds].sort()).toEqual([...names].sort());
  expect(row.sequence).toBe(21);
});

test('a refusal is given back and writes nothing', async () => {
  const { store, clock } = await answeringUnknown([]);
  const outcome = await changeControl(store.control, clock, {
    make: () => ({ ok: false, code: 'NOT_REGISTERED', message: 'no' }),
    effect: () => 'NOT_DONE',
  });
  expect(outcome).toMatchObject({ kind: 'REFUSED', refusal: { message: 'no' } });
  expect((await control(store)).sequence).toBe(1);
});
