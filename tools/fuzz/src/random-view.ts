import {
  avg,
  BooleanExpression,
  calendar,
  count,
  countBy,
  distinct,
  first,
  histogram,
  last,
  max,
  min,
  quantile,
  ratio,
  reducer,
  session,
  sliding,
  stddev,
  sum,
  tumbling,
  variance,
  view,
  type Measure,
  type MeasureBuilder,
  type NumberExpression,
  type View,
} from '@twofold/views';
import type { Draw } from './draw.ts';
import { RandomExpressions } from './random-expressions.ts';
import type { RandomStream } from './random-stream.ts';

/** Stored widths from fine to coarse, and windows that they express. */
const grids = [
  { levels: ['1s', '10s'], windows: [tumbling('10s'), sliding('5s', { every: '1s' }), tumbling('1s')] },
  { levels: ['7s'], windows: [tumbling('7s'), sliding('21s', { every: '7s' })] },
  { levels: ['1m', '1h', '1d'], windows: [tumbling('1h'), sliding('5m', { every: '1m' }), tumbling('1d')] },
  {
    levels: ['1m', '15m'],
    windows: [calendar('day', { zone: 'Asia/Kathmandu' }), calendar('month', { zone: 'Europe/Berlin' })],
  },
  { levels: ['10s'], windows: [session('2s'), session('10s')] },
  { levels: ['5m'], windows: [session('1m')] },
] as const;

/** A view over a random stream: random keys, condition, measures, windows. One measure is of the kind of its turn. */
export function randomView(draw: Draw, { stream }: RandomStream, name: string, turn: number): View {
  const grid = draw.pick(grids);
  const filtered = draw.chance(0.6);
  const keys = draw.int(0, 3);
  return view(name, {
    from: stream,
    version: draw.int(1, 3),
    ...(filtered ? { where: (event) => new RandomExpressions(draw, event).truth(2) } : {}),
    dimensions: (event) => {
      const expressions = new RandomExpressions(draw, event);
      return Object.fromEntries(Array.from({ length: keys }, (_, i) => [`d${i}`, expressions.any(draw.int(0, 2))]));
    },
    window: draw.pick(grid.windows),
    measures: (event) => {
      const expressions = new RandomExpressions(draw, event);
      const drawn: Record<string, MeasureBuilder> = {
        m0: randomMeasure(draw, expressions, MEASURE_KINDS[turn % MEASURE_KINDS.length]),
      };
      for (let i = draw.int(0, 5); i > 0; i--) drawn[`m${i}`] = randomMeasure(draw, expressions);
      return { ...drawn, events: count() };
    },
    derived: (m) => ({ half: m.events.dividedBy(2), many: m.events.greaterThan(3) }),
    levels: Object.fromEntries(grid.levels.map((width) => [width, 'forever' as const])),
    serve: [{ key: [] }],
    buckets: draw.pick([1, 2, 8]),
  });
}

/** Squares of wider numbers are refused. */
const squared = 2 ** 43;

type MeasureKind = Measure['kind'];

export const MEASURE_KINDS: readonly MeasureKind[] = [
  ...(['count', 'sum', 'avg', 'min', 'max', 'variance', 'stddev', 'first', 'last'] as const),
  ...(['ratio', 'histogram', 'countBy', 'reducer', 'distinct', 'quantile'] as const),
];

/** @param wanted of this kind, unless the stream has no number that it could be made of */
function randomMeasure(draw: Draw, expressions: RandomExpressions, wanted?: MeasureKind): MeasureBuilder {
  const depth = draw.int(0, 2);
  const number = expressions.number(depth);
  const ofAny = anyMeasures(draw, expressions, depth);
  const ofNumber = number === null ? [] : numeric(draw, expressions, number);
  const some = [...ofAny, ...ofNumber].filter(([kind]) => kind === wanted);
  const [, make] = draw.one(
    (some.length > 0 ? some : number === null || draw.chance(0.3) ? ofAny : ofNumber).map((each) => () => each),
  );
  return make();
}

type Made = readonly [kind: MeasureKind, make: () => MeasureBuilder];

/** Of texts, times and conditions, which every stream has. */
function anyMeasures(draw: Draw, expressions: RandomExpressions, depth: number): Made[] {
  return [
    ['count', () => count(valued(draw, expressions, depth))],
    ['distinct', () => distinct(valued(draw, expressions, depth), { precision: draw.pick([4, 5, 8, 12]) })],
    ['min', () => min(expressions.text(depth))],
    ['max', () => max(expressions.text(depth))],
    ['min', () => min(expressions.time(depth))],
    ['max', () => max(expressions.time(depth))],
    ['first', () => first(expressions.text(depth))],
    ['last', () => last(expressions.text(depth))],
    ['first', () => first(expressions.time(depth))],
    ['last', () => last(expressions.truth(depth))],
    ['countBy', () => countBy(expressions.text(depth), { atMost: draw.pick([1, 3, 100]) })],
    ['countBy', () => countBy(expressions.time(depth), { atMost: draw.pick([1, 3, 100]) })],
    ['countBy', () => countBy(expressions.truth(depth))],
    ['reducer', () => ownMeasure(expressions, depth)],
  ];
}

function numeric(draw: Draw, expressions: RandomExpressions, number: NumberExpression): Made[] {
  const { type } = number.draft.expr;
  const narrow = type.kind === 'number' && Math.max(-type.min, type.max) <= squared;
  const squares: Made[] = [
    ['stddev', () => stddev(number)],
    ['variance', () => variance(number)],
  ];
  return [
    ['sum', () => sum(number)],
    ['avg', () => avg(number)],
    ['min', () => min(number)],
    ['max', () => max(number)],
    ['quantile', () => quantile(number, draw.pick([0, 0.05, 0.5, 0.99, 1]), { error: draw.pick([0.1, 0.01, 0.001]) })],
    ...(narrow ? squares : []),
    ['first', () => first(number)],
    ['last', () => last(number)],
    ['ratio', () => ratio(number, expressions.number(draw.int(0, 1)) ?? number)],
    ['histogram', () => histogram(number, randomEdges(draw, number))],
    ['countBy', () => countBy(number, { atMost: draw.pick([1, 3, 100]) })],
  ];
}

/** A few values that the expression may have, in its own measure. */
function randomEdges(draw: Draw, { draft }: NumberExpression): number[] {
  const { type } = draft.expr;
  if (type.kind !== 'number') return [0];
  const { min: least, max: most, scale, quantum } = type;
  const units = Array.from({ length: draw.int(1, 6) }, () => draw.integer(least, most));
  const edges = units.map((each) => (quantum === null ? Number(`${each}e-${scale}`) : each * quantum));
  return [...new Set(edges)].sort((a, b) => a - b);
}

/**
 * A reducer over a text and a condition: the first text by code units, and how many events were so. Of texts that no sample
 * of a declaration has, some make it fail: `lift` throws, or gives a fraction.
 */
function ownMeasure(expressions: RandomExpressions, depth: number): MeasureBuilder {
  return reducer({
    of: { label: expressions.text(depth), is: expressions.truth(depth) },
    zero: { least: null as string | null, many: 0, seen: 0 },
    lift: ({ label, is }) => {
      if (label === 'zz ') throw new RangeError('a text that no sample has');
      return { least: label, many: is === true ? 1 : 0, seen: label === ' z' ? 0.5 : 1 };
    },
    plus: (a, b) => ({
      least: a.least === null || (b.least !== null && b.least < a.least) ? b.least : a.least,
      many: a.many + b.many,
      seen: a.seen + b.seen,
    }),
    shows: 'number',
    present: ({ least, many, seen }) => (seen === 0 ? null : ((least?.length ?? 0) + many) / seen),
  });
}

/** Measures of conditions are counts of `when`. */
function valued(draw: Draw, expressions: RandomExpressions, depth: number) {
  const any = expressions.any(depth);
  return any instanceof BooleanExpression ? expressions.time(depth) : any;
}
