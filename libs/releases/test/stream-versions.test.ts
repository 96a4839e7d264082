import { knowsVersion, nextStreamVersion, registerProject, type ControlRow, type Transition } from '@twofold/releases';
import { expect, test } from 'vitest';

const state = { version: 1, fingerprint: 'a', sliceSize: 16, logIdentity: 'l', origins: [0, 8] };
const first = registerProject({ project: 'p', incarnation: 'i', streams: { s: state }, views: [] });

function made(transition: Transition): ControlRow {
  if (!transition.ok) throw new RangeError(transition.message);
  return transition.row;
}

test('E9: a new version of a stream is the newest, and those before it stay known', () => {
  const second = made(nextStreamVersion(first, 's', { version: 3, fingerprint: 'c' }));
  expect(second.sequence).toBe(first.sequence + 1);
  expect(second.streams['s']).toEqual({
    ...state,
    version: 3,
    fingerprint: 'c',
    former: [{ version: 1, fingerprint: 'a' }],
  });
  for (const fingerprint of ['a', 'c'])
    expect(second.streams['s'] !== undefined && knowsVersion(second.streams['s'], { version: 9, fingerprint })).toBe(
      true,
    );
  expect(second.releases).toEqual(first.releases);
  const third = made(nextStreamVersion(second, 's', { version: 4, fingerprint: 'd' }));
  expect(third.streams['s']?.former?.map(({ version }) => version)).toEqual([1, 3]);
});

test('E9: a version of a stream that does not follow all that are known is refused', () => {
  const second = made(nextStreamVersion(first, 's', { version: 3, fingerprint: 'c' }));
  expect(nextStreamVersion(second, 's', { version: 3, fingerprint: 'd' })).toMatchObject({ code: 'STREAM_VERSION' });
  expect(nextStreamVersion(second, 's', { version: 2, fingerprint: 'd' })).toMatchObject({ code: 'STREAM_VERSION' });
  expect(nextStreamVersion(second, 's', { version: 4, fingerprint: 'a' })).toMatchObject({
    code: 'ALREADY_REGISTERED',
  });
  expect(nextStreamVersion(second, 't', { version: 4, fingerprint: 'a' })).toMatchObject({ code: 'UNKNOWN_STREAM' });
});
