import {
  boolean,
  bytes,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  list,
  stream,
  text,
  uuid,
} from '@twofold/schemas';
import {
  alarm,
  avg,
  calendar,
  count,
  countBy,
  distinct,
  first,
  greatest,
  histogram,
  max,
  project,
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
  when,
} from '../src/index.ts';
import { readings } from './sensor-streams.ts';

/*
 * Definitions that do not compile. What stands in backquotes behind a directive has to be in the compiler's message:
 * `wrong-definitions.test.ts` compiles this file without the directives and looks. Nothing here is ever run.
 */

const fields = { sensor: text(), at: instant('ms'), value: decimal(2), note: text().optional() };
const roles = { id: ['sensor', 'at'], eventTime: 'at' } as const;
/** A view that is right, to be spoiled in one place at a time. */
const rest = { from: readings, version: 1, window: tumbling('1m'), levels: { '1s': '2d' } } as const;
const keyless = { ...rest, dimensions: () => ({}), serve: [{ key: [] }] } as const;
/** A reducer but for its inputs and what it shows. */
const longest = {
  zero: '',
  lift: ({ note }: { readonly note: string | null }): string => note ?? '',
  plus: (a: string, b: string): string => (a > b ? a : b),
  present: (state: string): string => state,
};
const numbered = { ...longest, shows: 'number' } as const;
const counted = { ...keyless, measures: () => ({ readings: count() }) } as const;

export const wrongStreams = (): unknown[] => [
  // @ts-expect-error the id is no field: `"sensorId"` `Did you mean` `"sensor"`
  stream('wrong', { fields, id: ['sensorId'], eventTime: 'at' }),
  // @ts-expect-error an id that may be missing: `"note"` `"sensor" | "at" | "value"`
  stream('wrong', { fields, id: ['note'], eventTime: 'at' }),
  // @ts-expect-error the event time is a text: `"sensor"` `"at"`
  stream('wrong', { fields, id: ['sensor'], eventTime: 'sensor' }),
  // @ts-expect-error the event time is a number: `"value"` `"at"`
  stream('wrong', { fields, id: ['sensor'], eventTime: 'value' }),
  // @ts-expect-error the event time is no field: `"time"` `"at"`
  stream('wrong', { fields, id: ['sensor'], eventTime: 'time' }),
  // @ts-expect-error no event time at all: `'eventTime' is missing`
  stream('wrong', { fields, id: ['sensor'] }),
  // @ts-expect-error no id at all: `'id' is missing`
  stream('wrong', { fields, eventTime: 'at' }),
  // @ts-expect-error a partition key that may be missing: `"note"` `"sensor" | "at" | "value"`
  stream('wrong', { fields, ...roles, partitionKey: 'note' }),
  // @ts-expect-error a duration without a unit: `"60"` `${number}s`
  stream('wrong', { fields, ...roles, lateness: '60' }),
  // @ts-expect-error a duration in a unit that there is not: `"5 minutes"` `${number}m`
  stream('wrong', { fields, ...roles, skew: '5 minutes' }),
  // @ts-expect-error a horizon in time: it is counted in offsets: `'string'` `'number'`
  stream('wrong', { fields, ...roles, dedupeHorizon: '1h' }),
  // @ts-expect-error a mode of compatibility that there is not: `"BACKWARDS"` `Did you mean` `"BACKWARD"`
  stream('wrong', { fields, ...roles, compatibility: 'BACKWARDS' }),
  // @ts-expect-error a type instead of a field: `NumberConstructor` `FieldBuilder`
  stream('wrong', { fields: { ...fields, count: Number }, ...roles }),
  // @ts-expect-error an option that there is not: `'retention' does not exist`
  stream('wrong', { fields, ...roles, retention: '7d' }),
];

export const wrongFields = (): unknown[] => [
  // @ts-expect-error a decimal without a scale: `Expected 1 arguments`
  decimal(),
  // @ts-expect-error a float without a quantum: `Expected 1 arguments`
  float(),
  // @ts-expect-error a unit of time that there is not: `"ns"` `"s" | "ms" | "us"`
  instant('ns'),
  // @ts-expect-error values that are no texts: `'number'` `'string'`
  enumeration([1, 2, 3]),
  // @ts-expect-error a bound that is a text: `'string'` `'number'`
  int().between('0', '10'),
  // @ts-expect-error text has no bounds: `'between' does not exist` `TextBuilder`
  text().between('a', 'z'),
  // @ts-expect-error only a decimal is rounded: `'round' does not exist` `"int"`
  int().round(),
  // @ts-expect-error a condition has no unit of measure: `'unit' does not exist` `"boolean"`
  boolean().unit('yes'),
  // @ts-expect-error a number has no pattern: `'matches' does not exist` `DecimalBuilder`
  decimal(2).matches('[0-9]+'),
  // @ts-expect-error an id has no length to set: `'maxLength' does not exist` `"uuid"`
  uuid().maxLength(36),
  // @ts-expect-error a day has no unit of measure: `'unit' does not exist` `"date"`
  date().unit('d'),
];

/** A stream with fields that views only ask about. */
const held = stream('held', {
  fields: { id: text(), at: instant('ms'), tags: list(text()), sizes: list(int()), blob: bytes().optional() },
  id: ['id'],
  eventTime: 'at',
});
const heldRest = { ...rest, from: held, serve: [{ key: [] }], measures: () => ({ n: count() }) } as const;

export const wrongHeldFields = (): unknown[] => [
  // @ts-expect-error a list of lists: `"list"`
  list(list(text())),
  // @ts-expect-error an item that may be null: `true` `false`
  list(text().optional()),
  // @ts-expect-error a list of nothing: `Expected 1 arguments`
  list(),
  // @ts-expect-error bytes have no pattern: `'matches' does not exist` `BytesBuilder`
  bytes().matches('[0-9]+'),
  // @ts-expect-error only lists are unique: `'unique' does not exist` `TextBuilder`
  text().unique(),
  // @ts-expect-error a list as a key: `ListExpression` `TextExpression`
  view('wrong', { ...heldRest, dimensions: (e) => ({ tags: e.tags }) }),
  // @ts-expect-error bytes as a key: `BytesExpression` `TextExpression`
  view('wrong', { ...heldRest, dimensions: (e) => ({ blob: e.blob }) }),
  // @ts-expect-error a number in a list of texts: `'number'` `'string'`
  view('wrong', { ...heldRest, dimensions: () => ({}), where: (e) => e.tags.contains(5) }),
  // @ts-expect-error a text in a list of numbers: `'string'` `'number'`
  view('wrong', { ...heldRest, dimensions: () => ({}), where: (e) => e.sizes.contains('5') }),
  // @ts-expect-error different lists are not counted: `ListExpression` `NumberExpression`
  view('wrong', { ...heldRest, dimensions: () => ({}), measures: (e) => ({ a: distinct(e.tags) }) }),
];

export const wrongMeasures = (): unknown[] => [
  // @ts-expect-error a text has no sum: `TextExpression` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: sum(e.sensorId) }) }),
  // @ts-expect-error an enumeration has no mean: `"on" | "off" | "fault"` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: avg(e.state) }) }),
  // @ts-expect-error a condition has no sum: `BooleanExpression` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: sum(e.tested) }) }),
  // @ts-expect-error an instant has no deviation: `TimeExpression<"instant"` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: stddev(e.at) }) }),
  // @ts-expect-error a day has no variance: `TimeExpression<"date"` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: variance(e.installed) }) }),
  // @ts-expect-error conditions have no order: `BooleanExpression` `NumberExpression` `TimeExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: max(e.tested) }) }),
  // @ts-expect-error a sum of nothing: `Expected 1 arguments`
  view('wrong', { ...keyless, measures: () => ({ a: sum() }) }),
  // @ts-expect-error a number instead of an expression: `'number'` `NumberExpression`
  view('wrong', { ...keyless, measures: () => ({ a: max(1) }) }),
  // @ts-expect-error a field instead of a measure: `NumberExpression` `MeasureBuilder`
  view('wrong', { ...keyless, measures: (e) => ({ a: e.temperature }) }),
  // @ts-expect-error a field that there is not: `'humidity' does not exist`
  view('wrong', { ...keyless, measures: (e) => ({ a: sum(e.humidity) }) }),
  // @ts-expect-error a measure named twice: `multiple properties with the same name`
  view('wrong', { ...keyless, measures: (e) => ({ a: count(), a: sum(e.temperature) }) }),
  // @ts-expect-error a histogram of a text: `TextExpression` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: histogram(e.note, [1]) }) }),
  // @ts-expect-error a histogram without edges: `Expected 2 arguments`
  view('wrong', { ...keyless, measures: (e) => ({ a: histogram(e.temperature) }) }),
  // @ts-expect-error a ratio by a text: `TextExpression` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: ratio(e.temperature, e.note) }) }),
  // @ts-expect-error a bound of countBy by another name: `'most' does not exist`
  view('wrong', { ...keyless, measures: (e) => ({ a: countBy(e.note, { most: 3 }) }) }),
  // @ts-expect-error the first of what is no expression: `No overload matches`
  view('wrong', { ...keyless, measures: () => ({ a: first('note') }) }),
  // @ts-expect-error a reducer that shows something else than it presents: `'string' is not assignable to type 'number'`
  view('wrong', { ...keyless, measures: (e) => ({ a: reducer({ ...numbered, of: { note: e.note } }) }) }),
  // @ts-expect-error a quantile without its part: `Expected 2-3 arguments`
  view('wrong', { ...keyless, measures: (e) => ({ a: quantile(e.temperature) }) }),
  // @ts-expect-error the quantile of a text: `TextExpression` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: quantile(e.note, 0.5) }) }),
  // @ts-expect-error the quantile of an instant: `TimeExpression<"instant"` `NumberExpression`
  view('wrong', { ...keyless, measures: (e) => ({ a: quantile(e.at, 0.5) }) }),
  // @ts-expect-error the error of a quantile is an option by name: `no properties in common`
  view('wrong', { ...keyless, measures: (e) => ({ a: quantile(e.temperature, 0.5, 0.01) }) }),
  // @ts-expect-error a part in words: `'string'` `'number'`
  view('wrong', { ...keyless, measures: (e) => ({ a: quantile(e.temperature, '99%') }) }),
  // @ts-expect-error no measures: `'measures' is missing`
  view('wrong', { ...keyless }),
];

export const wrongConditions = (): unknown[] => [
  // @ts-expect-error a number is no condition: `NumberExpression` `BooleanExpression`
  view('wrong', { ...counted, where: (e) => e.temperature }),
  // @ts-expect-error a value outside of the enumeration: `"of"` `"on" | "off" | "fault"`
  view('wrong', { ...counted, where: (e) => e.state.equals('of') }),
  // @ts-expect-error a value outside of the enumeration, in a list: `"broken"` `"on" | "off" | "fault"`
  view('wrong', { ...counted, where: (e) => e.state.isOneOf(['on', 'broken']) }),
  // @ts-expect-error a text compared with a number: `'number'` `'string`
  view('wrong', { ...counted, where: (e) => e.sensorId.equals(5) }),
  // @ts-expect-error a number compared with a text: `'string'` `'number`
  view('wrong', { ...counted, where: (e) => e.temperature.greaterThan('20') }),
  // @ts-expect-error two fields of different kinds: `"text"` `"number"`
  view('wrong', { ...counted, where: (e) => e.temperature.equals(e.sensorId) }),
  // @ts-expect-error a day compared with an instant: `"date"` `"instant"`
  view('wrong', { ...counted, where: (e) => e.at.lessThan(e.installed) }),
  // @ts-expect-error the length of a number: `'length' does not exist` `NumberExpression`
  view('wrong', { ...counted, where: (e) => e.temperature.length().greaterThan(2) }),
  // @ts-expect-error the year of a text: `'year' does not exist` `TextExpression`
  view('wrong', { ...counted, where: (e) => e.note.year().equals(2026) }),
  // @ts-expect-error the hour of a day: `TimeExpression<"date"` `TimeExpression<"instant"`
  view('wrong', { ...counted, where: (e) => e.installed.hour().equals(3) }),
  // @ts-expect-error the digits of a decimal: `NumberExpression<false, "decimal">` `NumberExpression<false, "int">`
  view('wrong', { ...counted, where: (e) => e.temperature.toText().equals('1.5') }),
  // @ts-expect-error a pattern as JavaScript writes it: `'RegExp'` `'string'`
  view('wrong', { ...counted, where: (e) => e.note.matches(/a+/) }),
  // @ts-expect-error a number put behind a text: `'number'` `'string |`
  view('wrong', { ...counted, where: (e) => e.note.concat(5).equals('5') }),
  // @ts-expect-error the time between an instant and a day: `"date"` `"instant"`
  view('wrong', { ...counted, where: (e) => e.at.since(e.installed).greaterThan(0) }),
  // @ts-expect-error the greatest of texts: `TextExpression` `NumberExpression`
  view('wrong', { ...counted, where: (e) => greatest(e.note, e.sensorId).equals('a') }),
  // @ts-expect-error a comparison as it is written for plain numbers: `Operator '>'` `NumberExpression`
  view('wrong', { ...counted, where: (e) => e.temperature > 20 }),
  // @ts-expect-error a closure over the event gives a plain truth: `'boolean'` `BooleanExpression`
  view('wrong', { ...counted, where: () => true }),
];

export const wrongViews = (): unknown[] => [
  // @ts-expect-error a measure is no access path: `"readings"` `"sensor"`
  view('wrong', { ...counted, dimensions: (e) => ({ sensor: e.sensorId }), serve: [{ key: ['readings'] }] }),
  // @ts-expect-error a text is no list of dimensions: `'key' does not exist`
  view('wrong', { ...counted, serve: { key: 'sensor' } }),
  // @ts-expect-error a window without a unit: `"60"` `${number}m`
  view('wrong', { ...counted, window: sliding('60', { every: '1s' }) }),
  // @ts-expect-error a sliding window says how often: `Expected 2 arguments`
  view('wrong', { ...counted, window: sliding('1m') }),
  // @ts-expect-error a duration is no window: `'string'` `WindowDraft`
  view('wrong', { ...counted, window: '1m' }),
  // @ts-expect-error a level without a unit: `'60'` `${number}m`
  view('wrong', { ...counted, levels: { '60': '2d' } }),
  // @ts-expect-error kept for what is no length of time: `"always"` `"forever"`
  view('wrong', { ...counted, levels: { '1s': 'always' } }),
  // @ts-expect-error no length of time: `"soon"` `${number}s`
  view('wrong', { ...counted, freshness: { warnAfter: 'soon', errorAfter: '30s' } }),
  // @ts-expect-error half of the freshness: `'errorAfter' is missing`
  view('wrong', { ...counted, freshness: { warnAfter: '2s' } }),
  // @ts-expect-error a version is a number: `'string'` `'number'`
  view('wrong', { ...counted, version: '1' }),
  // @ts-expect-error a stream's name is no stream: `'string'` `Stream`
  view('wrong', { ...counted, from: 'sensor-readings' }),
  // @ts-expect-error a schedule is given by its name: `'string'` `schedule`
  view('wrong', { ...counted, batch: '*/15 * * * *' }),
  // @ts-expect-error a dimension is an expression: `'string'` `TextExpression`
  view('wrong', { ...counted, dimensions: () => ({ sensor: 'sensorId' }) }),
  // @ts-expect-error a dimension is no measure: `MeasureBuilder` `TextExpression`
  view('wrong', { ...counted, dimensions: () => ({ sensor: count() }) }),
  // @ts-expect-error an answer to a question that is a number: `NumberExpression` `BooleanExpression`
  view('wrong', { ...counted, dimensions: (e) => ({ warm: when(e.temperature, 1, 0) }) }),
  // @ts-expect-error derived from a measure that there is not: `'worst' does not exist` `readings`
  view('wrong', { ...counted, derived: (m) => ({ twice: m.worst.times(2) }) }),
];

export const wrongProjects = (): unknown[] => [
  // @ts-expect-error a key that is no field: `"machine"` `"sensorId"`
  alarm('wrong', { from: readings, key: 'machine', when: (e) => e.temperature.greaterThan(90) }),
  // @ts-expect-error a severity that there is not: `"fatal"` `"critical"`
  alarm('wrong', { from: readings, key: 'sensorId', severity: 'fatal', when: (e) => e.temperature.greaterThan(90) }),
  // @ts-expect-error a project without views says so by an empty list: `'views' is missing`
  project('wrong', { streams: [readings] }),
  // @ts-expect-error a stream is no view: `Stream` `View`
  project('wrong', { streams: [readings], views: [readings] }),
];

export const wrongWindows = (): unknown[] => [
  // @ts-expect-error a grain that no calendar has: `"fortnight"`
  calendar('fortnight'),
  // @ts-expect-error a zone that is no text: `'number'` `'string'`
  calendar('day', { zone: 60 }),
  // @ts-expect-error an offset in place of a zone: `'offset' does not exist`
  calendar('day', { offset: '+01:00' }),
  // @ts-expect-error a gap without a unit: `"30"` `${number}m`
  session('30'),
  // @ts-expect-error a gap in a unit that there is not: `"30 minutes"` `${number}m`
  session('30 minutes'),
  // @ts-expect-error sessions have no step: `Expected 1 arguments`
  session('30m', { every: '1m' }),
];
