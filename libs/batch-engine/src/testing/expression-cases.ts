import type { Expr } from '@twofold/views';
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
];

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
