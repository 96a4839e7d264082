import type { ShapesOf } from '@twofold/schemas';
import { alarm, greatest, type Expr } from '@twofold/views';
import { expect, it } from 'vitest';
import type { EngineContext } from './batch-engine-contract.ts';
import { engineView, field, states } from './engine-views.ts';
import { sampleFiles } from './event-files.ts';
import { foldAll, partialTexts } from './partial-rows.ts';
import { referenceFold } from './reference-fold.ts';
import type { SourceEvent } from './source-events.ts';

const truth = { kind: 'boolean', nullable: true } as const;

function number(value: number): Expr {
  const type = { kind: 'number', scale: 0, quantum: null, min: value, max: value, nullable: false } as const;
  return { op: 'literal', value, type };
}

function text(value: string): Expr {
  return { op: 'literal', value, type: { kind: 'text', nullable: false } };
}

type Values = SourceEvent['values'];

/** Conditions, and what they mean in plain words of the language of the tests; null is neither true nor false. */
const conditions: readonly (readonly [string, Expr, (values: Values) => boolean])[] = [
  [
    'a comparison, which is null beside a null',
    { op: 'gt', left: field('load'), right: number(0), type: truth },
    ({ load }) => typeof load === 'number' && load > 0,
  ],
  [
    'the negation of a comparison, which is null too',
    { op: 'not', of: { op: 'gt', left: field('load'), right: number(0), type: truth }, type: truth },
    ({ load }) => typeof load === 'number' && load <= 0,
  ],
  [
    'three-valued or',
    {
      op: 'or',
      args: [
        { op: 'isNull', of: field('load'), type: truth },
        { op: 'lt', left: field('load'), right: number(0), type: truth },
      ],
      type: truth,
    },
    ({ load }) => load === null || Number(load) < 0,
  ],
  [
    'membership',
    { op: 'oneOf', of: field('state'), values: ['idle', 'down'], type: truth },
    ({ state }) => state === 'idle' || state === 'down',
  ],
  [
    'equality of texts',
    { op: 'eq', left: field('machine'), right: text('￿'), type: truth },
    ({ machine }) => machine === '￿',
  ],
  [
    'the beginning of a text',
    { op: 'startsWith', of: field('machine'), text: 'a', type: truth },
    ({ machine }) => String(machine).startsWith('a'),
  ],
  [
    'a floored modulo of negative numbers',
    {
      op: 'eq',
      left: { op: 'modulo', left: field('whole'), right: number(3), type: number(0).type },
      right: number(2),
      type: truth,
    },
    ({ whole }) => ((BigInt(whole ?? 0) % 3n) + 3n) % 3n === 2n,
  ],
  [
    'a truncated remainder of negative numbers',
    {
      op: 'eq',
      left: { op: 'remainder', left: field('whole'), right: number(3), type: number(0).type },
      right: number(-1),
      type: truth,
    },
    ({ whole }) => BigInt(whole ?? 0) % 3n === -1n,
  ],
  ['a boolean field by itself', field('alarm'), ({ alarm }) => alarm === 1],
  [
    'a length in code points and in bytes',
    declared((e) => e.machine.length().equals(1).and(e.machine.byteLength().atLeast(3))),
    ({ machine }) => [...String(machine)].length === 1 && Buffer.byteLength(String(machine)) >= 3,
  ],
  [
    'a part of a text, by code point',
    declared((e) => e.machine.substring(1, 1).equals('a').or(e.machine.last(1).equals('\u{10000}'))),
    ({ machine }) => [...String(machine)][1] === 'a' || String(machine).endsWith('\u{10000}'),
  ],
  [
    'the place of a text, counted from 0, and none',
    declared((e) => e.machine.indexOf('a').equals(0).or(e.site.indexOf('b').equals(-1))),
    ({ machine, site }) => String(machine).startsWith('a') || (typeof site === 'string' && !site.includes('b')),
  ],
  [
    'letters of ASCII made small, blanks cut off, texts put together and replaced',
    declared((e) => e.state.upperAscii().lowerAscii().concat('-', e.site).trim().replace('id', 'x').startsWith('xle-')),
    ({ state, site }) => state === 'idle' && typeof site === 'string',
  ],
  [
    'a pattern over the whole text',
    declared((e) => e.machine.matches('[^a-z]|a(a|b){0,2}')),
    ({ machine }) => /^([^a-z]|a(a|b){0,2})$/u.test(String(machine)),
  ],
  [
    'years, months, days and ISO weeks, before 1970 and after',
    declared((e) =>
      e.day
        .isoWeek()
        .equals(1)
        .and(e.day.month().equals(12))
        .or(e.day.dayOfMonth().greaterThan(e.day.month().times(2)))
        .or(e.day.year().modulo(4).equals(0)),
    ),
    ({ day }) => typeof day === 'number' && isoPart(day),
  ],
  [
    'the hour, minute and day of the week of an instant',
    declared((e) => e.at.hour().lessThan(12).and(e.at.minute().modulo(2).equals(1)).or(e.at.dayOfWeek().equals(7))),
    ({ at }) => {
      const date = new Date(Number(at));
      return (date.getUTCHours() < 12 && date.getUTCMinutes() % 2 === 1) || date.getUTCDay() === 0;
    },
  ],
  [
    'null as a value like any other',
    declared((e) => e.load.isDistinctFrom(e.wide)),
    ({ load, wide }) => (typeof load === 'number' ? load : null) !== (typeof wide === 'number' ? wide * 1_000 : null),
  ],
  [
    'the greatest that is not null, and its sign',
    declared((e) => greatest(e.wide, e.wide.negated(), e.whole.sign()).atMost(0)),
    ({ wide, whole }) => Math.max(Math.sign(Number(whole)), ...(typeof wide === 'number' ? [wide, -wide] : [])) <= 0,
  ],
  [
    'the digits of a number',
    declared((e) => e.wide.toText().last(1).equals('1')),
    ({ wide }) => typeof wide === 'number' && String(wide).endsWith('1'),
  ],
];

/** A condition in the language of views. */
function declared(when: Parameters<typeof alarm<ShapesOf<typeof states>>>[1]['when']): Expr {
  return alarm('declared', { from: states, when, key: 'machine' }).when;
}

function isoPart(day: number): boolean {
  const date = new Date(day * 86_400_000);
  const [month, ofMonth] = [date.getUTCMonth() + 1, date.getUTCDate()];
  // The last days of December are in week 1 when their Thursday is in January.
  const weekday = (date.getUTCDay() + 6) % 7;
  const inFirstWeek = month === 12 && ofMonth - weekday + 3 > 31;
  return inFirstWeek || ofMonth > month * 2 || date.getUTCFullYear() % 4 === 0;
}

export function expressionCases(t: EngineContext): void {
  it.each(conditions)('counts only events where the condition is true: %s', async (_, where, holds) => {
    const view = engineView({ dimensions: ['state'], where });
    const eventFile = sampleFiles(view, 21);
    const files = await t.makeSource(states, eventFile);
    const blocks = await foldAll(t.engine, { view, widthMs: 60_000, files, panes: null, sliceSize: null });
    const expected = referenceFold(view, eventFile, { widthMs: 60_000, where: ({ values }) => holds(values) });
    expect(partialTexts(blocks)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });
}
