import { boolean, date, decimal, enumeration, instant, int, stream, text } from '@twofold/schemas';
import { componentsOf, type Expr, type Measure, type View } from '@twofold/views';
import { fieldExpr } from '@twofold/views/testing';

/** A stream with a field of every shape that engines treat differently. */
export const states = stream('machine-states', {
  fields: {
    machine: text().maxLength(200),
    at: instant('ms'),
    site: text().optional(),
    load: decimal(3).between(-1000, 1000).optional(),
    whole: int(),
    wide: int()
      .between(-(2 ** 43), 2 ** 43)
      .optional(),
    day: date().optional(),
    alarm: boolean().optional(),
    state: enumeration(['idle', 'busy', 'down']).optional(),
  },
  id: ['machine', 'at'],
  eventTime: 'at',
  sliceSize: 16,
});

export type FieldName = 'machine' | 'at' | 'site' | 'load' | 'whole' | 'wide' | 'day' | 'alarm' | 'state';

/** Kinds of measures; the edges and bounds of those that have some are chosen here. */
export type SpecKind = Exclude<Measure['kind'], 'ratio' | 'reducer'>;

export interface ViewSpec {
  readonly dimensions?: readonly FieldName[];
  /** Each `[kind, field]` is a measure; 'count' of null counts events. */
  readonly measures?: readonly (readonly [SpecKind, FieldName | null])[];
  readonly where?: Expr | null;
  /** Sessions of this gap instead of panes; the levels are the widths of their buckets. */
  readonly sessionGapMs?: number;
}

export function field(name: FieldName): Expr {
  return fieldExpr(states, name);
}

/** A view with the levels 1 s, 10 s and 1 min, without the language of declarations and its checks. */
export function engineView(spec: ViewSpec = {}): View {
  const measures = (spec.measures ?? everyMeasure).map(([kind, name], index): Measure => {
    const about = { name: `m${index}`, description: null, unit: null };
    if (kind === 'count') return { ...about, kind, of: name === null ? null : field(name) };
    const of = field(name ?? 'whole');
    // So few registers that a handful of values is beyond the exact set.
    if (kind === 'distinct') return { ...about, kind, of, precision: 4 };
    if (kind === 'quantile') return { ...about, kind, of, part: 0.5, bits: 6 };
    if (kind === 'histogram') return { ...about, kind, of, edges: [-(2 ** 40), 0, 1, 1_000] };
    // So few values that a handful is too many.
    if (kind === 'countBy') return { ...about, kind, of, atMost: 3 };
    return { ...about, kind, of };
  });
  return {
    name: 'engine-view',
    version: 1,
    description: null,
    owner: null,
    stream: states,
    where: spec.where ?? null,
    dimensions: (spec.dimensions ?? ['machine']).map((name) => ({ name, expr: field(name) })),
    window:
      spec.sessionGapMs === undefined
        ? { kind: 'tumbling', sizeMs: 60_000, everyMs: 60_000 }
        : { kind: 'session', gapMs: spec.sessionGapMs },
    measures,
    derived: [],
    components: componentsOf(measures, false, spec.sessionGapMs !== undefined),
    levels: (spec.sessionGapMs === undefined ? [1_000, 10_000, 60_000] : [60_000]).map((widthMs) => ({
      widthMs,
      retainMs: null,
    })),
    serve: [],
    buckets: 8,
    schedule: null,
    freshness: { warnAfterMs: 2_000, errorAfterMs: 30_000 },
    fingerprint: '0123456789abcdef',
  };
}

const everyMeasure: readonly (readonly [SpecKind, FieldName | null])[] = [
  ['count', null],
  ['count', 'load'],
  ['count', 'site'],
  ['sum', 'whole'],
  ['avg', 'load'],
  ['stddev', 'wide'],
  ['min', 'whole'],
  ['max', 'load'],
  ['min', 'site'],
  ['max', 'site'],
  ['min', 'day'],
  ['max', 'alarm'],
  ['max', 'at'],
];

/** Measures whose partials are sketches. */
export const sketches: readonly (readonly [SpecKind, FieldName | null])[] = [
  ['distinct', 'site'],
  ['distinct', 'whole'],
  ['distinct', 'state'],
  ['quantile', 'whole'],
  ['quantile', 'load'],
  ['histogram', 'whole'],
  ['histogram', 'load'],
  ['countBy', 'site'],
  ['countBy', 'whole'],
  ['first', 'site'],
  ['last', 'site'],
  ['first', 'load'],
  ['last', 'whole'],
  ['first', 'alarm'],
];
