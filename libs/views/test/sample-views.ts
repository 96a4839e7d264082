import { boolean, date, decimal, enumeration, float, instant, int, stream, text, type Stream } from '@twofold/schemas';
import { componentsOf } from '../src/components.ts';
import type { Measure, View } from '../src/view.ts';
import { fieldExpr } from '../src/testing/field-expr.ts';

export const readings = stream('sensor-readings', {
  fields: {
    sensorId: text().maxLength(64),
    site: text().optional(),
    at: instant('ms'),
    temperature: decimal(3).between(-90, 400),
    pressure: decimal(3).optional(),
    vibration: float({ quantum: 2 ** -20 }).between(0, 1000),
    wide: int()
      .between(-(2 ** 43), 2 ** 43)
      .optional(),
    whole: int(),
    day: date().optional(),
    alarm: boolean().optional(),
    state: enumeration(['idle', 'busy']).optional(),
  },
  id: ['sensorId', 'at'],
  eventTime: 'at',
});

/** Kinds of measures that need nothing but a field. */
type PlainKind = Exclude<Measure['kind'], 'ratio' | 'histogram' | 'countBy' | 'reducer'>;

export type MeasureSpec = readonly [name: string, kind: PlainKind, field: string | null];

/** A view of plain fields, without the language of declarations. */
export function plainView(
  dimensions: readonly string[],
  measures: readonly MeasureSpec[],
  options: {
    readonly sizeMs?: number;
    readonly everyMs?: number;
    readonly buckets?: number;
    readonly precision?: number;
    /** Sessions of this gap instead of windows of a size; buckets of a second. */
    readonly sessionGapMs?: number;
  } = {},
  of: Stream = readings,
): View {
  const list = measures.map(([name, kind, field]): Measure => {
    const about = { name, description: null, unit: null };
    if (kind === 'count') return { ...about, kind, of: field === null ? null : fieldExpr(of, field) };
    if (kind === 'distinct')
      return { ...about, kind, of: fieldExpr(of, field ?? ''), precision: options.precision ?? 4 };
    if (kind === 'quantile') return { ...about, kind, of: fieldExpr(of, field ?? ''), part: 0.9, bits: 6 };
    return { ...about, kind, of: fieldExpr(of, field ?? '') };
  });
  return {
    name: 'plain',
    version: 1,
    description: null,
    owner: null,
    stream: of,
    where: null,
    dimensions: dimensions.map((name) => ({ name, expr: fieldExpr(of, name) })),
    window:
      options.sessionGapMs === undefined
        ? { kind: 'sliding', sizeMs: options.sizeMs ?? 60_000, everyMs: options.everyMs ?? 1_000 }
        : { kind: 'session', gapMs: options.sessionGapMs },
    measures: list,
    derived: [],
    components: componentsOf(list, false, options.sessionGapMs !== undefined),
    levels: [{ widthMs: 1_000, retainMs: null }],
    serve: [{ key: dimensions }],
    buckets: options.buckets ?? 16,
    schedule: null,
    freshness: { warnAfterMs: 2_000, errorAfterMs: 30_000 },
    fingerprint: '0000000000000000',
  };
}

/** Every kind of measure, of every kind of field. */
export const mixedView = plainView(
  ['sensorId', 'alarm', 'whole'],
  [
    ['events', 'count', null],
    ['pressures', 'count', 'pressure'],
    ['sites', 'count', 'site'],
    ['total', 'sum', 'whole'],
    ['pressure', 'avg', 'pressure'],
    ['spread', 'variance', 'wide'],
    ['deviation', 'stddev', 'vibration'],
    ['low', 'min', 'whole'],
    ['high', 'max', 'pressure'],
    ['first', 'min', 'site'],
    ['last', 'max', 'site'],
    ['worst', 'max', 'vibration'],
    ['oldest', 'min', 'day'],
    ['latest', 'max', 'at'],
    ['lowest', 'min', 'temperature'],
    ['anyAlarm', 'max', 'alarm'],
    ['differentSites', 'distinct', 'site'],
    ['differentWholes', 'distinct', 'whole'],
    ['usualPressure', 'quantile', 'pressure'],
  ],
);

/** The headline: rolling minute of three metrics, by sensor. */
export const sensorView = plainView(
  ['sensorId'],
  [
    ['temperature', 'avg', 'temperature'],
    ['pressure', 'avg', 'pressure'],
    ['vibration', 'stddev', 'vibration'],
    ['worst', 'max', 'vibration'],
  ],
);
