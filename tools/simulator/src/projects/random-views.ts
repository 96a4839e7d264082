import {
  avg,
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
  type DimensionBuilders,
  type EventFields,
  type MeasureBuilders,
  type View,
} from '@twofold/views';
import type { FieldShapes, Stream } from '@twofold/schemas';
import type { Random } from '../rng.ts';
import { COLOURS, type RandomStream } from './random-streams.ts';

type Fields = RandomStream extends Stream<infer F extends FieldShapes> ? EventFields<F> : never;

/** A view over a stream with every kind of field; the same random numbers give the same view. */
export function randomView(of: RandomStream, name: string, version: number, random: Random): View {
  const dimensions = some(random, 1, 3, DIMENSIONS);
  const measures = some(random, 1, 6, MEASURES);
  const condition = random.pick(CONDITIONS);
  const [window, widths] = random.pick(WINDOWS);
  const stored = widths.filter((_, i) => i === 0 || random.chance(0.5));
  return view(name, {
    from: of,
    version,
    ...(condition === null ? {} : { where: condition }),
    dimensions: (e) => pickFrom(dimensions, e),
    window,
    measures: (e) => ({ ...pickFrom(measures, e), events: count(), total: sum(e.price) }),
    derived: (m) => ({
      mean: m.total.dividedBy(m.events),
      many: m.events.greaterThan(3),
      apart: m.total.minus(m.events.times(2.5)).abs().orElse(-1),
    }),
    levels: Object.fromEntries(stored.map((width) => [width, 'forever' as const])),
    serve: [{ key: dimensions.map(([dimension]) => dimension) }],
    buckets: random.pick([1, 3, 8]),
  });
}

type Choice<T> = readonly [name: string, (e: Fields) => T];

const DIMENSIONS: readonly Choice<DimensionBuilders[string]>[] = [
  ['device', (e) => e.device],
  ['colour', (e) => e.colour],
  ['on', (e) => e.on],
  ['day', (e) => e.day],
  ['part', (e) => e.part],
  ['label', (e) => e.label],
  ['third', (e) => e.level.modulo(3)],
  ['step', (e) => e.price.quotient(2_500)],
  ['low', (e) => e.price.lessThan(0)],
];

const MEASURES: readonly Choice<MeasureBuilders[string]>[] = [
  ['levels', (e) => count(e.level)],
  ['labels', (e) => count(e.label)],
  ['level', (e) => sum(e.level)],
  ['force', (e) => sum(e.force)],
  ['value', (e) => sum(e.level.times(e.price))],
  ['meanLevel', (e) => avg(e.level)],
  ['meanPrice', (e) => avg(e.price.abs())],
  ['meanForce', (e) => avg(e.force)],
  ['lowest', (e) => min(e.price)],
  ['highest', (e) => max(e.force)],
  ['firstLabel', (e) => min(e.label)],
  ['lastColour', (e) => max(e.colour)],
  ['firstAt', (e) => min(e.at)],
  ['lastDay', (e) => max(e.day)],
  ['levelVariance', (e) => variance(e.level)],
  ['priceSpread', (e) => stddev(e.price)],
  ['forceSpread', (e) => stddev(e.force)],
  ['devices', (e) => distinct(e.device)],
  ['fewLabels', (e) => distinct(e.label, { precision: 4 })],
  ['prices', (e) => distinct(e.price, { precision: 5 })],
  ['medianPrice', (e) => quantile(e.price, 0.5)],
  ['highLevel', (e) => quantile(e.level, 0.9, { error: 0.1 })],
  ['lowForce', (e) => quantile(e.force.abs(), 0.05, { error: 0.002 })],
  ['openingPrice', (e) => first(e.price)],
  ['closingLabel', (e) => last(e.label)],
  ['wasOn', (e) => last(e.on)],
  ['priceForLevel', (e) => ratio(e.price, e.level)],
  ['priceBins', (e) => histogram(e.price, [-100, 0, 0.5, 20])],
  ['forceBins', (e) => histogram(e.force, [0])],
  ['byColour', (e) => countBy(e.colour)],
  ['byLabel', (e) => countBy(e.label, { atMost: 2 })],
  ['byLevel', (e) => countBy(e.level, { atMost: 5 })],
  ['longestLabel', (e) => longest(e.label, e.level)],
];

/** The longest label with the sum of the levels, a little of each. */
function longest(label: Fields['label'], level: Fields['level']): MeasureBuilders[string] {
  return reducer({
    of: { label, level },
    zero: { longest: '', levels: 0 },
    lift: (values) => ({ longest: values.label ?? '', levels: (values.level ?? 0) % 1_000 }),
    plus: (a, b) => {
      const isA =
        a.longest.length > b.longest.length || (a.longest.length === b.longest.length && a.longest > b.longest);
      return { longest: isA ? a.longest : b.longest, levels: a.levels + b.levels };
    },
    shows: 'text',
    present: ({ longest: text, levels }) => (levels === 0 ? null : `${text} ${levels}`),
  });
}

const CONDITIONS = [
  null,
  null,
  (e: Fields) => e.level.isNotNull(),
  (e: Fields) => e.price.greaterThan(-2_000).and(e.colour.notEquals('red')),
  (e: Fields) => e.on.orElse(true),
  (e: Fields) => e.label.startsWith('a').or(e.on.equals(true)),
  (e: Fields) => e.level.remainder(2).equals(0).not(),
  (e: Fields) => e.colour.isOneOf([...COLOURS.slice(1)]).or(e.force.atMost(0.5)),
] as const;

const WINDOWS = [
  [tumbling('10s'), ['10s', '1m', '10m']],
  [tumbling('1m'), ['10s', '1m', '1h']],
  [tumbling('1h'), ['1m', '10m', '1h']],
  [sliding('1m', { every: '10s' }), ['10s', '1m']],
  [sliding('30s', { every: '10s' }), ['5s', '10s', '30s']],
  [sliding('90s', { every: '30s' }), ['30s', '90s']],
  [sliding('10m', { every: '2m' }), ['1m', '2m']],
  [session('20s'), ['1m']],
  [session('2m'), ['30s']],
  [session('5m'), ['1h']],
  [calendar('day', { zone: 'Europe/Berlin' }), ['10m', '1h']],
  [calendar('hour', { zone: 'Asia/Kolkata' }), ['10m', '30m']],
  [calendar('week', { zone: 'America/New_York' }), ['1h']],
] as const;

/** So many of the choices, each once, in a random order. */
function some<T>(random: Random, fewest: number, most: number, choices: readonly T[]): readonly T[] {
  const left = [...choices];
  return Array.from({ length: random.int(fewest, most) }, () => {
    const [chosen] = left.splice(random.int(0, left.length - 1), 1);
    return chosen;
  }).filter((chosen) => chosen !== undefined);
}

function pickFrom<T>(choices: readonly Choice<T>[], e: Fields): Record<string, T> {
  return Object.fromEntries(choices.map(([name, make]) => [name, make(e)]));
}
