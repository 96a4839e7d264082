import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decimal, instant, int, stream, text, type Stream } from '@twofold/schemas';
import { count, max, min, project, sum, tumbling, view, type Project, type View } from '@twofold/views';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareLock } from '../src/check/compare-lock.ts';
import { aboutText, durationText } from '../src/check/duration-text.ts';
import { LOCK, lockText, readLock, writeLock, type LockFile } from '../src/check/lock-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-check-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const fields = { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-100, 100) };
const declared = { fields, id: ['sensor', 'at'], eventTime: 'at' } as const;
const readings = stream('readings', declared);
const rest = { window: tumbling('1m'), levels: { '1m': '30d' }, serve: [{ key: ['sensor'] }] } as const;

function minute(from: Stream<(typeof readings)['__fields'] & object>, version = 1): View {
  return view('minute', {
    ...rest,
    ...{ from, version },
    dimensions: (e) => ({ sensor: e.sensor }),
    measures: (e) => ({ events: count(), total: sum(e.value), most: max(e.value) }),
  });
}

const base = project('plant', { streams: [readings], views: [minute(readings)] });
const none: ReadonlySet<string> = new Set();
const locked = compareLock(base, null, none).lock;

function compare(changed: Project, lock: LockFile | null = locked, accepted = none) {
  return compareLock(changed, lock, accepted);
}

/** The findings about one declaration, told shortly. */
function toldOf(changed: Project, name: string, lock: LockFile | null = locked) {
  const found = compare(changed, lock).findings.find((one) => one.name === name);
  return {
    ...{ state: found?.state, effect: found?.effect, wrong: found?.error !== null },
    changes: found?.changes.map(
      (one) => `${one.path} ${JSON.stringify(one.from)} → ${JSON.stringify(one.to)} ${one.effect}`,
    ),
  };
}

const withView = (changed: View) => project('plant', { streams: [changed.stream], views: [changed] });

describe('a project beside its lock', () => {
  test('is the same when nothing has changed, and new without a lock', () => {
    expect(compare(base).findings.map(({ state }) => state)).toEqual(['same', 'same']);
    expect(compare(base, null).findings.map(({ state, error }) => [state, error])).toEqual([
      ['new', null],
      ['new', null],
    ]);
    expect(lockText(compare(base).lock)).toBe(lockText(locked));
  });

  test('is refused when a view means something else under its version, and says what and what to do', () => {
    const changed = view('minute', {
      ...rest,
      ...{ from: readings, version: 1 },
      where: (e) => e.value.greaterThan(5),
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ events: count(), total: sum(e.value), most: min(e.value) }),
    });
    expect(toldOf(withView(changed), 'minute')).toEqual({
      ...{ state: 'changed', effect: 'breaking', wrong: true },
      changes: [
        'where null → "value > 5" backfill',
        'measures.most {"name":"most","unit":null,"kind":"max","of":"value"} → {"name":"most","unit":null,"kind":"min","of":"value"} breaking',
      ],
    });
    const { findings, lock } = compare(withView(changed));
    expect(findings.find(({ name }) => name === 'minute')?.error).toMatch(/Raise its version to 2.*--accept minute/);
    expect(lockText(lock)).toBe(lockText(locked));
    const accepted = compare(withView(changed), locked, new Set(['minute']));
    expect(accepted.findings.find(({ name }) => name === 'minute')?.error).toBeNull();
    expect(accepted.lock.views['minute']?.['1']?.fingerprint).toBe(changed.fingerprint);
  });

  test('may raise a version: old ones stay locked, and what it means for history is told', () => {
    const next = view('minute', {
      ...rest,
      ...{ from: readings, version: 2 },
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ events: count(), total: sum(e.value), most: max(e.value), least: min(e.value) }),
    });
    expect(toldOf(withView(next), 'minute')).toMatchObject({ state: 'version', effect: 'additive', wrong: false });
    const { lock } = compare(withView(next));
    expect(Object.keys(lock.views['minute'] ?? {})).toEqual(['1', '2']);
    // The older program is still what it was.
    expect(compare(base, lock).findings.map(({ state }) => state)).toEqual(['same', 'same']);
    const third = { ...lock.views['minute'], '4': lock.views['minute']?.['2'] ?? { fingerprint: '', declaration: {} } };
    expect(toldOf(withView(minute(readings, 3)), 'minute', { ...lock, views: { minute: third } })).toMatchObject({
      state: 'below',
      wrong: true,
    });
  });

  test('may change what decides no number under the same version; the lock is then not current', () => {
    const kept = view('minute', {
      ...rest,
      ...{ from: readings, version: 1, levels: { '1m': '7d' }, owner: 'plant-ops' },
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ events: count(), total: sum(e.value), most: max(e.value) }),
    });
    expect(toldOf(withView(kept), 'minute')).toMatchObject({ state: 'details', effect: 'breaking', wrong: false });
    expect(lockText(compare(withView(kept)).lock)).not.toBe(lockText(locked));
  });

  test('names what is locked and no longer declared', () => {
    expect(compare(project('plant', { streams: [readings], views: [] })).gone).toEqual(['view minute']);
  });
});

const { value: _value, ...withoutValue } = fields;
const changes: readonly (readonly [string, Stream, string, boolean])[] = [
  [
    'an optional field more',
    stream('readings', { ...declared, version: 2, fields: { ...fields, note: text().optional() } }),
    'additive',
    false,
  ],
  [
    'a required field more',
    stream('readings', { ...declared, version: 2, fields: { ...fields, note: text() } }),
    'breaking',
    true,
  ],
  ['a field less', stream('readings', { ...declared, version: 2, fields: withoutValue }), 'breaking', true],
  [
    'bounds that are narrower',
    stream('readings', { ...declared, version: 2, fields: { ...fields, value: decimal(2).between(0, 100) } }),
    'breaking',
    true,
  ],
  [
    'bounds that are wider',
    stream('readings', { ...declared, version: 2, fields: { ...fields, value: decimal(2).between(-200, 100) } }),
    'backfill',
    false,
  ],
  [
    'the same bounds with more digits',
    stream('readings', { ...declared, version: 2, fields: { ...fields, value: decimal(3).between(-100, 100) } }),
    'backfill',
    false,
  ],
  [
    'fewer digits',
    stream('readings', { ...declared, version: 2, fields: { ...fields, value: int().between(-100, 100) } }),
    'breaking',
    true,
  ],
  [
    'a field that may be missing',
    stream('readings', {
      ...declared,
      version: 2,
      fields: { ...fields, value: decimal(2).between(-100, 100).optional() },
    }),
    'backfill',
    false,
  ],
  [
    'another key',
    stream('readings', {
      ...declared,
      version: 2,
      fields: { ...fields, value: decimal(2).between(-100, 100).from('v') },
    }),
    'breaking',
    true,
  ],
  [
    'another unit of time',
    stream('readings', { ...declared, version: 2, fields: { ...fields, at: instant('s') } }),
    'breaking',
    true,
  ],
  [
    'shorter texts',
    stream('readings', { ...declared, version: 2, fields: { ...fields, sensor: text().maxLength(8) } }),
    'breaking',
    true,
  ],
  [
    'longer texts',
    stream('readings', { ...declared, version: 2, fields: { ...fields, sensor: text().maxLength(32) } }),
    'backfill',
    false,
  ],
  ['an id of fewer fields', stream('readings', { ...declared, version: 2, id: ['at'] }), 'breaking', true],
  ['a check of skew that is off', stream('readings', { ...declared, version: 2, skew: null }), 'backfill', false],
  ['another lateness', stream('readings', { ...declared, version: 2, lateness: '5m' }), 'additive', false],
  [
    'a breaking change that is declared',
    stream('readings', { ...declared, version: 2, fields: withoutValue, compatibility: 'NONE' }),
    'breaking',
    false,
  ],
];

describe('a new version of a stream', () => {
  test.each(changes)('with %s', (_, changed, effect, wrong) => {
    expect(toldOf(project('plant', { streams: [changed], views: [] }), 'readings')).toMatchObject({
      state: 'version',
      effect,
      wrong,
    });
  });

  test('is compared with all that was ever locked when it is BACKWARD_TRANSITIVE, and with the last when BACKWARD', () => {
    const none2 = stream('readings', { ...declared, version: 2, fields: withoutValue, compatibility: 'NONE' });
    const { lock } = compare(project('plant', { streams: [none2], views: [] }));
    const third = (compatibility: Stream['compatibility']) =>
      toldOf(
        project('plant', {
          streams: [stream('readings', { ...declared, version: 3, fields: withoutValue, compatibility })],
          views: [],
        }),
        'readings',
        lock,
      );
    expect([third('BACKWARD').wrong, third('BACKWARD_TRANSITIVE').wrong]).toEqual([false, true]);
  });

  test('may not send old readers what they reject when it is FORWARD', () => {
    const wider = { ...declared, version: 2, fields: { ...fields, value: decimal(2).between(-200, 100) } };
    const narrow = { ...declared, version: 2, fields: { ...fields, value: decimal(2).between(0, 100) } };
    const wrong = (of: typeof wider, compatibility: Stream['compatibility']) =>
      toldOf(project('plant', { streams: [stream('readings', { ...of, compatibility })], views: [] }), 'readings')
        .wrong;
    expect([wrong(wider, 'FORWARD'), wrong(narrow, 'FORWARD'), wrong(wider, 'FULL'), wrong(narrow, 'FULL')]).toEqual([
      ...[true, false, true, true],
    ]);
  });
});

describe('a lock file', () => {
  test('is read as it was written, and refused when it is none or of a newer format', () => {
    expect(readLock(folder)).toBeNull();
    writeLock(folder, locked);
    expect(readLock(folder)).toEqual(JSON.parse(lockText(locked)));
    for (const wrong of ['{', '[]', '{"format":2}', '{"format":1,"project":"p","streams":{"a":{"1":{}}},"views":{}}']) {
      writeFileSync(path.join(folder, LOCK), wrong);
      expect(() => readLock(folder)).toThrow(expect.objectContaining({ code: 'LOCK_INVALID' }));
    }
  });
});

test('lengths of time are told as declarations write them, and about', () => {
  expect([60_000, 1_500, 86_400_000, 0].map(durationText)).toEqual(['1m', '1500ms', '1d', '0ms']);
  expect([3_276.8, 20_000, 1_640_000, 0.4].map(aboutText)).toEqual(['3.3s', '20s', '27m', '0.4ms']);
});
