import { expect, test } from 'vitest';
import { markTold, registerProject, retireViews, trim, type ControlRow, type Transition } from '../src/index.ts';
import { untoldWith } from '../src/untold.ts';

const row = registerProject({
  project: 'p',
  incarnation: 'i',
  streams: { s: { version: 1, fingerprint: 'f', sliceSize: 16, logIdentity: 'l', origins: [0] } },
  views: ['a', 'b'].map((view) => ({ view, version: 1, fingerprint: 'v', stream: 's' })),
});

function made(transition: Transition | null): ControlRow {
  if (transition === null || !transition.ok) throw new TypeError(JSON.stringify(transition));
  return transition.row;
}

test('releases that are to be told of stay until they were, oldest first', () => {
  const two = {
    ...row,
    ...untoldWith({ ...row, ...untoldWith(row, { release: 'r1', number: 1 }) }, { release: 'r2', number: 2 }),
  };
  expect(two.untold?.map(({ release }) => release)).toEqual(['r1', 'r2']);
  const one = made(markTold(two, 'r1'));
  expect(one.untold).toEqual([{ release: 'r2', number: 2 }]);
  expect(one.sequence).toBe(two.sequence + 1);
  expect(markTold(one, 'r1')).toBeNull();
});

test('when nobody tells for too long the oldest are let go of, and how many is known', () => {
  let full: ControlRow = row;
  for (let number = 1; number <= 203; number++)
    full = { ...full, ...untoldWith(full, { release: `r${number}`, number }) };
  expect(full.untold).toHaveLength(200);
  expect(full.untold?.[0]).toEqual({ release: 'r4', number: 4, skipped: 3 });
});

test('a retired view is in no release any more, and its entries go once no kept release could put it back', () => {
  const retired = made(retireViews(row, ['b'], 'r1'));
  expect(retired.releases.at(-1)).toEqual({ id: 'r1', number: 1, reason: 'RETIRED', entries: { a: 'origin:a@1' } });
  expect(Object.keys(made({ ok: true, row: retired }).entries)).toContain('origin:b@1');
  expect(Object.keys(made(trim(retired, 1)).entries)).toEqual(['origin:a@1']);
  expect(retireViews(row, ['none'], 'r1')).toMatchObject({ ok: false, code: 'UNKNOWN_VIEW' });
  expect(retireViews(row, [], 'r1')).toMatchObject({ ok: false });
});
