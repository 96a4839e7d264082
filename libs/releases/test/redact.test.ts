import { describe, expect, test } from 'vitest';
import {
  beginRedaction,
  completeRedaction,
  completeUnviewed,
  correctionsOf,
  growPartitions,
  lanesOf,
  liveRelease,
  promote,
  registerCandidate,
  registerProject,
  rollBack,
  streamOfVersion,
  trim,
  type Candidate,
  type ControlRow,
  type Transition,
} from '@twofold/releases';

const stream = (origins: readonly number[]) => ({
  version: 1,
  fingerprint: 'f',
  sliceSize: 8,
  logIdentity: 'l',
  origins,
});

function project(): ControlRow {
  return registerProject({
    project: 'p',
    incarnation: 'i',
    streams: { s: stream([0, 3]), t: stream([0]) },
    views: [
      { view: 'a', version: 1, fingerprint: 'a1', stream: 's' },
      { view: 'b', version: 1, fingerprint: 'b1', stream: 's' },
      { view: 'c', version: 1, fingerprint: 'c1', stream: 't' },
    ],
  });
}

function candidate(
  row: ControlRow,
  id: string,
  views: Record<string, readonly number[]>,
  options: { version?: number; corrections?: readonly string[]; stream?: string } = {},
): Candidate {
  const live = liveRelease(row);
  const { version = 1, stream: of = 's' } = options;
  const corrections = options.corrections ?? correctionsOf(row, live, of);
  return {
    id,
    registeredAt: 0,
    base: live.id,
    baseEntries: Object.fromEntries(Object.keys(views).map((view) => [view, live.entries[view] ?? null])),
    baseCorrections: { [of]: correctionsOf(row, live, of) },
    entries: Object.entries(views).map(([view, cut]) => ({
      ...{ id: `${id}.${view}`, view, version, fingerprint: `${view}${version}`, stream: of, build: `${id}.${view}` },
      ...{ cut, corrections, watermark: null },
    })),
  };
}

function done(transition: Transition | null): ControlRow {
  if (transition === null || !transition.ok) throw new TypeError(`refused: ${JSON.stringify(transition)}`);
  return transition.row;
}

const code = (transition: Transition): string => (transition.ok ? 'OK' : transition.code);

/** Views a and b live at 20 and 11, over release 0; a version 2 of a that was given up at 4; c's candidate registered. */
function lived(): ControlRow {
  let row = project();
  row = done(registerCandidate(row, candidate(row, 'k0', { a: [4, 3] }, { version: 2 })));
  row = done(registerCandidate(row, candidate(row, 'k1', { a: [20, 11], b: [20, 11] })));
  row = { ...row, candidates: row.candidates.filter(({ id }) => id !== 'k0') };
  row = done(promote(row, 'k1', 'r1'));
  return done(registerCandidate(row, candidate(row, 'k2', { c: [5] }, { stream: 't' })));
}

const redaction = { stream: 's', correction: 'x', cut: [18, 9], base: [] };

describe('E21: a redaction in the control row', () => {
  test('leaves nothing but live when it begins, and no lane or floor below a target, also of a version that nothing names', () => {
    const row = done(beginRedaction(lived(), redaction));
    expect(row.releases.map(({ id }) => id)).toEqual(['r1']);
    expect(row.candidates).toEqual([]);
    expect(Object.keys(row.entries).sort()).toEqual(['k1.a', 'k1.b', 'origin:c@1']);
    expect(row.floors).toEqual({ 'a@1': [20, 11], 'b@1': [20, 11], 'a@2': [18, 9], 'c@1': [0] });
    for (const partition of [0, 1])
      for (const lane of lanesOf(row, 's', partition))
        expect(lane.start).toBeGreaterThanOrEqual([18, 9][partition] ?? 0);
    expect(streamOfVersion(row, 'a@2')).toBe('s');
    expect(row.redactions).toEqual({ s: { correction: 'x', cut: [18, 9], release: null } });
  });

  test('0032: a view that was never live can not be registered below it, and its old floor is raised', () => {
    let row = done(beginRedaction(lived(), redaction));
    const low = candidate(row, 'k3', { a: [12, 9] }, { version: 2, corrections: ['x'] });
    expect(code(registerCandidate(row, low))).toBe('BELOW_FLOOR');
    const fresh = candidate(row, 'k4', { d: [4, 3] }, { corrections: ['x'] });
    expect(code(registerCandidate(row, fresh))).toBe('BELOW_FLOOR');
    const all = candidate(row, 'k5', { a: [20, 12], b: [20, 12] }, { corrections: ['x'] });
    row = done(registerCandidate(row, all));
    row = done(completeRedaction(row, 's', 'k5', 'r2'));
    expect(row.floors['a@2']).toEqual([18, 9]);
  });

  test('is refused while a target is on the speed side, a view is held, or the list is not the plan’s', () => {
    const row = lived();
    expect(code(beginRedaction(row, { ...redaction, cut: [21, 9] }))).toBe('TARGETS_AHEAD');
    expect(code(beginRedaction({ ...row, holds: ['b'] }, redaction))).toBe('VIEW_HELD');
    expect(code(beginRedaction(row, { ...redaction, base: ['y'] }))).toBe('BASE_MOVED');
    const begun = done(beginRedaction(row, redaction));
    expect(code(beginRedaction(begun, { ...redaction, correction: 'z' }))).toBe('REDACTING');
    expect(code(beginRedaction(begun, redaction))).toBe('OK');
  });

  test('lets nobody build its stream without it, and others go on', () => {
    const row = done(beginRedaction(lived(), redaction));
    expect(code(registerCandidate(row, candidate(row, 'k3', { a: [30, 11] })))).toBe('REDACTING');
    expect(code(registerCandidate(row, candidate(row, 'k4', { c: [7] }, { stream: 't' })))).toBe('OK');
    expect(code(completeRedaction(row, 's', 'none', 'r2'))).toBe('NOT_REGISTERED');
    expect(code(completeRedaction(lived(), 's', 'k2', 'r2'))).toBe('NOT_REGISTERED');
  });

  test('is live alone when it is done: no rollback goes past it, and floors stay when entries are trimmed', () => {
    let row = done(beginRedaction(lived(), redaction));
    row = done(growPartitions(row, 's', [0, 3, 0]));
    row = done(registerCandidate(row, candidate(row, 'k3', { a: [22, 11], b: [22, 11] }, { corrections: ['x'] })));
    row = done(registerCandidate(row, candidate(row, 'k4', { c: [7] }, { stream: 't' })));
    row = done(completeRedaction(row, 's', 'k3', 'r2'));
    expect(row.releases.map(({ id, number }) => [id, number])).toEqual([['r2', 2]]);
    expect(row.redactions?.['s']).toEqual({ correction: 'x', cut: [18, 9], release: 2 });
    expect(row.candidates).toEqual([]);
    expect(Object.keys(row.entries).sort()).toEqual(['k3.a', 'k3.b', 'origin:c@1']);
    expect(row.floors).toMatchObject({ 'a@1': [22, 11, 0], 'a@2': [18, 9, 0] });
    const back = [{ view: 'a', from: 'k3.a', to: 'k1.a' }];
    expect(code(rollBack(row, back, 'r3'))).toBe('ENTRY_NOT_RESTORABLE');
    expect(trim(row, 5)).toBeNull();
  });

  test('one view alone can not carry it', () => {
    let row = done(beginRedaction(lived(), redaction));
    row = done(registerCandidate(row, candidate(row, 'k3', { a: [22, 11] }, { corrections: ['x'] })));
    expect(code(completeRedaction(row, 's', 'k3', 'r2'))).toBe('CORRECTIONS_DIFFER');
  });

  test('of a stream that no view reads needs no release; where one reads it, it does', () => {
    const row = { ...lived(), streams: { ...lived().streams, u: stream([0]) } };
    const begun = done(beginRedaction(row, { stream: 'u', correction: 'z', cut: [5], base: [] }));
    expect(code(completeUnviewed(begun, 'u', 'other'))).toBe('NOT_REGISTERED');
    const ended = done(completeUnviewed(begun, 'u', 'z'));
    expect(ended.redactions?.['u']).toEqual({ correction: 'z', cut: [5], release: liveRelease(row).number });
    const read = done(beginRedaction(lived(), redaction));
    expect(code(completeUnviewed(read, 's', 'x'))).toBe('CORRECTIONS_DIFFER');
  });
});
