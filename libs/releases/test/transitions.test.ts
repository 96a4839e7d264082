import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cancelCandidate,
  cutAt,
  foldedEntries,
  growPartitions,
  lanesOf,
  liveRelease,
  promote,
  reachableBuilds,
  registerCandidate,
  registerProject,
  releaseHolds,
  rollBack,
  trim,
  viewVersionKey,
  type Candidate,
  type ControlRow,
  type Transition,
} from '@twofold/releases';

const SLICE = 8;

function project(): ControlRow {
  return registerProject({
    project: 'p',
    incarnation: 'i',
    streams: { s: { version: 1, fingerprint: 's1', sliceSize: SLICE, logIdentity: 'l', origins: [0, 3] } },
    views: ['a', 'b'].map((view) => ({ view, version: 1, fingerprint: `${view}1`, stream: 's' })),
  });
}

function candidate(
  row: ControlRow,
  id: string,
  views: Record<string, readonly number[]>,
  options: { version?: number; corrections?: readonly string[] } = {},
): Candidate {
  const live = liveRelease(row);
  const named = Object.keys(views);
  return {
    id,
    registeredAt: 0,
    base: live.id,
    baseEntries: Object.fromEntries(named.map((view) => [view, live.entries[view] ?? null])),
    baseCorrections: { s: [] },
    entries: named.map((view) => ({
      id: `${id}.${view}`,
      view,
      version: options.version ?? 1,
      fingerprint: `${view}${options.version ?? 1}`,
      stream: 's',
      build: `${id}.${view}`,
      cut: views[view] ?? [],
      corrections: options.corrections ?? [],
      watermark: null,
    })),
  };
}

function done(transition: Transition | null): ControlRow {
  if (transition === null || !transition.ok) throw new TypeError(`refused: ${JSON.stringify(transition)}`);
  return transition.row;
}

const code = (transition: Transition | null): string =>
  transition === null ? 'NOTHING' : transition.ok ? 'OK' : transition.code;

describe('E0: one control row for all views', () => {
  test('release 0 has every view at the origin, and the lane there is a remainder when the origin is inside a slice', () => {
    const row = project();
    expect(lanesOf(row, 's', 1).map((lane) => [lane.view, lane.name, lane.start, lane.end])).toEqual([
      ['a', 'base', 8, null],
      ['a', 'remainder:3', 3, 8],
      ['b', 'base', 8, null],
      ['b', 'remainder:3', 3, 8],
    ]);
    expect(lanesOf(row, 's', 0).map((lane) => lane.name)).toEqual(['base', 'base']);
  });

  test('E0: two candidates that name different views are both promoted, each onto live as it then is', () => {
    let row = project();
    const first = candidate(row, 'c1', { a: [10, 10] });
    const second = candidate(row, 'c2', { b: [20, 20] });
    row = done(registerCandidate(row, first));
    row = done(registerCandidate(row, second));
    row = done(promote(row, 'c1', 'r1'));
    row = done(promote(row, 'c2', 'r2'));
    expect(liveRelease(row).entries).toEqual({ a: 'c1.a', b: 'c2.b' });
  });

  test('a candidate whose own entry has moved is refused', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 10] })));
    row = done(registerCandidate(row, candidate(row, 'c2', { a: [20, 20] })));
    row = done(promote(row, 'c2', 'r1'));
    expect(code(promote(row, 'c1', 'r2'))).toBe('BASE_MOVED');
  });

  test('a change of corrections that does not name every view of the stream is refused', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 10] }, { corrections: ['k'] })));
    expect(code(promote(row, 'c1', 'r1'))).toBe('CORRECTIONS_DIFFER');
  });

  test('partitions grow and never shrink, and recorded origins stay', () => {
    const row = done(growPartitions(project(), 's', [0, 3, 7]));
    expect(cutAt(foldedEntries(row)[0]?.cut ?? [], 2, row.streams['s']?.origins ?? [])).toBe(7);
    expect(code(growPartitions(row, 's', [0, 3]))).toBe('PARTITIONS_SHRINK');
    expect(code(growPartitions(row, 's', [1, 3, 7]))).toBe('PARTITIONS_SHRINK');
  });
});

describe('E2 E15: candidates', () => {
  test('an id is registered once', () => {
    let row = project();
    const c = candidate(row, 'c1', { a: [10, 10] });
    row = done(registerCandidate(row, c));
    expect(code(registerCandidate(row, c))).toBe('ALREADY_REGISTERED');
  });

  test('E2: a cut below the floor is refused, and the first registration of a version sets its floor', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 12] }, { version: 2 })));
    expect(row.floors['a@2']).toEqual([10, 12]);
    expect(code(registerCandidate(row, candidate(row, 'c2', { a: [9, 12] }, { version: 2 })))).toBe('BELOW_FLOOR');
  });

  test('the lanes of a candidate are folded before it is promoted', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 12] })));
    expect(lanesOf(row, 's', 0).map((lane) => lane.name)).toContain('remainder:10');
    row = done(cancelCandidate(row, 'c1'));
    expect(lanesOf(row, 's', 0).map((lane) => lane.name)).not.toContain('remainder:10');
    expect(code(promote(row, 'c1', 'r1'))).toBe('NOT_REGISTERED');
  });

  test('a candidate and its base keep their builds reachable', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 12] })));
    row = done(promote(row, 'c1', 'r1'));
    row = done(registerCandidate(row, candidate(row, 'c2', { a: [20, 20] })));
    row = done(registerCandidate(row, candidate(row, 'c3', { a: [30, 30] })));
    row = done(promote(row, 'c2', 'r2'));
    row = done(trim(row, 1));
    expect([...reachableBuilds(row)].sort()).toEqual(['c1.a', 'c2.a', 'c3.a']);
    row = done(cancelCandidate(row, 'c3'));
    row = done(trim(row, 1));
    expect([...reachableBuilds(row)]).toEqual(['c2.a']);
  });
});

describe('E17: rollback', () => {
  test('E17: puts one view back in a new release, keeps the others, and holds the view until it is released', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 10], b: [10, 10] })));
    row = done(promote(row, 'c1', 'r1'));
    row = done(rollBack(row, [{ view: 'a', from: 'c1.a', to: 'origin:a@1' }], 'r2'));
    expect(liveRelease(row).entries).toEqual({ a: 'origin:a@1', b: 'c1.b' });
    expect(code(registerCandidate(row, candidate(row, 'c2', { a: [20, 20] })))).toBe('VIEW_HELD');
    row = done(releaseHolds(row, ['a']));
    expect(code(registerCandidate(row, candidate(row, 'c2', { a: [20, 20] })))).toBe('OK');
  });

  test('is refused when the view is not where the operator saw it, and for an entry that is gone', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'c1', { a: [10, 10] })));
    row = done(promote(row, 'c1', 'r1'));
    expect(code(rollBack(row, [{ view: 'a', from: 'origin:a@1', to: 'c1.a' }], 'r2'))).toBe('BASE_MOVED');
    expect(code(rollBack(row, [{ view: 'a', from: 'c1.a', to: 'c9.a' }], 'r2'))).toBe('ENTRY_NOT_RESTORABLE');
  });

  test('E17: restorable is counted per view: a fast view does not push a slow view out', () => {
    let row = project();
    row = done(registerCandidate(row, candidate(row, 'slow', { b: [5, 5] })));
    row = done(promote(row, 'slow', 'r-slow'));
    for (let n = 1; n <= 40; n++) {
      row = done(registerCandidate(row, candidate(row, `c${n}`, { a: [n * 10, n * 10] })));
      row = done(promote(row, `c${n}`, `r${n}`));
      const trimmed = trim(row, 3);
      if (trimmed !== null) row = done(trimmed);
    }
    expect(Object.keys(row.entries).sort()).toEqual(['c38.a', 'c39.a', 'c40.a', 'origin:b@1', 'slow.b']);
    expect(row.releases.length).toBeLessThan(40);
  });
});

/** Random histories: whatever is tried, these hold after each step. */
describe('the control row over random histories', () => {
  const step = fc.record({
    kind: fc.constantFrom('register', 'promote', 'cancel', 'trim', 'rollback', 'unhold'),
    view: fc.constantFrom('a', 'b'),
    pick: fc.nat(5),
    ahead: fc.tuple(fc.nat(12), fc.nat(12)),
    version: fc.constantFrom(1, 1, 1, 2),
  });

  test('the sequence rises by one, floors only rise, folded cuts stay at or above them, live stays whole', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let row = project();
        let id = 0;
        for (const { kind, view, pick, ahead, version } of steps) {
          const live = liveRelease(row);
          const cut = (row.entries[live.entries[view] ?? '']?.cut ?? []).map((c, p) => c + (ahead[p] ?? 0));
          const chosen = row.candidates[pick % Math.max(1, row.candidates.length)]?.id ?? 'none';
          const others = Object.values(row.entries).filter((entry) => entry.view === view);
          const made =
            kind === 'register'
              ? registerCandidate(row, candidate(row, `c${id++}`, { [view]: cut }, { version }))
              : kind === 'promote'
                ? promote(row, chosen, `r${id++}`)
                : kind === 'cancel'
                  ? cancelCandidate(row, chosen)
                  : kind === 'trim'
                    ? trim(row, 2)
                    : kind === 'unhold'
                      ? releaseHolds(row, [view])
                      : rollBack(
                          row,
                          [{ view, from: live.entries[view] ?? '', to: others[pick % others.length]?.id ?? '' }],
                          `r${id++}`,
                        );
          if (made === null || !made.ok) continue;
          expect(made.row.sequence).toBe(row.sequence + 1);
          for (const [key, floor] of Object.entries(row.floors))
            floor.forEach((f, p) => expect(made.row.floors[key]?.[p] ?? -1).toBeGreaterThanOrEqual(f));
          for (const entry of foldedEntries(made.row))
            entry.cut.forEach((c, p) =>
              expect(c).toBeGreaterThanOrEqual(made.row.floors[viewVersionKey(entry)]?.[p] ?? 0),
            );
          for (const entry of Object.values(liveRelease(made.row).entries))
            expect(made.row.entries[entry]).toBeDefined();
          row = made.row;
        }
      }),
      { numRuns: 400 },
    );
  });
});
